"""The day's area as a phone keeps it: open requests around a point, and what may be done to each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from geo_central.kernel.errors import Invalid
from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query
from issues.catalogue.queries import process_version
from issues.lifecycle.needs import Actor
from issues.lifecycle.queries import reasons
from issues.lifecycle.states import TABLE, Need, Role
from issues.teams.models import Team

from .queries import PAGE_LIMIT, near

_CARRIED = Query(__file__, "carried")

FIELD_ACTS = ("go", "start", "resolve", "complete", "cannot_do", "resume", "note", "parts", "duplicate")
"""What is done in the street. Moving a wrong pin is not of the table: it changes no state."""

_MAY_SKIP = frozenset({Role.LEADER, Role.MANAGER, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class TeamRef:
    """A team that somebody works in."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class FieldAct:
    """One act, for a phone that must know offline what may follow: states by code, roles by code."""

    action: str
    sources: tuple[str, ...]
    target: str | None
    by: tuple[str, ...]
    needs: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Area:
    """GeoJSON features as text; `is_whole` where there are no more within the radius."""

    features: tuple[str, ...]
    is_whole: bool


def my_teams(team_ids: Sequence[int]) -> tuple[TeamRef, ...]:
    """The teams with these ids, by name."""
    rows = Team.objects.filter(pk__in=team_ids).order_by("name", "slug").values_list("pk", "slug", "name")
    return tuple(TeamRef(*row) for row in rows)


def chosen(teams: Sequence[TeamRef], slug: str) -> tuple[int, ...]:
    """The ids of all, or of the one with that slug. Raises Invalid `team.unknown` for another one."""
    ids = tuple(t.id for t in teams if slug in ("", t.slug))
    if slug and not ids:
        raise Invalid("team.unknown", field="team", value=slug[:80])
    return ids


def field_acts() -> tuple[FieldAct, ...]:
    """What is done in the street, as the table of transitions has it."""
    found = []
    for action in FIELD_ACTS:
        t = TABLE[action]
        why = reasons(action) if t.takes_reason else reasons("unproved") if Need.PROOF in t.needs else ()
        found.append(FieldAct(action, _codes(t.sources), t.target, _codes(t.by), _codes(t.needs), why))
    return tuple(found)


def area(*, by: Actor, team_ids: Sequence[int], point: LngLat, radius_m: float, now: datetime) -> Area:
    """Open requests of these teams around `point`, nearest first, at most PAGE_LIMIT of them.

    Each feature is that of `queries.near` with a member `work`: words, photos (ids), open steps with
    their outcomes, the roles in which this person acts on it, and whether they may end it early.
    """
    page = near(team_ids=team_ids, point=point, radius_m=radius_m, limit=PAGE_LIMIT, now=now)
    protocols = [msgspec.json.decode(text, type=_Id).id for text in page.features]
    carried = {row.protocol: _work(row, by) for row in _CARRIED.rows({"protocols": protocols})}
    features = (
        f'{text[:-1]}, "work": {msgspec.json.encode(carried[protocol]).decode()}}}'
        for text, protocol in zip(page.features, protocols, strict=True)
        if protocol in carried
    )
    return Area(tuple(features), page.next_key is None)


class _Id(msgspec.Struct):
    id: str


def _work(row: Any, by: Actor) -> dict[str, Any]:
    process = process_version(row.process_version_id) if row.process_version_id and row.steps else None
    kinds = {s.code: s for s in process.steps} if process else {}
    roles = by.roles_on(frozenset({row.team_id, *(s["team_id"] for s in row.steps)}))
    return {
        "description": row.description,
        "answers": row.answers,
        "team_name": row.team_name,
        "needs_place": row.needs_place,
        "proof_distance_m": row.proof_distance_m,
        "photos": row.photos,
        "roles": sorted(roles),
        "may_skip": bool(roles & _MAY_SKIP),
        "steps": [
            {
                "code": s["code"],
                "name": s["name"],
                "outcomes": [[o.code, o.name] for o in kinds[s["code"]].outcomes.values()],
            }
            for s in row.steps
            if s["code"] in kinds
        ],
    }


def _codes(values: frozenset[Any]) -> tuple[str, ...]:
    return tuple(sorted(str(v) for v in values))
