"""What partners did: they are asked every few minutes, and each new thing is done here once."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.utils.html import strip_tags

from geo_central.kernel.errors import Conflict, DomainError
from geo_central.kernel.sql import Query
from issues.intake.outside import delay_after

from .hearing import Update, client_id_of, fetched, hear
from .models import Forwarding, Parcel, Partner
from .peer import Failed, Filed, Peer, Record, Refused, read_moment, texts
from .sending import accept
from .words import COMMENT, said_by

log = logging.getLogger(__name__)

_CLAIM = Query(__file__, "claim_partner")
_TO_ASK = Query(__file__, "to_ask")

EVERY = timedelta(minutes=2)
LEASE = timedelta(minutes=10)
OVERLAP = timedelta(minutes=5)
"""Clocks differ, and an update may be written down later than it is dated."""

WINDOW = timedelta(days=90)
RECENT = timedelta(days=30)
_AT_ONCE = 50
_TOKENS = 200
_BEGINNING = ("open", "")
UNCHANGED = "unchanged"
"""The word of an update that says something and changes nothing."""


def ask_due(now: Callable[[], datetime], limit: int = 20) -> int:
    """Ask the partners that are due; how many things they said that are new here."""
    heard = 0
    for _ in range(limit):
        moment_ = now()
        claimed = _CLAIM.one({"now": moment_, "until": moment_ + LEASE})
        if claimed is None:
            break
        heard += _ask(Partner.objects.get(pk=claimed.id), now)
    return heard


def _ask(partner: Partner, now: Callable[[], datetime]) -> int:
    began, heard = now(), 0
    known = Partner.objects.filter(pk=partner.pk)
    try:
        peer = Peer(partner)
        _numbers(partner, peer, now)
        if partner.tells == Partner.Tells.UPDATES:
            heard = _by_updates(partner, peer, began, now)
        elif partner.tells == Partner.Tells.REQUESTS:
            heard = _by_requests(partner, peer, now)
    except (Refused, Failed) as error:
        failures = partner.ask_failures + 1
        delay = max(EVERY, delay_after(failures, f"ask:{partner.pk}"))
        known.update(ask_at=now() + delay, ask_failures=min(failures, 32_000), ask_failure=str(error)[:500])
    else:
        known.update(ask_at=now() + EVERY, ask_failures=0, ask_failure="", heard_until=began)
    return heard


def _numbers(partner: Partner, peer: Peer, now: Callable[[], datetime]) -> None:
    """Tokens become numbers."""
    for row in (
        Forwarding.objects.filter(partner=partner, remote_id="").exclude(token="").order_by("id")[:200]
    ):
        try:
            number = peer.number_of(row.token)
        except Refused as error:  # of this one nothing will come; the others go on
            Forwarding.objects.filter(pk=row.pk).update(failure=str(error)[:500])
            continue
        if number:
            accept(row.pk, Filed(number, row.token), now=now())


def _by_updates(partner: Partner, peer: Peer, until: datetime, now: Callable[[], datetime]) -> int:
    since = max(partner.heard_until - OVERLAP, until - WINDOW)
    told = sorted(peer.updates(since, until + OVERLAP), key=lambda u: str(u.get("updated_datetime") or ""))
    rows = _rows(partner, {str(u.get("service_request_id") or "") for u in told})
    ours = _ours(partner, {str(u.get("update_id") or "") for u in told})
    heard = 0
    for record in told:
        number = str(record.get("update_id") or "")
        row = rows.get(str(record.get("service_request_id") or ""))
        if row is None or not number or number in ours:
            continue
        heard += take(row, read(record, number), texts(record, "media_url"), now=now())
    return heard


def _by_requests(partner: Partner, peer: Peer, now: Callable[[], datetime]) -> int:
    asked = _TO_ASK.rows({"partner": partner.pk, "closed_since": now() - RECENT})
    rows = _rows(partner, {r.remote_id for r in asked})
    heard = 0
    for first in range(0, len(asked), _AT_ONCE):
        some = ",".join(r.remote_id for r in asked[first : first + _AT_ONCE])
        for record in peer.requests(service_request_id=some):
            row = rows.get(str(record.get("service_request_id") or ""))
            if row is None:
                continue
            if update := _news_of(record, row.heard_status):
                heard += take(row, update, texts(record, "media_url"), now=now())
    return heard


def _news_of(record: Record, heard_status: str) -> Update | None:
    """How a request stands there, as an update; of the same status only words that are new say something."""
    status = str(record.get("status") or "").strip().lower()[:40]
    words = strip_tags(str(record.get("status_notes") or "")).strip()[:4000]
    at = str(record.get("updated_datetime") or "")
    if status != heard_status:
        return Update(_digest(status, words, at), status, words, read_moment(at))
    return Update(_digest(words), UNCHANGED, words, read_moment(at)) if words else None


def _digest(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def read(record: Record, number: str) -> Update:
    """An update as somebody else wrote it."""
    status = str(record.get("status") or "").strip().lower()[:40]
    words = strip_tags(str(record.get("description") or "")).strip()[:4000]
    return Update(number, status, words, read_moment(str(record.get("updated_datetime") or "")))


def take(row: Forwarding, update: Update, pictures: Iterable[str], *, now: datetime) -> int:
    """Do what a partner said of a request that it has; 1 where that was new.

    What cannot be done as the request stands is kept as words where there are any, and why is written
    beside it. The first "open" says nothing, whatever its words: that is how every request begins there.
    """
    said, source = said_by(update.status), f"partner:{row.partner_id}"
    failure = ""
    begins = update.status in _BEGINNING and not row.heard_status
    if said == COMMENT and (begins or not update.words):
        done = 0
    else:
        of = client_id_of(source, update.id)
        if said.action == "resolve" and pictures:
            kept = fetched(pictures, of=of, trusted=settings.PARTNER_ORIGINS, now=now)
            update = Update(update.id, update.status, update.words, update.at, kept)
        done, failure = _do(row, update, source, now)
    row.heard_status = update.status if update.status != UNCHANGED else row.heard_status
    row.heard_at, row.failure = now, failure[:500]
    row.save(update_fields=["heard_status", "heard_at", "failure"])
    return done


def _do(row: Forwarding, update: Update, source: str, now: datetime) -> tuple[int, str]:
    opened_at = row.issue.opened_at
    try:
        return int(hear(row.issue_id, opened_at, update, source=source, now=now).created), ""
    except Conflict as error:
        failure = error.code
        if not update.words or error.code == "act.id_taken":
            return 0, failure
    except DomainError as error:
        return 0, f"{error.code} {error.field}".strip()
    words = Update(update.id, UNCHANGED, update.words, update.at)
    try:
        return int(hear(row.issue_id, opened_at, words, source=f"{source}:words", now=now).created), failure
    except DomainError as error:
        return 0, f"{error.code} {error.field}".strip()


def _rows(partner: Partner, numbers: set[str]) -> dict[str, Forwarding]:
    found = Forwarding.objects.select_related("issue").filter(
        partner=partner, remote_id__in=[n for n in numbers if n]
    )
    return {row.remote_id: row for row in found}


def _ours(partner: Partner, numbers: set[str]) -> set[str]:
    """Updates that are echoes of what we said ourselves."""
    found: Any = Parcel.objects.filter(
        forwarding__partner=partner, kind=Parcel.Kind.UPDATE, remote_id__in=[n for n in numbers if n]
    )
    return set(found.values_list("remote_id", flat=True))
