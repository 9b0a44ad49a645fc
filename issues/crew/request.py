"""One request as the people who work on it see it, and what each of them may do to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geo_central.kernel.errors import NotFound
from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query
from issues.catalogue.processes import RESOLVED
from issues.catalogue.queries import process_version
from issues.lifecycle.needs import Actor
from issues.lifecycle.protocol import parse
from issues.lifecycle.queries import reasons
from issues.lifecycle.states import TABLE, Need, Role, Transition

_REQUEST = Query(__file__, "request")
# Whoever may end a request before its process has ended.
_MAY_SKIP = frozenset({Role.LEADER, Role.MANAGER, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history, the team's own notes too."""

    code: str
    at: datetime
    data: dict[str, Any]
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of its process; `outcomes` (code, name) where it is open and this person may end it."""

    code: str
    name: str
    state: str
    team_name: str
    due_at: datetime
    closed_at: datetime | None
    outcomes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """One act that this person may do now, what it needs, and its list of reasons."""

    action: str
    needs: frozenset[str]
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WorkRequest:
    """A request with its words, place (EPSG:4326), photos, steps and history; nothing of who asked."""

    facts: Any
    point: LngLat | None
    steps: tuple[Step, ...]
    events: tuple[Event, ...]
    offers: tuple[Offer, ...]


def request_for(protocol: str, *, by: Actor) -> WorkRequest:
    """Raises Malformed `protocol.*`; NotFound `issue.unknown`, also where it is not with a team of theirs."""
    row = _REQUEST.one({"protocol": parse(protocol)})
    # Steps may be open in parallel: with the team of the request, and with others.
    at_it = {s["team_id"] for s in row.steps if s["state"] == "open"} | {row.team_id} if row else set()
    roles = by.roles_on(frozenset(at_it))
    if row is None or not roles:
        raise NotFound("issue.unknown", field="protocol")
    steps = _steps(row, by)
    events = (Event(e["code"], datetime.fromisoformat(e["at"]), e["data"], e["note"]) for e in row.events)
    return WorkRequest(
        row,
        LngLat(row.lng, row.lat) if row.lng is not None else None,
        steps,
        tuple(events),
        tuple(_offer(t, row) for t in TABLE.values() if _may(t, row.state, roles, steps)),
    )


def _may(act: Transition, state: str, roles: frozenset[Role], steps: tuple[Step, ...]) -> bool:
    if state not in act.sources or not roles & act.by:
        return False
    left = any(step.state == "open" for step in steps)
    if act.action == "complete":
        return any(step.outcomes for step in steps)
    return act.action != "resolve" or not left or bool(roles & _MAY_SKIP)


def _offer(act: Transition, row: Any) -> Offer:
    needs = {n.value for n in act.needs}
    if act.action == "complete" and _is_last(row):
        needs.add(Need.PROOF.value)
    why = reasons(act.action) if act.takes_reason else ()
    if Need.PROOF in needs:
        why = reasons("unproved")
    return Offer(act.action, frozenset(needs), why)


def _is_last(row: Any) -> bool:
    """Whether the request may be resolved by the end of the step that is open: that takes a proof."""
    left = [s["code"] for s in row.steps if s["state"] == "open"]
    if len(left) != 1 or not row.process_version_id:
        return False
    outcomes = process_version(row.process_version_id).step(left[0]).outcomes
    return any(RESOLVED in outcome.next for outcome in outcomes.values())


def _steps(row: Any, by: Actor) -> tuple[Step, ...]:
    process = process_version(row.process_version_id) if row.process_version_id else None
    kinds = {s.code: s for s in process.steps} if process else {}
    return tuple(
        Step(
            s["code"],
            s["name"],
            s["state"],
            s["team_name"],
            datetime.fromisoformat(s["due_at"]),
            datetime.fromisoformat(s["closed_at"]) if s["closed_at"] else None,
            tuple((o.code, o.name) for o in kinds[s["code"]].outcomes.values())
            if s["state"] == "open"
            and s["code"] in kinds
            and by.roles_on(frozenset({row.team_id, s["team_id"]}))
            else (),
        )
        for s in row.steps
    )
