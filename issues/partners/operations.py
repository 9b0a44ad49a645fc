"""Systems of departments: make them known, choose what goes there, keep the queue moving."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from geo_central.kernel.errors import Conflict, Invalid, NotFound
from geo_central.kernel.sql import Query
from issues.catalogue.models import Service
from issues.intake.outside import split

from . import asking, sending
from ._seal import seal
from .composing import Say
from .hearing import Update, client_id_of, fetched
from .models import Forwarding, Parcel, Partner, PartnerService
from .peer import Failed, Filed, Peer, Refused
from .signing import is_secret, new_secret
from .words import COMMENT, NEWS, said_by

_FOLLOW = Query(__file__, "follow")
_FORWARD_OPEN = Query(__file__, "forward_open")

_BATCH = 1000
FORMS = ("json", "xml")
MOST_SERVICES = 1000


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did: messages made, sent, failed for now, and things heard."""

    put: int
    sent: int
    failed: int
    heard: int


def sweep(*, now: Callable[[], datetime], say: Say, limit: int = 1000) -> Swept:
    """Make messages of what happened, send what is due, ask who is due.

    Any number of sweeps may run at once, anywhere; whoever is killed in the middle loses and doubles
    nothing. `now` is a clock, because a sweep is long; `say` words an event's code.
    """
    put = follow(now=now())
    sent, failed = sending.send_due(now, say, limit)
    return Swept(put, sent, failed, asking.ask_due(now))


def follow(*, now: datetime, limit: int = 100_000) -> int:
    """Make messages of the events since the last look, at most so many events; how many messages."""
    put = looked = 0
    while looked < limit:
        row = _FOLLOW.one({"now": now, "limit": _BATCH, "told": list(NEWS)})
        put, looked = put + row.put, looked + row.looked
        if row.looked < _BATCH:
            break
    return put


def make(
    *,
    name: str,
    kind: str,
    url: str,
    api_key: str = "",
    secret: str = "",
    jurisdiction: str = "",
    form: str = "json",
    repeats: str = Partner.Repeats.NEVER,
    tells: str = Partner.Tells.REQUESTS,
    takes_updates: bool = False,
    by: int | None,
    now: datetime,
) -> tuple[Partner, str]:
    """A new partner, and the secret that messages with it are signed with, shown this once.

    `secret` is one that the other side has made; without it one is made here. Raises Invalid naming
    `nome`, `tipo`, `endereco`, `formato`, `repete`, `conta` or `segredo`; Conflict `partner.name_taken`.
    """
    name = name.strip()
    if not name:
        raise Invalid("field.required", field="nome")
    _one_of(kind, Partner.Kind.values, "tipo")
    _one_of(form, FORMS, "formato")
    _one_of(repeats, Partner.Repeats.values, "repete")
    _one_of(tells, Partner.Tells.values, "conta")
    if secret and not is_secret(secret):
        raise Invalid("webhook.bad_secret", field="segredo")
    secret = secret or new_secret()
    try:
        with transaction.atomic():
            made = Partner.objects.create(
                slug=slugify(name)[:40] or "parceiro",
                name=name[:120],
                kind=kind,
                url=_endpoint(url),
                form=form,
                jurisdiction=jurisdiction.strip()[:120],
                sealed_key=seal(api_key.strip()) if api_key.strip() else None,
                sealed_secret=seal(secret),
                repeats=repeats,
                tells=tells,
                takes_updates=takes_updates,
                created_at=now,
                created_by_id=by,
                heard_until=now,
                ask_at=now,
            )
    except IntegrityError:
        raise Conflict("partner.name_taken", field="nome", value=name[:80]) from None
    return made, secret


def change(slug: str, *, changes: Mapping[str, Any], api_key: str = "") -> None:
    """Change what may be changed of a partner: name, url, jurisdiction, form, repeats, tells,
    takes_updates, is_active. An empty `api_key` keeps the one it has.

    Raises NotFound `partner.unknown`, and Invalid as `make` does.
    """
    partner = _partner(slug)
    checks: dict[str, tuple[Any, str]] = {
        "form": (FORMS, "formato"),
        "repeats": (Partner.Repeats.values, "repete"),
        "tells": (Partner.Tells.values, "conta"),
    }
    for name, value in changes.items():
        if name in checks:
            _one_of(value, *checks[name])
        setattr(partner, name, _endpoint(value) if name == "url" else value)
    if not str(partner.name).strip():
        raise Invalid("field.required", field="nome")
    if api_key.strip():
        partner.sealed_key = seal(api_key.strip())
    partner.save()


def choose(slug: str, chosen: Mapping[str, str], *, now: datetime) -> None:
    """From now on new requests of these services go to the partner: {our code: its code}; and of no others.

    Raises NotFound `partner.unknown`, Invalid `service.unknown` and `partner.service_taken`.
    """
    if len(chosen) > MOST_SERVICES:
        raise Invalid("field.too_long", field="servicos", limit=MOST_SERVICES)
    with transaction.atomic():
        partner = _partner(slug, lock=True)
        known = dict(Service.objects.filter(code__in=chosen).values_list("code", "id"))
        for code, remote in chosen.items():
            if code not in known:
                raise Invalid("service.unknown", field="servicos", value=code[:80])
            if not remote.strip() or len(remote) > 120:
                raise Invalid("field.required", field="servicos")
        kept = PartnerService.objects.filter(partner=partner)
        kept.exclude(service_id__in=known.values()).delete()
        taken = PartnerService.objects.filter(service_id__in=known.values()).exclude(partner=partner)
        if other := taken.select_related("partner", "service").order_by("service__name").first():
            raise Invalid(
                "partner.service_taken",
                field="servicos",
                service=other.service.name,
                partner=other.partner.name,
            )
        for code, remote in chosen.items():
            PartnerService.objects.update_or_create(
                partner=partner,
                service_id=known[code],
                defaults={"remote_code": remote.strip()},
                create_defaults={"remote_code": remote.strip(), "since": now},
            )


