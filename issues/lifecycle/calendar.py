"""The business calendar: by when a request should be done. Pure; reads no clock and no table.

Counting follows Brazilian administrative law (Lei 9.784/1999, art. 66): the day of the request
does not count, the last day does, and a period that would end on a day without work ends on the
next working day. Periods in hours run day and night: they are for emergencies.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Where and when the city works. `holidays` are dates in the city's zone."""

    zone: ZoneInfo
    holidays: frozenset[date]
    day_ends: time = time(18)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, but for holidays."""
        return day.weekday() < 5 and day not in self.holidays

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
        end = datetime.combine(self._next_working_day(day), self.day_ends, self.zone).astimezone(UTC)
        if end <= opened_at:  # a same-day target, asked for after the day had ended
            following = self._next_working_day(day + timedelta(days=1))
            end = datetime.combine(following, self.day_ends, self.zone).astimezone(UTC)
        return end

    def _next_working_day(self, day: date) -> date:
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day
