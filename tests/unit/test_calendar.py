"""By when a request should be done: the business calendar, in any city's zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issues.lifecycle.calendar import BusinessCalendar

PORTO_ALEGRE = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
HOLIDAYS = frozenset(
    {
        date(2026, 9, 7), date(2026, 9, 20), date(2026, 10, 12), date(2026, 11, 2), date(2026, 11, 20),
        date(2026, 12, 25), date(2027, 1, 1), date(2027, 2, 2), date(2027, 2, 9), date(2027, 3, 26),
    }
)  # fmt: skip
CITY = BusinessCalendar(PORTO_ALEGRE, HOLIDAYS)

zones = st.sampled_from([PORTO_ALEGRE, NEW_YORK, ZoneInfo("UTC"), ZoneInfo("Pacific/Auckland")])
calendars = st.builds(
    BusinessCalendar,
    zones,
    st.frozensets(st.dates(date(2025, 12, 1), date(2027, 6, 1)), max_size=40) | st.just(HOLIDAYS),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 3, 1), timezones=st.just(UTC))
targets = st.integers(0, 60)
units = st.sampled_from(["hours", "calendar_days", "working_days"])


def local(*when: int) -> datetime:
    return datetime(*when, tzinfo=PORTO_ALEGRE)


def due(opened: datetime, target: int, unit: str, calendar: BusinessCalendar = CITY) -> datetime:
    return calendar.due_at(opened, target, unit).astimezone(calendar.zone)


# ---- plain sentences


def test_the_day_of_the_request_does_not_count():
    monday = local(2026, 11, 23, 8)
    assert due(monday, 1, "working_days") == local(2026, 11, 24, 18)


def test_it_makes_no_difference_whether_one_asks_in_the_morning_or_at_night():
    assert {due(local(2026, 11, 23, h), 5, "working_days") for h in range(24)} == {local(2026, 11, 30, 18)}


def test_a_request_of_friday_is_due_on_monday():
    assert due(local(2026, 11, 27, 17), 1, "working_days") == local(2026, 11, 30, 18)


def test_a_request_of_saturday_counts_from_monday_on():
    assert due(local(2026, 11, 28, 10), 1, "working_days") == local(2026, 11, 30, 18)


def test_a_holiday_is_no_working_day():
    assert due(local(2026, 11, 19, 10), 1, "working_days") == local(2026, 11, 23, 18)


def test_the_last_day_rolls_to_the_next_one_with_work():
    assert due(local(2026, 11, 20, 10), 1, "calendar_days") == local(2026, 11, 23, 18)
    assert due(local(2026, 12, 20, 10), 5, "calendar_days") == local(2026, 12, 28, 18)


def test_calendar_days_count_weekends_in_between():
    assert due(local(2026, 11, 24, 10), 10, "calendar_days") == local(2026, 12, 4, 18)


def test_the_year_ends_and_counting_goes_on():
    assert due(local(2026, 12, 30, 10), 2, "working_days") == local(2027, 1, 4, 18)


def test_a_target_of_no_days_is_due_today():
    assert due(local(2026, 11, 24, 10), 0, "working_days") == local(2026, 11, 24, 18)


@pytest.mark.parametrize("hour", [18, 20, 23])
def test_a_same_day_target_asked_for_in_the_evening_is_due_on_the_next_working_day(hour):
    assert due(local(2026, 11, 27, hour), 0, "working_days") == local(2026, 11, 30, 18)


def test_the_day_is_that_of_the_city_not_of_utc():
    late = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)  # still the 23rd in Porto Alegre
    assert due(late, 1, "working_days") == local(2026, 11, 24, 18)


def test_hours_run_through_nights_weekends_and_holidays():
    assert due(local(2026, 12, 24, 23, 59), 4, "hours") == local(2026, 12, 25, 3, 59)


def test_hours_are_real_hours_where_clocks_change():
    before = datetime(2026, 3, 7, 12, tzinfo=NEW_YORK)
    calendar = BusinessCalendar(NEW_YORK, frozenset())
    assert calendar.due_at(before, 24, "hours") - before.astimezone(UTC) == timedelta(hours=24)
    assert due(before, 24, "hours", calendar).hour == 13


def test_days_end_at_the_wall_clock_where_clocks_change():
    calendar = BusinessCalendar(NEW_YORK, frozenset())
    for opened in (datetime(2026, 3, 6, 12, tzinfo=NEW_YORK), datetime(2026, 10, 30, 12, tzinfo=NEW_YORK)):
        assert due(opened, 1, "working_days", calendar).time() == time(18)


def test_an_unknown_unit_and_a_negative_target_are_refused():
    with pytest.raises(ValueError, match="unknown unit"):
        CITY.due_at(local(2026, 11, 24, 10), 1, "weeks")
    with pytest.raises(ValueError, match="not negative"):
        CITY.due_at(local(2026, 11, 24, 10), -1, "hours")


# ---- whatever the city, the moment and the target


@given(calendars, moments, targets, st.sampled_from(["calendar_days", "working_days"]))
def test_days_end_on_a_working_day_when_the_working_day_ends(calendar, opened, target, unit):
    end = due(opened, target, unit, calendar)
    assert calendar.is_working_day(end.date())
    assert end.time() == calendar.day_ends


@given(calendars, moments, targets, units)
def test_what_is_asked_for_is_due_later_and_in_utc(calendar, opened, target, unit):
    end = calendar.due_at(opened, target, unit)
    assert end.tzinfo is UTC
    assert end > opened or (unit == "hours" and target == 0)


@given(calendars, moments, st.integers(0, 500))
def test_hours_are_exact(calendar, opened, target):
    assert calendar.due_at(opened, target, "hours") == opened + timedelta(hours=target)


@given(calendars, moments, st.timedeltas(timedelta(0), timedelta(days=30)), targets, units)
def test_who_asks_later_is_never_due_earlier(calendar, opened, later, target, unit):
    assert calendar.due_at(opened, target, unit) <= calendar.due_at(opened + later, target, unit)


@given(calendars, moments, targets, targets, units)
def test_a_longer_target_is_never_due_earlier(calendar, opened, one, other, unit):
    short, long = sorted((one, other))
    assert calendar.due_at(opened, short, unit) <= calendar.due_at(opened, long, unit)


@given(calendars, moments, st.integers(1, 60))
def test_exactly_so_many_working_days_lie_between(calendar, opened, target):
    first = opened.astimezone(calendar.zone).date()
    last = due(opened, target, "working_days", calendar).date()
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    assert sum(map(calendar.is_working_day, days)) == target


@given(calendars, moments, targets, units)
def test_one_more_holiday_never_brings_the_due_date_forward(calendar, opened, target, unit):
    end = calendar.due_at(opened, target, unit)
    more = calendar.holidays | {end.astimezone(calendar.zone).date()}
    assert BusinessCalendar(calendar.zone, more).due_at(opened, target, unit) >= end
