"""From the queue to partners: claim, send, and write down what came of it. No transaction is open meanwhile.

A request never arrives twice by us. From the moment an attempt begins it is in doubt; it is sent again
only when nothing can have arrived, or when the partner knows a repetition: by the Idempotency-Key, by
the id of a signed message, by the number of an update, or because its list shows our number in the words
of a request. Everywhere else a person decides.
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import IntegrityError, transaction

from geo_central.kernel.errors import DomainError
from geo_central.kernel.sql import Query
from issues.intake.outside import delay_after
from issues.lifecycle.operations import SYSTEM, act

from ._seal import unseal
from .composing import Reference, Say, hook_body, report_fields, update_fields
from .models import Forwarding, Parcel, Partner
from .peer import Failed, Filed, Peer, Refused, call, moment
from .signing import signed

log = logging.getLogger(__name__)

_CLAIM = Query(__file__, "claim_parcel")
_FACTS = Query(__file__, "parcel_facts")

LEASE = timedelta(minutes=3)
MOST_ATTEMPTS = 12
_LOOK_BACK = timedelta(days=1)
_REASON = 500


class _Doubtful(Exception):
    """It may have arrived, and nobody but a person can tell."""


def send_due(now: Callable[[], datetime], say: Say, limit: int) -> tuple[int, int]:
    """Send what is due, at most `limit` messages; (sent, failed).

    A partner that does not answer is left alone for the rest of the sweep.
    """
    sent = failed = 0
    away: set[int] = set()
    while sent + failed < limit:
        moment_ = now()
        claimed = _CLAIM.one({"now": moment_, "until": moment_ + LEASE, "away": sorted(away)})
        if claimed is None:
            break
        partner, went = _attempt(claimed, now, say)
        sent, failed = sent + went, failed + (not went)
        if not went and partner:
            away.add(partner)
    return sent, failed


def _attempt(claimed: Any, now: Callable[[], datetime], say: Say) -> tuple[int, bool]:
    """One attempt; the partner that does not answer (0: it does), and whether it went."""
    facts = _FACTS.one({"id": claimed.id})
    partner = Partner.objects.get(pk=facts.partner_id)
    try:
        told = _send(claimed, facts, partner, now(), say)
    except _Doubtful:
        _settle(claimed, Parcel.State.UNSURE, None, failure="delivery.unsure")
    except Refused as error:
        _settle(claimed, Parcel.State.DEAD, now(), failure=str(error))
    except Failed as error:
        _put_off(claimed, partner, error, now())
        return partner.pk, False
    except Exception as error:
        log.exception("parcel %s was not sent", claimed.id)
        _put_off(claimed, partner, Failed(f"{type(error).__name__}: {error}", arrived=True), now())
    else:
        if claimed.kind == Parcel.Kind.REPORT:
            accept(claimed.forwarding_id, told, now=now())
        _settle(claimed, Parcel.State.SENT, now(), remote_id=told.remote_id)
        return 0, True
    return 0, False


def _send(claimed: Any, facts: Any, partner: Partner, now: datetime, say: Say) -> Filed:
    if partner.kind == Partner.Kind.WEBHOOK:
        return _by_hook(claimed, facts, partner, now, say)
    peer = Peer(partner)
    if claimed.kind == Parcel.Kind.UPDATE:
        return Filed(peer.tell(update_fields(facts, say)), "")
    if facts.remote_id:  # it arrived, and whoever sent it went before saying so
        return Filed(facts.remote_id, "")
    if claimed.was_in_doubt and partner.repeats != Partner.Repeats.KEY:
        if (number := found_there(peer, facts)) is not None:
            return Filed(number, "")
        if partner.repeats == Partner.Repeats.NEVER:
            raise _Doubtful
    return peer.file(report_fields(facts), key=facts.key.hex)


def found_there(peer: Peer, facts: Any) -> str | None:
    """The number there of a request whose words name ours, filed since it was forwarded; None for none."""
    since = facts.forwarded_at - _LOOK_BACK
    for record in peer.requests(service_code=facts.remote_code, start_date=moment(since)):
        words = str(record.get("description") or "")
        if str(Reference(facts.protocol)) in words and record.get("service_request_id"):
            return str(record["service_request_id"])[:120]
    return None


def _by_hook(claimed: Any, facts: Any, partner: Partner, now: datetime, say: Say) -> Filed:
    body = hook_body(facts, claimed.kind, partner.slug, say, now)
    message_id = facts.key.hex + ("" if claimed.kind == Parcel.Kind.REPORT else f"-{facts.event_id}")
    headers = signed(unseal(partner.sealed_secret), message_id, body, now)
    answer = call(
        partner.url, method="POST", headers={"Content-Type": "application/json", **headers}, body=body
    )
    if 200 <= answer.status < 300:
        return _named(answer.body)
    said = f"{answer.status} {' '.join(answer.body[:200].decode('utf-8', 'replace').split())}".strip()
    if 400 <= answer.status < 500 and answer.status not in (408, 409, 425, 429):
        raise Refused(said)
    wish = answer.headers.get("retry-after", "")
    raise Failed(said, arrived=True, retry_after=int(wish) if wish.isdecimal() else None)


def _named(body: bytes) -> Filed:
    """What the partner calls it, if it says so."""
    try:
        told = json.loads(body)
        number = told.get("service_request_id") or ""
    except (ValueError, AttributeError, RecursionError):
        return Filed("", "")
    return Filed(str(number)[:120] if isinstance(number, str | int) else "", "")


def accept(forwarding_id: int, filed: Filed, *, now: datetime) -> None:
    """Keep what a request is called at a partner, and write into its history that it is there. Repeatable.

    Another request may already have that number there: then this one keeps none.
    """
    row = Forwarding.objects.select_related("partner").get(pk=forwarding_id)
    row.remote_id, row.token = row.remote_id or filed.remote_id, row.token or filed.token
    try:
        with transaction.atomic():
            row.save(update_fields=["remote_id", "token"])
    except IntegrityError:
        log.error("partner %s gave the number of another request again", row.partner.slug)
        row.remote_id = ""
    note = f"{row.partner.name}: {row.remote_id}" if row.remote_id else row.partner.name
    try:
        act(
            issue_id=row.issue_id,
            action="forward",
            by=SYSTEM,
            now=now,
            client_id=uuid5(NAMESPACE_URL, f"forwarded:{row.key}:{row.remote_id}"),
            note=note,
        )
    except DomainError as error:  # closed in the meantime: nothing is left to tell
        log.info("request %s at %s: %s", row.issue_id, row.partner.slug, error)


def _settle(claimed: Any, state: str, at: datetime | None, *, failure: str = "", remote_id: str = "") -> None:
    # Whoever has sent it says so even when the lease is over: it must not go again.
    Parcel.objects.filter(pk=claimed.id, state=Parcel.State.WAITING).update(
        state=state,
        settled_at=at,
        failure=failure[:_REASON],
        remote_id=remote_id,
        in_doubt=state == Parcel.State.UNSURE,
    )


def _put_off(claimed: Any, partner: Partner, error: Failed, now: datetime) -> None:
    """Later again; what cannot be repeated safely is for a person, and so is what has failed too often.

    Nothing if another worker has it by now.
    """
    mine = Parcel.objects.filter(pk=claimed.id, state=Parcel.State.WAITING, attempts=claimed.attempts)
    # What was in doubt before stays so: that this attempt did not arrive says nothing of the one before.
    doubt = error.arrived or claimed.was_in_doubt
    reason = str(error)[:_REASON]
    if claimed.attempts >= MOST_ATTEMPTS:
        state = Parcel.State.UNSURE if doubt and not _repeats(claimed, partner) else Parcel.State.DEAD
        settled = None if state == Parcel.State.UNSURE else now
        mine.update(state=state, settled_at=settled, failure=reason, in_doubt=doubt)
        return
    delay = delay_after(claimed.attempts, f"{partner.pk}:{claimed.id}", error.retry_after)
    mine.update(available_at=now + delay, failure=reason, in_doubt=doubt)


def _repeats(claimed: Any, partner: Partner) -> bool:
    return (
        claimed.kind == Parcel.Kind.UPDATE
        or partner.kind == Partner.Kind.WEBHOOK
        or partner.repeats == Partner.Repeats.KEY
    )
