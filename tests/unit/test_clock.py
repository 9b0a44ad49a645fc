"""How much of its time has run: in any zone, over nights, weekends, holidays and changed clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geo_central.kernel.errors import Conflict, Invalid
from issues.lifecycle import clock
from issues.lifecycle.calendar import BusinessCalendar
from issues.lifecycle.clock import Run, Target, elapsed, extended, moved, resumed, share_of, started

PORTO_ALEGRE = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
CITY = BusinessCalendar(PORTO_ALEGRE, frozenset({date(2026, 12, 25), date(2027, 1, 1)}))
DAYS = Target(CITY, 5, "working_days")
HOURS = Target(CITY, 24, "hours")
CALENDAR_DAYS = Target(CITY, 5, "calendar_days")
NOTHING, HOUR, DAY = timedelta(0), timedelta(hours=1), timedelta(days=1)

zones = st.sampled_from(
    [PORTO_ALEGRE, NEW_YORK, ZoneInfo("UTC"), ZoneInfo("Pacific/Auckland"), ZoneInfo("Australia/Lord_Howe")]
)
hours = st.tuples(st.integers(0, 22), st.integers(1, 23)).filter(lambda h: h[0] < h[1])
calendars = st.builds(
    lambda zone, holidays, day, weekdays: BusinessCalendar(
        zone, holidays, time(day[1]), time(day[0], 30 if day[0] + 1 < day[1] else 0), weekdays
    ),
    zones,
    st.frozensets(st.dates(date(2025, 12, 1), date(2027, 6, 1)), max_size=40),
    hours,
    st.frozensets(st.integers(1, 7), min_size=1),
)
targets = st.builds(
    Target, calendars, st.integers(1, 30), st.sampled_from(["hours", "calendar_days", "working_days"])
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 3, 1), timezones=st.just(UTC))
whiles = st.timedeltas(NOTHING, timedelta(hours=200))


def local(*when: int) -> datetime:
    return datetime(*when, tzinfo=PORTO_ALEGRE)


# ---- plain sentences


def test_nights_and_weekends_do_not_count_in_working_days():
    assert elapsed(DAYS, local(2026, 11, 27, 17), local(2026, 11, 30, 9)) == 2 * HOUR


def test_nights_and_weekends_count_in_hours_and_calendar_days():
    friday, monday = local(2026, 11, 27, 17), local(2026, 11, 30, 17)
    assert elapsed(HOURS, friday, monday) == elapsed(CALENDAR_DAYS, friday, monday) == 3 * DAY


def test_a_holiday_does_not_count():
    assert elapsed(DAYS, local(2026, 12, 24, 17), local(2026, 12, 28, 9)) == 2 * HOUR


def test_the_year_ends_and_counting_goes_on():
    assert moved(DAYS, local(2026, 12, 31, 17), 2 * HOUR) == local(2027, 1, 4, 9)


def test_backwards_as_forwards():
    assert elapsed(DAYS, local(2026, 11, 30, 9), local(2026, 11, 27, 17)) == -2 * HOUR
    assert moved(DAYS, local(2026, 11, 30, 9), -2 * HOUR) == local(2026, 11, 27, 17)


def test_the_warning_comes_when_80_percent_have_run():
    run = started(DAYS, local(2026, 11, 23, 8))  # 6 days of work until Monday the 30th, 18:00
    assert run.due_at == local(2026, 11, 30, 18)
    assert run.warn_at == local(2026, 11, 27, 16)
    assert run.alarm_at == run.warn_at


def test_the_alarm_is_the_warning_then_the_end_then_none():
    at = local(2026, 11, 30, 18)
    assert Run(at, at - DAY).alarm_at == at - DAY
    assert Run(at, at - DAY, warned_at=at - DAY).alarm_at == at
    assert Run(at, at - DAY, warned_at=at - DAY, escalated_at=at).alarm_at is None


def test_a_weekend_of_waiting_takes_nothing_from_working_days():
    run = started(DAYS, local(2026, 11, 23, 8))
    stopped = Run(run.due_at, run.warn_at, stopped_at=local(2026, 11, 27, 18))
    assert resumed(DAYS, stopped, local(2026, 11, 30, 8)).due_at == run.due_at


def test_what_was_overdue_stays_overdue_by_as_much():
    late = Run(local(2026, 11, 26, 18), local(2026, 11, 25, 18), stopped_at=local(2026, 11, 27, 10))
    assert resumed(DAYS, late, local(2026, 12, 1, 10)).due_at == local(2026, 12, 1, 8)


def test_calendar_days_end_on_a_working_day():
    run = Run(local(2026, 11, 25, 18), local(2026, 11, 24, 18), stopped_at=local(2026, 11, 24, 12))
    assert resumed(CALENDAR_DAYS, run, local(2026, 11, 27, 12)).due_at == local(2026, 11, 30, 18)


def test_an_hour_that_the_clocks_skip_is_no_hour():
    night = Target(
        BusinessCalendar(NEW_YORK, frozenset(), time(6), time(0), frozenset({7})), 1, "working_days"
    )
    spring = datetime(2026, 3, 8, tzinfo=NEW_YORK)
    assert elapsed(night, spring, spring + DAY) == 5 * HOUR
    autumn = datetime(2026, 11, 1, tzinfo=NEW_YORK)
    assert elapsed(night, autumn, autumn + DAY) == 7 * HOUR


def test_an_extension_ends_with_a_working_day():
    run = started(DAYS, local(2026, 11, 23, 8))
    longer = extended(DAYS, run, local(2026, 12, 5, 9), local(2026, 11, 24, 9))
    assert longer.due_at == local(2026, 12, 7, 18)
    assert run.warn_at < longer.warn_at < longer.due_at


def test_an_extension_is_once_later_and_no_longer_than_the_time_was():
    run, now = started(DAYS, local(2026, 11, 23, 8)), local(2026, 11, 24, 9)
    with pytest.raises(Invalid, match="too_long"):
        extended(DAYS, run, local(2026, 12, 9, 9), now)
    with pytest.raises(Invalid, match="not_later"):
        extended(DAYS, run, local(2026, 11, 25, 9), now)
    with pytest.raises(Conflict, match="used"):
        clock.once_only(now)


# ---- whatever the calendar, the moment and the time


@given(targets, moments, whiles, whiles)
def test_time_adds_up(target, start, one, other):
    middle, end = start + one, start + one + other
    assert elapsed(target, start, middle) + elapsed(target, middle, end) == elapsed(target, start, end)


@given(targets, moments, whiles)
def test_no_more_time_runs_than_passes(target, start, later):
    assert NOTHING <= elapsed(target, start, start + later) <= later


@given(targets, moments, whiles)
def test_moving_on_lets_exactly_that_time_run(target, start, time):
    assert elapsed(target, start, moved(target, start, time)) == time
    assert elapsed(target, start, moved(target, start, -time)) == -time


@given(targets, moments, whiles, whiles)
def test_moving_twice_is_moving_by_both(target, start, one, other):
    assert moved(target, moved(target, start, one), other) == moved(target, start, one + other)


@given(targets, moments, whiles, whiles)
def test_more_time_and_a_later_start_never_end_earlier(target, start, time, more):
    assert moved(target, start, time) <= moved(target, start, time + more)
    assert moved(target, start, time) <= moved(target, start + more, time)


@given(targets, moments, st.floats(0, 1))
def test_a_share_lies_between(target, start, share):
    due_at = target.calendar.due_at(start, target.amount, target.unit)
    assert start <= share_of(target, start, due_at, share) <= due_at


@given(targets, moments, whiles, whiles)
def test_a_wait_never_brings_the_end_forward(target, start, before, wait):
    run = started(target, start)
    again = resumed(target, Run(run.due_at, run.warn_at, stopped_at=start + before), start + before + wait)
    assert again.due_at >= run.due_at
    assert again.due_at.tzinfo is UTC
    assert again.warn_at <= again.due_at


@given(targets, moments, whiles, whiles)
def test_what_was_left_at_the_stop_is_left_at_the_start(target, start, before, wait):
    assume(target.unit != "calendar_days")
    run, stop = started(target, start), start + before
    left = elapsed(target, stop, run.due_at)
    again = resumed(target, Run(run.due_at, run.warn_at, stopped_at=stop), stop + wait)
    assert elapsed(target, stop + wait, again.due_at) == max(left, elapsed(target, stop + wait, run.due_at))


@given(targets, moments, whiles, st.lists(whiles, min_size=1, max_size=4))
def test_many_short_waits_are_one_long_one(target, start, before, waits):
    assume(target.unit != "calendar_days")
    run = started(target, start)
    assume(start + before < run.due_at)
    now, many = start + before, run
    for wait in waits:
        many = resumed(target, Run(many.due_at, many.warn_at, stopped_at=now), now + wait)
        now += wait
    one = resumed(target, Run(run.due_at, run.warn_at, stopped_at=start + before), now)
    assert many.due_at == one.due_at
