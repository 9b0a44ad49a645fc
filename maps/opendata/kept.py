"""The city at a glance, counted once for many readers."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec
from django.conf import settings

from maps.models import GlanceKept

from .glance import Glance, glance, query_of
from .ranking import Asked, usual


def kept_glance(period: Asked, *, now: datetime) -> tuple[Glance, datetime]:
    """What was counted of the period within the last settings.GLANCE_KEPT_S seconds, or what is counted
    now; and when that was.
    """
    since = now - timedelta(seconds=settings.GLANCE_KEPT_S)
    row = GlanceKept.objects.filter(asked=query_of(period), counted_at__gt=since).first()
    if row is not None:
        try:
            return msgspec.json.decode(bytes(row.content), type=Glance), row.counted_at
        except msgspec.ValidationError:  # kept by an older form of this code
            pass
    return count(period, now=now), now


def count(period: Asked, *, now: datetime) -> Glance:
    """Count now, and keep it for others."""
    found = glance(period, now=now)
    if settings.GLANCE_KEPT_S:
        GlanceKept.objects.update_or_create(
            asked=query_of(period), defaults={"counted_at": now, "content": msgspec.json.encode(found)}
        )
    return found


def count_usual(*, today: date, now: datetime) -> int:
    """Count the periods that the page offers, and forget what is old; how many periods."""
    GlanceKept.objects.filter(counted_at__lt=now - timedelta(seconds=settings.GLANCE_KEPT_S)).delete()
    counted = 0
    for period in _usual(today):
        count(period, now=now)
        counted += 1
    return counted


def _usual(today: date) -> Iterator[Asked]:
    for first, last in usual(today):
        yield Asked(first, last)
