"""When a message goes: the night, the digest, and how long a failure is waited out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from issues.conversations.timing import LEASE, MOST_ATTEMPTS, available_at, release_at
from issues.intake.outside import delay_after

CITY = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")  # its clocks are put forward and back
NIGHT = (21, 8)
WINDOW = timedelta(minutes=10)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
hours = st.tuples(st.integers(0, 23), st.integers(0, 23))


def at(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=CITY)


def test_by_day_it_goes_at_once_and_by_night_at_eight():
    assert release_at(at(23, 20, 59), NIGHT, CITY) == at(23, 20, 59)
    assert release_at(at(23, 21), NIGHT, CITY) == at(24, 8)
    assert release_at(at(24, 0, 30), NIGHT, CITY) == at(24, 8)
    assert release_at(at(24, 8), NIGHT, CITY) == at(24, 8)


def test_quiet_hours_may_lie_within_a_day():
    assert release_at(at(23, 12, 30), (12, 14), CITY) == at(23, 14)
    assert release_at(at(23, 14), (12, 14), CITY) == at(23, 14)


@given(moments, st.integers(0, 23))
def test_equal_hours_mean_none(moment, hour):
    assert release_at(moment, (hour, hour), CITY) == moment


@given(moments, hours, st.sampled_from([CITY, NEW_YORK]))
def test_it_never_goes_early_nor_in_the_quiet_hours_nor_a_day_late(moment, quiet, zone):
    first, end = quiet
    free = release_at(moment, quiet, zone)
    assert moment <= free <= moment + timedelta(hours=25)
    assert release_at(free, quiet, zone) == free
    if first != end and free != moment:
        assert free.astimezone(zone).minute == 0


@given(moments, moments)
def test_a_later_moment_is_never_released_earlier(one, other):
    low, high = sorted((one, other))
    assert release_at(low, NIGHT, NEW_YORK) <= release_at(high, NIGHT, NEW_YORK)


def test_after_a_pause_it_goes_at_once_and_else_when_the_window_ends():
    now = at(23, 15)
    assert available_at(now, None, WINDOW, NIGHT, CITY) == now
    assert available_at(now, now - timedelta(hours=1), WINDOW, NIGHT, CITY) == now
    assert available_at(now, now - timedelta(minutes=4), WINDOW, NIGHT, CITY) == now + timedelta(minutes=6)
    assert available_at(at(23, 20, 58), at(23, 20, 55), WINDOW, NIGHT, CITY) == at(24, 8)


@given(st.integers(1, 60), st.uuids())
def test_waiting_doubles_up_to_three_hours_give_or_take_a_half(attempts, key):
    base = min(timedelta(seconds=30) * 2 ** min(attempts - 1, 20), timedelta(hours=3))
    assert base * 0.5 <= delay_after(attempts, key.hex) < base * 1.5


def test_whoever_asks_for_more_time_gets_it_and_a_day_at_most():
    assert delay_after(1, "k", 7200) == timedelta(hours=2)
    assert delay_after(1, "k", 10**9) == timedelta(days=1)
    assert delay_after(1, "k", 1) == delay_after(1, "k")


def test_messages_that_failed_together_do_not_come_back_together():
    assert len({delay_after(3, str(n)) for n in range(50)}) == 50


def test_the_attempts_reach_over_hours_and_a_lease_over_every_timeout():
    assert sum((delay_after(n, "k") for n in range(1, MOST_ATTEMPTS)), timedelta()) > timedelta(hours=2)
    assert timedelta(minutes=1) <= LEASE <= timedelta(minutes=10)
