"""Reading alerts: how much one would have told, and what an address has asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from geo_central.kernel.errors import NotFound
from geo_central.kernel.sql import Query
from issues.citizens import queries as people
from issues.citizens.models import ContactPoint
from layers.queries import areas_of

from .models import Alert, AlertLetter
from .wishes import Wish

_LATELY = Query(__file__, "lately", planned=True)

DAYS = 30
PATIENCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Mine:
    """One alert of an address, in words' parts: names of the place and the subject, empty where none."""

    id: int
    is_drawn: bool
    place: str
    subject: str
    every: str
    resolved: bool
    is_over: bool


def lately(wish: Wish, *, now: datetime) -> int:
    """How many new requests an alert would have told of in the last DAYS days."""
    n: int = _LATELY.value(
        {
            "since": now - timedelta(days=DAYS),
            "until": now,
            "area": wish.area or None,
            "neighbourhood": wish.neighbourhood,
            "district": wish.district,
            "service": wish.service,
            "theme": wish.theme,
        }
    )
    return n


def stuck(now: datetime) -> int:
    """Letters that ought to have gone long ago."""
    return AlertLetter.objects.filter(state="waiting", created_at__lt=now - PATIENCE).count()


def mine(contact_id: int, *, now: datetime) -> tuple[str, list[Mine]]:
    """The address, and its confirmed alerts, the latest first. Raises NotFound `alert.bad_link`."""
    if not ContactPoint.objects.filter(pk=contact_id).exists():
        raise NotFound("alert.bad_link")
    address = people.address_of(contact_id, reader_id=None, purpose="alerts page", now=now)
    rows = Alert.objects.filter(contact=contact_id, confirmed_at__isnull=False)
    return address, [_mine(a) for a in rows.select_related("service", "theme").order_by("-id")]


def one(alert_id: int) -> Mine:
    """One alert. Raises NotFound `alert.bad_link`."""
    found = Alert.objects.select_related("service", "theme").filter(pk=alert_id).first()
    if found is None:
        raise NotFound("alert.bad_link")
    return _mine(found)


def _mine(alert: Alert) -> Mine:
    place = ""
    if alert.area is None and (alert.neighbourhood or alert.district):
        layer = settings.CITY.neighbourhood_layer if alert.neighbourhood else settings.CITY.district_layer
        code = alert.neighbourhood or alert.district
        place = {a.code: a.name for a in areas_of(layer)}.get(code, code)
    subject = alert.service.name if alert.service else alert.theme.name if alert.theme else ""
    return Mine(
        alert.pk,
        alert.area is not None,
        place,
        subject,
        alert.every,
        alert.resolved,
        alert.ended_at is not None,
    )
