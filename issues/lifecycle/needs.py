"""What an act needs, checked against the request it is done to. Pure: rows in, errors or facts out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from geo_central.kernel.geo import LngLat

from .states import Need, Role, Transition

NOTE_LIMIT = 4000
PHOTOS_LIMIT = 5
ACCURACY_CAP_M = 200.0
"""A receiver that says it is less certain than this is believed no further."""

_STAFF_ROLES = {"attendant": Role.ATTENDANT, "manager": Role.MANAGER, "admin": Role.ADMIN}
_KINDS = {"citizen": Role.CITIZEN, "system": Role.SYSTEM, "partner": Role.PARTNER}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `kind` is citizen (holding the secret link), staff, partner or system.

    `role` is that of a member of staff (User.Role); `teams` and `leads` are ids of their teams.
    """

    kind: str
    user_id: int | None = None
    role: str = ""
    teams: frozenset[int] = frozenset()
    leads: frozenset[int] = frozenset()

    def roles_on(self, teams: frozenset[int]) -> frozenset[Role]:
        """As whom this actor may act on a request that is with these teams; empty: not at all."""
        if self.kind != "staff":
            return frozenset({_KINDS[self.kind]})
        found = {_STAFF_ROLES[self.role]} if self.role in _STAFF_ROLES else set()
        if self.role in {"crew", *_STAFF_ROLES}:
            if teams & self.teams:
                found.add(Role.CREW)
            if teams & self.leads:
                found.add(Role.LEADER)
        return frozenset(found)


SYSTEM = Actor("system")
CITIZEN = Actor("citizen")


