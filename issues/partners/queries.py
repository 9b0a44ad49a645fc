"""Reading what goes to partners: who they are, what waits, what is stuck."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from geo_central.kernel.errors import NotFound
from geo_central.kernel.sql import Query

from ._seal import unseal
from .models import Parcel, Partner, PartnerService

_PARTNERS = Query(__file__, "partners")
_QUEUE = Query(__file__, "queue", planned=True)

PATIENCE = timedelta(hours=1)
STUCK, WAITING, SENT = ("unsure", "dead"), ("waiting",), ("sent", "dropped")


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A partner at a glance: messages that wait, that have failed so far, that are stuck; open requests."""

    id: int
    slug: str
    name: str
    kind: str
    is_active: bool
    ask_failures: int
    ask_failure: str
    heard_until: datetime
    services: int
    waiting: int
    failing: int
    stuck: int
    oldest: datetime | None
    open: int


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """One message. `not_done` is why what the partner said last of this request could not be done here."""

    id: int
    kind: str
    state: str
    attempts: int
    created_at: datetime
    available_at: datetime
    settled_at: datetime | None
    failure: str
    code: str
    protocol: str
    service: str
    remote_id: str
    token: str
    not_done: str
    heard_status: str


def partners() -> list[PartnerRow]:
    """Every partner, by name."""
    return [PartnerRow(*row) for row in _PARTNERS.rows({"slug": None})]


def partner(slug: str) -> tuple[Partner, PartnerRow]:
    """One partner. Raises NotFound `partner.unknown`."""
    found = Partner.objects.filter(slug=slug).first()
    rows = _PARTNERS.rows({"slug": slug})
    if found is None or not rows:
        raise NotFound("partner.unknown")
    return found, PartnerRow(*rows[0])


def chosen(partner_id: int) -> list[tuple[str, str, str]]:
    """The services whose requests go there: (our code, its name here, its code there), by name."""
    rows = PartnerService.objects.filter(partner=partner_id).order_by("service__name", "service_id")
    return list(rows.values_list("service__code", "service__name", "remote_code"))


def queue(
    partner_id: int, states: tuple[str, ...], *, limit: int, before: int | None = None
) -> list[ParcelRow]:
    """Messages to a partner in these states, the latest first."""
    asked = {"partner": partner_id, "states": list(states), "before": before, "limit": limit}
    return [ParcelRow(*row) for row in _QUEUE.rows(asked)]


def secret_of(slug: str) -> str:
    """What messages of this partner are signed with. Raises NotFound `partner.unknown`, also for one that
    is switched off.
    """
    found = Partner.objects.filter(slug=slug, is_active=True).values_list("sealed_secret", flat=True).first()
    if found is None:
        raise NotFound("partner.unknown")
    return unseal(found)


def stuck(now: datetime) -> tuple[int, int]:
    """Messages that a person must look at, and those that have waited for longer than PATIENCE."""
    parcels = Parcel.objects.filter(forwarding__partner__is_active=True)
    return (
        parcels.filter(state__in=STUCK).count(),
        parcels.filter(state="waiting", created_at__lt=now - PATIENCE).count(),
    )
