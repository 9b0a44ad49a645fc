"""The business calendar: by when a request should be done. Pure; reads no clock and no table.

Counting follows Brazilian administrative law (Lei 9.784/1999, art. 66): the day of the request
does not count, the last day does, and a period that would end on a day without work ends on the
next working day. Periods in hours run day and night: they are for emergencies.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MONDAY_TO_FRIDAY = frozenset({1, 2, 3, 4, 5})


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Where and when a department works. `holidays` are dates in the city's zone, `weekdays` ISO's."""

    zone: ZoneInfo
    holidays: frozenset[date]
    day_ends: time = time(18)
    day_starts: time = time(8)
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY

    def is_working_day(self, day: date) -> bool:
        """A day of the week on which it works, but for holidays."""
        return day.isoweekday() in self.weekdays and day not in self.holidays

    def hours_of(self, day: date) -> tuple[datetime, datetime]:
        """When that day's work begins and ends, in UTC; the same moment twice on a day without work."""
        starts, ends = _hours(self.zone, self.day_starts, self.day_ends, day)
        return (starts, ends) if self.is_working_day(day) else (ends, ends)

    def end_of(self, day: date) -> datetime:
        """When the first working day from `day` on ends, in UTC."""
        return datetime.combine(self._next_working_day(day), self.day_ends, self.zone).astimezone(UTC)

    def due_at(self, opened_at: datetime, target: int, unit: str) -> datetime:
        """The last moment of a period of `target` units, in UTC.

        `unit` is `hours`, `calendar_days` or `working_days` (Service.TargetUnit). Days end when
        the working day ends in the city. Raises ValueError for another unit or a target below 0.
        """
        if target < 0:
            raise ValueError("a target is not negative")
        if unit == "hours":
            return opened_at.astimezone(UTC) + timedelta(hours=target)
        day = opened_at.astimezone(self.zone).date()
        if unit == "calendar_days":
            day += timedelta(days=target)
        elif unit == "working_days":
            for _ in range(target):
                day = self._next_working_day(day + timedelta(days=1))
        else:
            raise ValueError(f"unknown unit {unit!r}")
        end = self.end_of(day)
        if end <= opened_at:  # a same-day target, asked for after the day had ended
            end = self.end_of(self._next_working_day(day) + timedelta(days=1))
        return end

    def _next_working_day(self, day: date) -> date:
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day


@lru_cache(maxsize=4096)
def _hours(zone: ZoneInfo, starts: time, ends: time, day: date) -> tuple[datetime, datetime]:
    begin = datetime.combine(day, starts, zone).astimezone(UTC)
    end = datetime.combine(day, ends, zone).astimezone(UTC)
    return min(begin, end), end  # where clocks jump over the whole of a short day, it is empty
