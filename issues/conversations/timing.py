"""When a message may go: quiet hours and digests. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

LEASE = timedelta(minutes=3)
"""How long a worker may hold a message. Longer than every network timeout of a channel together."""

MOST_ATTEMPTS = 10


def release_at(moment: datetime, quiet: tuple[int, int], zone: ZoneInfo) -> datetime:
    """The first moment not before `moment` outside the quiet hours of the zone's wall clock.

    `quiet` is (first hour, hour of its end), half-open; (21, 8) spans midnight, equal hours mean none.
    """
    first, end = quiet
    local = moment.astimezone(zone)
    hour = local.hour
    is_quiet = first <= hour < end if first <= end else hour >= first or hour < end
    if not is_quiet:
        return moment
    day = local.date() + timedelta(days=1) if hour >= end else local.date()
    return max(moment, datetime.combine(day, time(end), zone).astimezone(moment.tzinfo))


def available_at(
    now: datetime, last: datetime | None, window: timedelta, quiet: tuple[int, int], zone: ZoneInfo
) -> datetime:
    """When news for somebody goes: at once after a pause, else at the end of the window since `last`."""
    start = now if last is None else max(now, last + window)
    return release_at(start, quiet, zone)
