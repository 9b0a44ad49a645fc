"""The only place that reads a clock. Domain functions take `now` as an argument."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def city_zone() -> ZoneInfo:
    """The time zone of the city's wall clocks."""
    return ZoneInfo(settings.CITY.timezone)
