"""When a message may go: quiet hours, digests, and how long to wait after a failure. Pure."""

import hashlib
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

LEASE = timedelta(minutes=3)
"""How long a worker may hold a message. Longer than every network timeout of a channel together."""

MOST_ATTEMPTS = 10
_FIRST_DELAY = timedelta(seconds=30)
_LONGEST_DELAY = timedelta(hours=3)


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


def delay_after(attempts: int, key: str) -> timedelta:
    """How long to wait after so many failures: 30 s doubled each time, at most 3 h, give or take a half.

    The jitter is drawn from the key, so that messages that failed together do not come back together.
    """
    base: timedelta = min(_FIRST_DELAY * 2 ** min(attempts - 1, 20), _LONGEST_DELAY)
    drawn = hashlib.blake2b(f"{key}:{attempts}".encode(), digest_size=8).digest()
    return base * (0.5 + int.from_bytes(drawn) / 2**64)
