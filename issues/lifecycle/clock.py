"""The clock of a request: how much of its time has run, and when it is up. Pure; reads no clock.

By when something is due is counted in days, as the law counts them (see `calendar`). How much of
that has run is measured: in working hours for targets in working days, in real time otherwise. So
what was left when the clock stopped is what is left when it runs again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from geo_central.kernel.errors import Conflict, Invalid

from .calendar import BusinessCalendar

WARN_SHARE = 0.8
_DAY = timedelta(days=1)
_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Target:
    """How long something may take, and by which department's calendar."""

    calendar: BusinessCalendar
    amount: int
    unit: str

    @property
    def in_working_hours(self) -> bool:
        """Whether nights, weekends and holidays do not count."""
        return self.unit == "working_days"


@dataclass(frozen=True, slots=True)
class Run:
    """An interval of the clock: when it stopped (or None), when it is up, and what has been told."""

    due_at: datetime
    warn_at: datetime
    stopped_at: datetime | None = None
    warned_at: datetime | None = None
    escalated_at: datetime | None = None

    @property
    def alarm_at(self) -> datetime | None:
        """When something is to be told next: the warning, then the end; None once both were."""
        if self.escalated_at:
            return None
        return self.due_at if self.warned_at else min(self.warn_at, self.due_at)


def elapsed(target: Target, since: datetime, until: datetime) -> timedelta:
    """How much time counts from one moment to another; negative when `until` is before `since`.

    Additive: elapsed(a, b) + elapsed(b, c) == elapsed(a, c).
    """
    if until < since:
        return -elapsed(target, until, since)
    if not target.in_working_hours:
        return until - since
    calendar = target.calendar
    day, last = since.astimezone(calendar.zone).date(), until.astimezone(calendar.zone).date()
    total = _NOTHING
    while day <= last:
        starts, ends = calendar.hours_of(day)
        total += max(min(ends, until) - max(starts, since), _NOTHING)
        day += _DAY
    return total


def moved(target: Target, start: datetime, time: timedelta) -> datetime:
    """The first moment at which `time` has counted since `start` (the last one, going back), in UTC.

    moved(moved(a, x), y) == moved(a, x + y) for x and y of one sign; no time leads back to `start`.
    """
    if not target.in_working_hours or not time:
        return start.astimezone(UTC) + time
    day = start.astimezone(target.calendar.zone).date()
    if time < _NOTHING:
        return _back(target.calendar, start, -time)
    while True:
        starts, ends = target.calendar.hours_of(day)
        begin = max(starts, start)
        if (left := max(ends - begin, _NOTHING)) >= time:
            return begin.astimezone(UTC) + time
        time -= left
        day += _DAY


def _back(calendar: BusinessCalendar, start: datetime, time: timedelta) -> datetime:
    date = start.astimezone(calendar.zone).date()
    while True:
        starts, ends = calendar.hours_of(date)
        end = min(ends, start)
        if (left := max(end - starts, _NOTHING)) >= time:
            return end.astimezone(UTC) - time
        time -= left
        date -= _DAY


def share_of(target: Target, since: datetime, due_at: datetime, share: float) -> datetime:
    """The moment at which that share (0 to 1) of the time between them has counted, in UTC."""
    return min(moved(target, since, elapsed(target, since, due_at) * share), due_at.astimezone(UTC))


def started(target: Target, now: datetime) -> Run:
    """A clock that starts with the whole of its time."""
    due_at = target.calendar.due_at(now, target.amount, target.unit)
    return Run(due_at, share_of(target, now, due_at, WARN_SHARE))


def resumed(target: Target, last: Run, now: datetime) -> Run:
    """The clock runs again with what was left when it stopped, and is never up earlier for that.

    In calendar days, an end that falls on a day without work moves to the next working day.
    """
    stopped_at = last.stopped_at or now
    due_at = moved(target, now, elapsed(target, stopped_at, last.due_at))
    if target.unit == "calendar_days":
        day = due_at.astimezone(target.calendar.zone).date()
        if not target.calendar.is_working_day(day):
            due_at = target.calendar.end_of(day)
    warn_at = moved(target, now, elapsed(target, stopped_at, last.warn_at))
    due_at = max(due_at, last.due_at)
    return Run(
        due_at,
        min(max(warn_at, last.warn_at), due_at),
        warned_at=last.warned_at,
        escalated_at=last.escalated_at,
    )


def extended(target: Target, last: Run, until: datetime, now: datetime) -> Run:
    """The clock with more time, and its warnings before it again.

    By no more than the time it had (Lei 13.460/2017, art. 16: once, for as long again). Raises
    Invalid `extension.not_later` or `extension.too_long`, with the last moment it may have.
    """
    if target.unit != "hours":
        until = target.calendar.end_of(until.astimezone(target.calendar.zone).date())
    latest = target.calendar.due_at(max(last.due_at, now), max(target.amount, 1), target.unit)
    if until <= max(last.due_at, now):
        raise Invalid("extension.not_later", field="until")
    if until > latest:
        raise Invalid("extension.too_long", field="until", latest=latest.isoformat())
    due_at = until.astimezone(UTC)
    return Run(due_at, share_of(target, now, due_at, WARN_SHARE))


def once_only(extended_at: datetime | None) -> None:
    """Raises Conflict `extension.used` for a request that has had its extension."""
    if extended_at is not None:
        raise Conflict("extension.used", extended_at=extended_at.isoformat())
