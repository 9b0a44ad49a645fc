"""When something was done, by a phone whose clock is wrong, or was set in between."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issues.crew.moments import DeviceTime, when_done

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
MORNING = NOW - timedelta(hours=8)
HEARD_AT = NOW - timedelta(hours=6)
DONE_AT = NOW - timedelta(hours=2)
DAY = timedelta(days=1)


def ms(moment):
    return int(moment.timestamp() * 1000)


def device(*, at_act=timedelta(0), at_sending=None, at_contact=None, heard=True):
    """A phone whose clock is ahead by so much at each of the three moments."""
    at_sending = at_act if at_sending is None else at_sending
    at_contact = at_act if at_contact is None else at_contact
    return DeviceTime(
        ms(DONE_AT + at_act),
        ms(NOW + at_sending),
        ms(HEARD_AT + at_contact) if heard else None,
        HEARD_AT if heard else None,
    )


def done(given_device, floor=MORNING):
    return when_done(given_device, floor=floor, now=NOW)


@pytest.mark.parametrize("wrong", [timedelta(0), DAY, -DAY, 400 * DAY, timedelta(minutes=-7)])
@pytest.mark.parametrize("heard", [True, False])
def test_a_clock_that_is_wrong_all_day_does_no_harm(wrong, heard):
    assert done(device(at_act=wrong, heard=heard)) == DONE_AT


@pytest.mark.parametrize("wrong", [DAY, -DAY])
def test_a_clock_that_is_set_right_before_sending_does_no_harm(wrong):
    assert done(device(at_act=wrong, at_sending=timedelta(0))) == DONE_AT


@pytest.mark.parametrize("wrong", [DAY, -DAY])
def test_a_clock_that_is_set_between_the_last_contact_and_the_act_does_no_harm(wrong):
    assert done(device(at_act=wrong, at_contact=timedelta(0))) == DONE_AT


@pytest.mark.parametrize("wrong", [DAY, -DAY])
def test_a_clock_set_twice_is_at_least_held_within_what_is_possible(wrong):
    found = done(device(at_act=wrong, at_sending=timedelta(0), at_contact=timedelta(0)))
    assert HEARD_AT <= found <= NOW


def test_nothing_happens_before_what_happened_last_to_the_request():
    assert done(device(), floor=NOW - timedelta(hours=1)) == NOW - timedelta(hours=1)


clocks = st.integers(-(10**16), 10**16)


@given(clocks, clocks, st.none() | clocks, st.none() | st.datetimes(timezones=st.just(UTC)))
def test_whatever_a_device_says_the_moment_is_possible(at, sent, heard, heard_at):
    assert MORNING <= done(DeviceTime(at, sent, heard, heard_at)) <= NOW
