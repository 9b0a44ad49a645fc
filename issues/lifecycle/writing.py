"""What an act makes of a request, as the parameters of the one statement that writes it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from . import clock, states
from .needs import Request
from .steps import Plan


@dataclass(slots=True)
class Change:
    """What the act makes of the row: the columns of the writing statement."""

    state: str
    resumes_as: str
    team_id: int
    department_id: int
    due_at: datetime
    extended_at: datetime | None
    closed_at: datetime | None
    duplicate_of_id: int | None
    by_person: bool = False
    stops: bool = False
    rerun: clock.Run | None = None
    runs: tuple[clock.Run, ...] = ()
    reopens: bool = False
    gains: int = 0
    counterpart_id: int | None = None
    steps: Plan = field(default_factory=Plan)


SOON_ENOUGH = timedelta(hours=1)
"""That somebody is on the way is no news any more once they must have arrived."""


def _tells(asked: Request) -> list[str]:
    """Kinds of outbox rows; whoever follows hears what the reporter hears."""
    kinds = list(asked.transition.tells)
    if asked.transition.action == "go" and asked.learnt_at and asked.learnt_at - asked.now > SOON_ENOUGH:
        return []
    if asked.transition.action == "comment":
        kinds.append(states.TEAM_NOTICE if asked.by.kind == "citizen" else states.CITIZEN_NOTICE)
    if states.CITIZEN_NOTICE in kinds and asked.transition.action != "comment":
        kinds.append("follower_notice")
    return kinds


def columns(asked: Request, row: Any, change: Change, facts: dict[str, Any], proof: Any) -> dict[str, Any]:
    """The parameters of the writing statement."""
    kept = {name: getattr(change, name) for name in _PLAIN}
    return {
        **kept,
        "id": row.id,
        "version": row.version,
        "was_team_id": row.team_id,
        "user_id": asked.by.user_id,
        "by": asked.by.kind,
        "event": asked.transition.event,
        "is_public": asked.transition.is_public,
        "data": _json(facts),
        "note": asked.note.strip(),
        "client_id": asked.client_id,
        "reruns": _json(_reruns(change)),
        "runs": _json(_runs(change)),
        "step_changes": _json(_merged(change.steps.changes)),
        "new_steps": _json(
            [
                {
                    "code": s.code,
                    "name": s.name,
                    "team_id": s.team_id,
                    "round": s.round,
                    "due_at": s.run.due_at,
                }
                for s in change.steps.opens
            ]
        ),
        "stopped_steps": change.steps.stopped,
        "tells": _tells(asked),
        "photos": list(asked.photos),
        "photo_kind": asked.photo_kind,
        "proof": _json(proof),
        "now": asked.now,
        "learnt_at": asked.learnt_at or asked.now,
    }


_PLAIN = tuple(f for f in Change.__dataclass_fields__ if f not in {"rerun", "runs", "steps"})


def _runs(change: Change) -> list[dict[str, Any]]:
    """Every clock that starts: of the request, of steps that go on, and of those that begin."""
    return [
        *(_run(r) for r in change.runs),
        *({**_run(r), "step_id": step_id} for step_id, r in change.steps.runs),
        *({**_run(s.run), "step_code": s.code} for s in change.steps.opens),
    ]


def _reruns(change: Change) -> list[dict[str, Any]]:
    """Clocks that run on with another end: of the request, and of its open steps."""
    own = [{**_run(change.rerun), "step_id": None}] if change.rerun else []
    return [*own, *({**_run(r), "step_id": step_id} for step_id, r in change.steps.reruns)]


def _merged(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a step: an UPDATE takes only one."""
    found: dict[int, dict[str, Any]] = {}
    for change in changes:
        found.setdefault(change["id"], {}).update(change)
    return list(found.values())


def _run(run: clock.Run) -> dict[str, Any]:
    return {
        "due_at": run.due_at,
        "warn_at": run.warn_at,
        "alarm_at": run.alarm_at,
        "warned_at": run.warned_at,
        "escalated_at": run.escalated_at,
    }


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
