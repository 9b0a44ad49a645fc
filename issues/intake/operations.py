"""THE ONE DOOR: every request of every channel comes in through `report`."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Conflict, Malformed, NotFound
from issues.catalogue.answers import check_answers
from issues.catalogue.queries import ServiceRow
from issues.catalogue.queries import service as service_of
from issues.citizens import operations as citizens
from issues.citizens.contacts import Contact
from issues.lifecycle import operations as lifecycle
from issues.lifecycle.protocol import format_protocol, parse
from issues.lifecycle.queries import Known, receipt_or_number
from issues.routing.queries import Reason, decide
from layers.queries import Place, place_at

from .drafts import IssueDraft
from .queries import similar_radius


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the reporter gets: the number to quote, the secret to follow, who, by when and why."""

    protocol: str
    token: str
    service: str
    service_name: str
    team_name: str
    department_name: str
    due_at: datetime
    reasons: tuple[Reason, ...]
    address: str
    created: bool
    duplicates_of: str | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """The request followed, and the secret link of this follower."""

    protocol: str
    token: str


def report(*, draft: IssueDraft, reporter: int | None = None, now: datetime) -> Receipt:
    """File a request: one transaction, and the same client id gives the same receipt.

    `reporter` is the id of a citizen who has signed in; otherwise the draft's contact is
    recognised, or the request is anonymous. `duplicates_of` names the nearest open request of the
    service within its radius, if any. Raises DomainErrors that name the field: `service.*`,
    `answer.*`, `place.*`, `photo.unknown`.
    """
    with transaction.atomic():
        given = receipt_or_number(client_id=draft.client_id, year=now.astimezone(city_zone()).year)
        if isinstance(given, Known):
            return _again(given)
        service = service_of(draft.service, edition=given.edition)
        answers = check_answers(service.questions, draft.answers)
        place = _place(service, draft)
        decision = decide(service=service, place=place, at=now, edition=given.edition)
        opened = lifecycle.open_issue(
            protocol=format_protocol(now.astimezone(city_zone()).year, given.number),
            client_id=draft.client_id,
            service=service,
            decision=decision,
            place=place,
            description=draft.description,
            answers=answers,
            photos=draft.photos,
            citizen_id=reporter or citizens.recognise(contact=draft.contact, now=now),
            channel=draft.channel,
            similar_within_m=similar_radius(service),
            edition=given.edition,
            now=now,
        )
    if opened is None:  # a twin of this very report was committed a moment ago
        return report(draft=draft, reporter=reporter, now=now)
    return Receipt(
        protocol=opened.protocol,
        token=opened.token,
        service=service.code,
        service_name=service.name,
        team_name=decision.team.name,
        department_name=decision.team.department_name,
        due_at=opened.due_at,
        reasons=public_reasons(decision.reasons),
        address=place.address if place else "",
        created=True,
        duplicates_of=opened.similar_to,
    )


def public_reasons(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Without the rules that failed: those are for managers."""
    return tuple(r for r in reasons if r.code != "rule_failed")


def follow(*, protocol: str, client_id: UUID, contact: Contact | None = None, now: datetime) -> Followed:
    """ "It is this one": follow an open request instead of filing it again. Repeatable by client id.

    Raises Malformed `protocol.*`, NotFound `issue.unknown`, Conflict `issue.closed`, or Conflict
    `follow.id_taken` when the client id follows another request already.
    """
    with transaction.atomic():
        citizen_id = citizens.recognise(contact=contact, now=now)
        done = lifecycle.follow(
            protocol=parse(protocol),
            client_id=client_id,
            token=secrets.token_urlsafe(16),
            citizen_id=citizen_id,
            now=now,
        )
    if done is None:
        raise NotFound("issue.unknown", field="protocol")
    if not done.is_open:
        raise Conflict("issue.closed", field="protocol", state=done.state)
    if not done.token:
        raise Conflict("follow.id_taken", field="client_id")
    return Followed(done.protocol, done.token)


def _place(service: ServiceRow, draft: IssueDraft) -> Place | None:
    if draft.point is None:
        if service.geolocated:
            raise Malformed("place.missing", field="lat")
        return None
    return place_at(draft.point) if service.geolocated else None


def _again(known: Known) -> Receipt:
    reasons = tuple(Reason(r["code"], {k: v for k, v in r.items() if k != "code"}) for r in known.reasons)
    return Receipt(
        protocol=known.protocol,
        token=known.token,
        service=known.service,
        service_name=known.service_name,
        team_name=known.team,
        department_name=known.department,
        due_at=known.due_at,
        reasons=public_reasons(reasons),
        address=known.address,
        created=False,
        duplicates_of=known.similar_to,
    )
