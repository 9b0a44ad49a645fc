"""What happens to a request: writes. The first chapter: it is opened."""

import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from django.conf import settings

from geo_central.kernel.errors import Invalid
from geo_central.kernel.sql import Query
from issues.catalogue.processes import Process
from issues.catalogue.queries import ServiceRow, process_of
from issues.routing.queries import Decision
from issues.routing.steps import Case
from layers.queries import Place

from . import clock
from .acting import Acted, act, act_as_reporter, act_on
from .models import Holiday, Reason
from .needs import CITIZEN, SYSTEM, Actor, Proof
from .queries import calendar
from .states import REASON_KINDS
from .steps import beginning

_OPEN = Query(__file__, "open")
_FOLLOW = Query(__file__, "follow")


@dataclass(frozen=True, slots=True)
class Opened:
    """The new request; `token` is the secret that follows it."""

    id: int
    protocol: str
    token: str
    due_at: datetime
    similar_to: str | None


def open_issue(
    *,
    protocol: str,
    client_id: uuid.UUID,
    service: ServiceRow,
    decision: Decision,
    place: Place | None,
    description: str,
    answers: Mapping[str, Any],
    photos: tuple[uuid.UUID, ...],
    citizen_id: int | None,
    channel: str,
    similar_within_m: int = 0,
    edition: int | None = None,
    now: datetime,
) -> Opened | None:
    """Write the issue, its first events, its running clock, outbox rows and photos: one statement.

    None when another transaction has just opened the same client id. The nearest open
    request of the service within `similar_within_m` metres is told to the reporter. Raises Invalid
    `photo.unknown` for a photo that was never uploaded or belongs to another request.
    """
    token = secrets.token_urlsafe(16)
    days = calendar(since=now, edition=edition, department_id=decision.team.department_id)
    target = clock.Target(days, service.target, service.target_unit)
    run = clock.started(target, now)
    due_at = run.due_at
    reasons = [{"code": r.code, **r.data} for r in decision.reasons]
    areas = {a.layer: a.code for a in place.areas} if place else {}
    process = process_of(service.id, edition=edition)
    begins = _beginning(process, service, decision, areas, target, edition, now) if process else []
    row = _OPEN.one(
        {
            "client_id": client_id,
            "protocol": protocol,
            "token": token,
            "service_id": service.id,
            "channel": channel,
            "state": "received" if decision.rule_id is None else "assigned",
            "precision": service.precision,
            "lng": place.point.lng if place else None,
            "lat": place.point.lat if place else None,
            "address": place.address if place else "",
            "areas": _json(areas),
            "district": areas.get(settings.CITY.district_layer, ""),
            "neighbourhood": areas.get(settings.CITY.neighbourhood_layer, ""),
            "description": description,
            "answers": _json(answers),
            "citizen_id": citizen_id,
            "department_id": decision.team.department_id,
            "team_id": decision.team.id,
            "rule_id": decision.rule_id,
            "reasons": _json(reasons),
            "priority": 1 if service.target_unit == "hours" else 3,
            "now": now,
            "due_at": due_at,
            "warn_at": run.warn_at,
            "opened": _json({"channel": channel, "due_at": due_at}),
            "assigned": _json({"team": decision.team.slug, "team_name": decision.team.name}),
            "photos": list(photos),
            "process_version_id": process.id if process else None,
            "steps": _json(begins),
            "similar_within_m": similar_within_m if place else 0,
        }
    )
    if row is None:
        return None
    if missing := set(photos) - set(row.photos or ()):
        raise Invalid("photo.unknown", field="photos", id=str(min(missing)))
    return Opened(row.id, protocol, token, due_at, row.similar_to)


def _beginning(
    process: Process,
    service: ServiceRow,
    decision: Decision,
    areas: Mapping[str, str],
    target: clock.Target,
    edition: int | None,
    now: datetime,
) -> list[dict[str, Any]]:
    """The first steps as rows. The request itself stays with the team that routing gave it to."""
    case = Case(service.department_id, decision.team.id, areas, now, edition or 0)
    return [
        {
            "code": s.code,
            "name": s.name,
            "team_id": s.team_id,
            "due_at": s.run.due_at,
            "warn_at": s.run.warn_at,
        }
        for s in beginning(process, case, target, now)
    ]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


@dataclass(frozen=True, slots=True)
class Following:
    """The state of the request that somebody asked to follow.

    The token is empty when it is closed, or when this client id follows another request.
    """

    protocol: str
    token: str
    state: str
    is_open: bool


def follow(
    *, protocol: str, client_id: uuid.UUID, token: str, citizen_id: int | None, now: datetime
) -> Following | None:
    """Add a follower to an open request: one statement, once per client id. None when unknown."""
    params = {
        "protocol": protocol,
        "client_id": client_id,
        "token": token,
        "citizen_id": citizen_id,
        "now": now,
    }
    row = _FOLLOW.one(params)
    if row and row.is_open and not row.token:  # a twin was committed while this one waited for it
        row = _FOLLOW.one(params)
    return Following(row.protocol, row.token or "", row.state, row.is_open) if row else None


def load_holidays(rows: Iterable[tuple[date, str]]) -> int:
    """Add or rename days without work; how many were given."""
    given = [Holiday(on=on, name=name) for on, name in rows]
    Holiday.objects.bulk_create(given, update_conflicts=True, unique_fields=["on"], update_fields=["name"])
    return len(given)


def load_reasons(rows: Iterable[Mapping[str, str]]) -> int:
    """Add or update reasons (`kind`, `code`, `text`, `asks_responsible`) in the order given; how many.

    Those no longer given are not offered any more. Raises Invalid `reason.unknown_list`.
    """
    given = []
    for position, row in enumerate(rows):
        if row["kind"] not in REASON_KINDS:
            raise Invalid("reason.unknown_list", field=row["code"], value=row["kind"])
        given.append(
            Reason(
                kind=row["kind"],
                code=row["code"],
                text=row["text"],
                asks_responsible=row["asks_responsible"] == "yes",
                position=position,
            )
        )
    Reason.objects.update(is_active=False)
    Reason.objects.bulk_create(
        given,
        update_conflicts=True,
        unique_fields=["kind", "code"],
        update_fields=["text", "asks_responsible", "position", "is_active"],
    )
    return len(given)


__all__ = [
    "CITIZEN", "SYSTEM", "Acted", "Actor", "Following", "Opened", "Proof", "act", "act_as_reporter",
    "act_on", "follow",
    "load_holidays", "load_reasons", "open_issue",
]  # fmt: skip