def probe(slug: str, *, now: datetime) -> str:
    """Ask an Open311 partner what it offers and can do, and keep that; empty, or why it did not answer.

    What its catalogue of extensions names is believed; a server without one is asked for its updates.
    """
    partner = _partner(slug)
    peer = Peer(partner)
    try:
        partner.offered = peer.services()
    except (Refused, Failed) as error:
        return str(error)
    able = peer.extensions()
    if "idempotency" in able:
        partner.repeats = Partner.Repeats.KEY
    speaks = "updates" in able or peer.speaks_updates(now)
    partner.tells = Partner.Tells.UPDATES if speaks else Partner.Tells.REQUESTS
    partner.takes_updates = partner.takes_updates or "updates" in able
    partner.ask_failures, partner.ask_failure, partner.ask_at = 0, "", now
    partner.save()
    return ""


def forward_open(slug: str, *, now: datetime) -> int:
    """Send the partner the requests of its services that were open before it was chosen; how many.

    Repeatable. Raises NotFound `partner.unknown`.
    """
    return _FORWARD_OPEN.run({"partner": _partner(slug).pk, "now": now})


def resend(parcel_id: int, *, now: datetime) -> None:
    """Try a message again that is stuck, from the beginning: a person has seen that it did not arrive.

    Raises NotFound `parcel.unknown`, Conflict `parcel.not_stuck` when somebody else was faster.
    """
    _revive(parcel_id, state="waiting", available_at=now, attempts=0, settled_at=None, in_doubt=False)


def drop(parcel_id: int, *, now: datetime) -> None:
    """Give a message up; with a report, the news that wait behind it. Raises as `resend` does."""
    with transaction.atomic():
        _revive(parcel_id, state="dropped", settled_at=now)
        parcel = Parcel.objects.get(pk=parcel_id)
        if parcel.kind == Parcel.Kind.REPORT:
            Parcel.objects.filter(forwarding_id=parcel.forwarding_id, state="waiting").update(
                state="dropped", settled_at=now
            )


def arrived(parcel_id: int, *, remote_id: str, now: datetime) -> None:
    """A person has found the request at the partner under that number. Raises as `resend` does, Invalid
    naming `numero`, and Conflict `parcel.number_taken`.
    """
    number = remote_id.strip()
    if not number or len(number) > 120:
        raise Invalid("field.required", field="numero")
    with transaction.atomic():
        _revive(parcel_id, state="sent", settled_at=now, in_doubt=False)
        forwarding = Parcel.objects.select_related("forwarding").get(pk=parcel_id).forwarding
        if Forwarding.objects.filter(partner=forwarding.partner_id, remote_id=number).exists():
            raise Conflict("parcel.number_taken", field="numero", value=number)
        sending.accept(forwarding.pk, Filed(number, ""), now=now)


def told(slug: str, *, number: str, protocol: str, update: Update, pictures: list[str], now: datetime) -> str:
    """What a partner says by calling us, of a request that it has by its number or by our protocol.

    Empty, or the code of why what was asked for could not be done (its words were kept). Raises
    NotFound `partner.unknown`, `issue.unknown`.
    """
    partner = _partner(slug)
    mine = Forwarding.objects.select_related("issue").filter(partner=partner)
    row = None
    if number:
        row = mine.filter(remote_id=number).first()
    if row is None and protocol:
        row = mine.filter(issue__protocol=protocol).first()
    if row is None:
        raise NotFound("issue.unknown", field="service_request_id")
    if number and not row.remote_id:
        sending.accept(row.pk, Filed(number[:120], ""), now=now)
        row.refresh_from_db()
    if said_by(update.status) == COMMENT:  # whoever calls us has something to say, the first time too
        update = replace(update, status=asking.UNCHANGED)
    asking.take(row, update, pictures, now=now)
    return row.failure


def _revive(parcel_id: int, **changes: Any) -> None:
    stuck = Parcel.objects.filter(pk=parcel_id, state__in=["dead", "unsure"])
    if stuck.update(**changes):
        return
    if Parcel.objects.filter(pk=parcel_id).exists():
        raise Conflict("parcel.not_stuck")
    raise NotFound("parcel.unknown")


def _partner(slug: str, *, lock: bool = False) -> Partner:
    rows = Partner.objects.select_for_update() if lock else Partner.objects
    found = rows.filter(slug=slug).first()
    if found is None:
        raise NotFound("partner.unknown")
    return found


def _endpoint(text: str) -> str:
    address = text.strip().rstrip("/")
    if len(address) > 500 or split(address) is None or "?" in address or "#" in address:
        raise Invalid("partner.bad_address", field="endereco")
    return address


def _one_of(value: str, allowed: Any, field: str) -> None:
    if value not in allowed:
        raise Invalid("field.not_a_choice", field=field, value=str(value)[:40])


__all__ = [
    "Swept", "Update", "arrived", "change", "choose", "client_id_of", "drop", "fetched", "follow",
    "forward_open", "make", "probe", "resend", "sweep", "told",
]  # fmt: skip
