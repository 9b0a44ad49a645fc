"""When something was really done, by a device whose clock may be wrong or may have been set. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_DRIFT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class DeviceTime:
    """Milliseconds by the device's clock: of the act, of sending it, and of its last contact with us.

    `heard_at` is what our clock said at that contact.
    """

    at: int
    sent: int
    heard: int | None = None
    heard_at: datetime | None = None


def when_done(device: DeviceTime, *, floor: datetime, now: datetime) -> datetime:
    """The moment of an act by the server's clock, never before `floor` nor after `now`.

    Two estimates: back from the moment of sending, and on from the last contact. The first is right
    however wrong the clock is, unless it was set after the act; then it falls before the last
    contact or into the future, and the second is right.
    """
    sent_ago = now - _span(device.sent - device.at)
    heard_at = device.heard_at if device.heard_at and device.heard_at <= now + _DRIFT else None
    if heard_at is None or device.heard is None:
        return _within(sent_ago, floor, now)
    if not heard_at - _DRIFT <= sent_ago <= now + _DRIFT:
        since = heard_at + _span(device.at - device.heard)
        if heard_at - _DRIFT <= since <= now + _DRIFT:
            return _within(since, floor, now)
    return _within(sent_ago, max(floor, min(heard_at, now)), now)


def _within(moment: datetime, floor: datetime, now: datetime) -> datetime:
    return min(max(moment, floor), now)


def _span(milliseconds: int) -> timedelta:
    """A length of time, no longer than a datetime can be moved by."""
    limit = 366 * 24 * 3600 * 1000
    return timedelta(milliseconds=max(-limit, min(limit, milliseconds)))