@dataclass(frozen=True, slots=True)
class Proof:
    """That the work was done there: photos taken after it, and where the crew stood.

    Degrees (EPSG:4326) and metres. `without` is a reason of the list `unproved` for what is missing.
    """

    photos: tuple[UUID, ...] = ()
    point: LngLat | None = None
    accuracy_m: float | None = None
    without: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """What some acts take besides a reason, a note and a proof."""

    team: str = ""
    original: str | None = None
    on: date | None = None
    until: datetime | None = None
    responsible: str = ""
    photos: tuple[UUID, ...] = ()
    step: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One act as asked for."""

    transition: Transition
    by: Actor
    now: datetime
    seen: str | None
    client_id: UUID | None
    reason: str
    note: str
    proof: Proof
    details: Details = field(default_factory=Details)
    learnt_at: datetime | None = None

    @property
    def photos(self) -> tuple[UUID, ...]:
        """Every picture that comes with it."""
        return self.details.photos + self.proof.photos

    @property
    def photo_kind(self) -> str:
        """What its pictures show: the place after the work, or before."""
        return "after" if Need.PROOF in self.transition.needs or self.details.step else "before"


def check_shape(asked: Request) -> None:
    """What can be refused before anything is read. Raises Invalid naming the field."""
    needs, details = asked.transition.needs, asked.details
    given: dict[Need, Any] = {
        Need.REASON: asked.reason,
        Need.NOTE: asked.note.strip(),
        Need.TEAM: details.team,
        Need.ORIGINAL: details.original,
        Need.DATE: details.on,
        Need.UNTIL: details.until,
        Need.STEP: details.step,
    }
    for need, value in given.items():
        if need in needs and not value:
            raise Invalid("field.required", field=_FIELDS.get(need, need.value))
    if asked.reason and not asked.transition.takes_reason:
        raise Invalid("act.takes_no_reason", field="reason")
    for name, text, limit in (("note", asked.note, NOTE_LIMIT), ("responsible", details.responsible, 160)):
        if len(text) > limit:
            raise Invalid("field.too_long", field=name, limit=limit)
        if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
            raise Invalid("field.bad_text", field=name)
    if len(asked.photos) > PHOTOS_LIMIT:
        raise Invalid("photo.too_many", field="photos", limit=PHOTOS_LIMIT)
    if details.on and details.on < asked.now.astimezone(city_zone()).date():
        raise Invalid("act.in_the_past", field="on")


_FIELDS = {Need.DATE: "on"}


def check_actor(asked: Request, row: Any, teams: frozenset[int]) -> None:
    """Raises NotFound `issue.unknown` for a request that is not theirs, Forbidden `act.not_allowed`."""
    roles = asked.by.roles_on(teams)
    if not roles:
        raise NotFound("issue.unknown", field="protocol")
    if not roles & asked.transition.by:
        raise Forbidden("act.not_allowed", action=asked.transition.action)


def may_skip(by: Actor, teams: frozenset[int]) -> bool:
    """Whether this actor may end a request before its process has ended: everybody but a crew."""
    return by.roles_on(teams) != {Role.CREW}


def check_state(asked: Request, row: Any) -> None:
    """Raises Conflict `issue.changed` or `act.not_now`, with the current state."""
    if asked.transition.target is not None and asked.seen is not None and asked.seen != row.state:
        raise Conflict("issue.changed", state=row.state)
    if row.state not in asked.transition.sources:
        raise Conflict("act.not_now", state=row.state, action=asked.transition.action)


def reason_facts(asked: Request, row: Any) -> dict[str, Any]:
    """The reason as the public reads it. Raises Invalid `reason.unknown` or `field.required`."""
    if not asked.reason:
        return {}
    if row.reason is None:
        raise Invalid("reason.unknown", field="reason", value=asked.reason[:40])
    text, asks_responsible = row.reason
    facts = {"reason": asked.reason, "reason_text": text}
    if asks_responsible and not asked.details.responsible.strip():
        raise Invalid("field.required", field="responsible")
    if asked.details.responsible:
        facts["responsible"] = asked.details.responsible.strip()
    return facts


def check_photos(asked: Request, row: Any) -> None:
    """Raises Invalid `photo.unknown` for one that was never sent or belongs to another request."""
    if row.strange_photos:
        raise Invalid("photo.unknown", field="photos", id=str(min(row.strange_photos)))


def proof_facts(asked: Request, row: Any) -> Mapping[str, Any]:
    """The closing's proof as a row of Resolution.

    Services without a place need none. Otherwise a photo and a position within the service's
    distance, less what the receiver does not know for certain; or a reason for their absence.
    Raises Invalid `proof.photo`, `proof.position`, `proof.too_far` or `reason.unknown`.
    """
    proof, distance_m, limit = asked.proof, row.distance_m, row.proof_distance_m
    missing, error = [], None
    if row.is_placed:
        doubt = min(proof.accuracy_m or 0.0, ACCURACY_CAP_M)
        if distance_m is None:
            missing.append("position")
            error = Invalid("proof.position", field="proof")
        elif distance_m - doubt > limit:
            missing.append("position")
            error = Invalid("proof.too_far", field="proof", distance_m=round(distance_m), limit_m=limit)
        if not (proof.photos or row.earlier_photos):
            missing.insert(0, "photo")
            error = Invalid("proof.photo", field="proof")
    if error is not None and not proof.without:
        raise error
    if proof.without and row.unproved is None:
        raise Invalid("reason.unknown", field="proof", value=proof.without[:40])
    return {
        "photos": len(proof.photos) + (row.earlier_photos or 0),
        "distance_m": distance_m,
        "accuracy_m": proof.accuracy_m,
        "missing": ",".join(missing),
        "unproved": proof.without if missing else "",
    }


def original_of(row: Any) -> tuple[int, str]:
    """The id and protocol of the request that this one repeats.

    Raises Invalid `act.original_unknown`, `act.original_itself` or `act.original_closed`.
    """
    if row.original is None:
        raise Invalid("act.original_unknown", field="original")
    original_id, protocol, state, repeats = row.original
    if row.id in (original_id, repeats):
        raise Invalid("act.original_itself", field="original")
    if state in ("duplicate", "rejected", "cancelled"):
        raise Invalid("act.original_closed", field="original", state=state)
    return original_id, protocol
