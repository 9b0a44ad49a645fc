"""The one way in which a request changes: `act`.

It reads the request, decides by the table of transitions, and writes everything in one statement
that does nothing if the row is no longer the one that was read. Then it locks the row and does it
all once more. So nobody waits for a lock who does not have to, and no race is lost unseen.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from geo_central.kernel.errors import Conflict, Invalid, NotFound
from geo_central.kernel.sql import Query
from issues.routing.steps import Case

from . import clock, needs, queries, states, steps
from .needs import CITIZEN, Actor, Details, Proof, Request
from .states import Clock, Need
from .writing import Change, columns

_LOCK = Query(__file__, "act_lock")
_READ = Query(__file__, "act_read")
_WRITE = Query(__file__, "act_write")
_TWO_ROWS = {"duplicate", "restore"}


@dataclass(frozen=True, slots=True)
class Acted:
    """The request after the act; `created` is False where the same act had been done before."""

    issue_id: int
    protocol: str
    state: str
    is_open: bool
    event_id: int
    due_at: datetime
    created: bool = True


def act(
    *,
    issue_id: int,
    action: str,
    by: Actor,
    now: datetime,
    seen: str | None = None,
    client_id: UUID | None = None,
    reason: str = "",
    note: str = "",
    proof: Proof | None = None,
    learnt_at: datetime | None = None,
    **details: Any,
) -> Acted:
    """Do something to a request: `action` of the table of transitions (`states.TABLE`).

    `seen` is the state that the actor saw. The same `client_id` twice is one event and the same
    answer. An act that was done without a connection happened at `now` and was learnt of at
    `learnt_at`. `details` are those of `needs.Details`: team (slug), original (protocol), on, until,
    responsible, photos, step, outcome. Writes the event, the clock, the outbox, the closing and
    its photos in one transaction, and notifies `issue_events`.

    Raises Invalid `act.*`, `field.*`, `reason.*`, `proof.*`, `photo.*`, `extension.*`; NotFound
    `issue.unknown` (also for a team that it is not with); Forbidden `act.not_allowed`; Conflict
    `issue.changed` and `act.not_now` with the current state, `extension.used`, `reopen.too_late`,
    `act.id_taken`.
    """
    transition = states.find(action)
    asked = Request(
        transition, by, now, seen, client_id, reason, note, proof or Proof(), Details(**details), learnt_at
    )
    needs.check_shape(asked)
    try:
        if action not in _TWO_ROWS and (done := _attempt(issue_id, asked)):
            return done
        with transaction.atomic():
            _LOCK.rows({"id": issue_id, "original": asked.details.original})
            done = _attempt(issue_id, asked)
    except IntegrityError as error:
        if "event_once" in str(error):  # this id is being used for another request in this very moment
            raise Conflict("act.id_taken", field="client_id") from None
        raise
    if done is None:
        raise RuntimeError(f"request {issue_id} changed while it was locked")
    return done


def act_on(protocol: str, **asked: Any) -> Acted:
    """`act` on the request with this protocol as typed. Raises Malformed `protocol.*` too."""
    return act(issue_id=queries.issue_id(protocol), **asked)


def act_as_reporter(token: str, **asked: Any) -> Acted:
    """`act` as whoever holds the secret link. Raises Forbidden `act.only_reporter` for a follower."""
    return act(issue_id=queries.reporters_issue_id(token), by=CITIZEN, **asked)


def _attempt(issue_id: int, asked: Request) -> Acted | None:
    """Read, decide, write; None when the request changed in between."""
    row = _READ.one(_questions(issue_id, asked))
    if row is None:
        raise NotFound("issue.unknown", field="protocol")
    if row.again:
        return _again(row, asked)
    work = steps.Work.of(row.process_version_id, row.steps or ())
    teams = frozenset({row.team_id}) | work.teams(asked.details.step)
    needs.check_actor(asked, row, teams)
    needs.check_state(asked, row)
    needs.check_photos(asked, row)
    facts: dict[str, Any] = needs.reason_facts(asked, row)
    did = asked.transition.action
    if did == "complete":
        asked = _completed(asked, work, facts)
    elif did == "resolve" and work.open and not needs.may_skip(asked.by, teams):
        asked = _completed(_at_last_step(asked, work), work, facts)
    proof = needs.proof_facts(asked, row) if Need.PROOF in asked.transition.needs else {}
    if proof.get("missing"):
        facts["unproved"] = proof["unproved"]
    change = _change(asked, row, work, facts)
    facts |= {"state": change.state, "due_at": change.due_at, "action": did}
    written = _WRITE.one(columns(asked, row, change, facts, proof))
    if written is None:
        return None
    return Acted(
        row.id, row.protocol, change.state, states.is_open(change.state), written.event_id, change.due_at
    )


def _at_last_step(asked: Request, work: steps.Work) -> Request:
    """Who resolves at the last step ends it. Raises Conflict `step.left` where more is to be done."""
    if (last := work.last(asked.by.teams | asked.by.leads)) is None:
        left = [s.code for s in work.open]
        raise Conflict("step.left", steps=left, names=", ".join(work.name_of(code) for code in left))
    step, outcome = last
    return replace(asked, details=replace(asked.details, step=step, outcome=outcome))


def _completed(asked: Request, work: steps.Work, facts: dict[str, Any]) -> Request:
    """The end of a step: where the process ends with it, the request is resolved or rejected."""
    step, progress = work.ended_by(asked.details.step, asked.details.outcome)
    outcome = step.outcomes[asked.details.outcome]
    facts |= {
        "step": step.code,
        "step_name": step.name,
        "outcome": outcome.code,
        "outcome_name": outcome.name,
    }
    if progress.ended == "resolved":
        return replace(asked, transition=states.TABLE["resolve"])
    if progress.ended == "rejected":
        facts |= {"reason": outcome.code, "reason_text": outcome.name}
        if asked.details.responsible:
            facts["responsible"] = asked.details.responsible
        return replace(asked, transition=states.TABLE["reject"])
    if not {s.code for s in progress.open} - {s.code for s in work.open}:  # others are still at it
        return replace(asked, transition=replace(asked.transition, target=None))
    return asked


def _again(row: Any, asked: Request) -> Acted:
    issue_id, event_id, data = row.again
    if issue_id != row.id or data.get("action") != asked.transition.action:
        raise Conflict("act.id_taken", field="client_id")
    state = data["state"]
    due_at = datetime.fromisoformat(data["due_at"])
    return Acted(row.id, row.protocol, state, states.is_open(state), event_id, due_at, created=False)


def _questions(issue_id: int, asked: Request) -> dict[str, Any]:
    point = asked.proof.point
    return {
        "id": issue_id,
        "action": asked.transition.action,
        "client_id": asked.client_id,
        "reason": asked.reason,
        "unproved": asked.proof.without,
        "team": asked.details.team,
        "original": asked.details.original,
        "photos": list(asked.photos),
        "photo_kind": asked.photo_kind,
        "lng": point.lng if point else None,
        "lat": point.lat if point else None,
    }


def _change(asked: Request, row: Any, work: steps.Work, facts: dict[str, Any]) -> Change:
    """What the act makes of the row; adds to `facts` what the public may read of it."""
    state = states.after(asked.transition, row.state, row.resumes_as)
    closes = not states.is_open(state)
    change = Change(
        state=state,
        resumes_as=_resumes_as(row, state),
        team_id=row.team_id,
        department_id=row.department_id,
        due_at=row.due_at,
        extended_at=row.extended_at,
        closed_at=(row.closed_at or asked.now) if closes else None,
        duplicate_of_id=row.duplicate_of_id,
    )
    _in_time(asked, row)
    _team(asked, row, change, facts)
    _original(asked, row, change, facts)
    _clock(asked, row, work, change)
    if work.process:
        _steps(asked, row, work, change, facts)
    if asked.details.on:
        facts["on"] = asked.details.on.isoformat()
    return change


def _in_time(asked: Request, row: Any) -> None:
    """A citizen contests what was closed while people remember it."""
    if asked.transition.action != "reopen" or asked.by.kind != "citizen" or row.closed_at is None:
        return
    if asked.now > row.closed_at + timedelta(days=settings.CITY.reopen_days):
        raise Conflict("reopen.too_late", state=row.state, days=settings.CITY.reopen_days)


def _resumes_as(row: Any, state: str) -> str:
    if state != "waiting":
        return ""
    kept: str = row.resumes_as if row.state == "waiting" else row.state
    return kept


def _team(asked: Request, row: Any, change: Change, facts: dict[str, Any]) -> None:
    if row.other_team is None:
        if asked.details.team:
            raise Invalid("team.unknown", field="team", value=asked.details.team[:80])
        if asked.transition.action == "resolve":
            facts |= {"team": row.team, "team_name": row.team_name}
        return
    change.team_id, slug, name, change.department_id = row.other_team
    facts |= {"team": slug, "team_name": name}
    change.by_person = asked.transition.action == "assign" and asked.by.kind == "staff"


def _original(asked: Request, row: Any, change: Change, facts: dict[str, Any]) -> None:
    if asked.transition.action == "duplicate":
        change.counterpart_id, facts["duplicate_of"] = needs.original_of(row)
        change.duplicate_of_id, change.gains = change.counterpart_id, 1
    elif asked.transition.action == "restore" and row.duplicate_of_id:
        change.counterpart_id, change.gains = row.duplicate_of_id, -1
        change.duplicate_of_id = None


def _steps(asked: Request, row: Any, work: steps.Work, change: Change, facts: dict[str, Any]) -> None:
    """What becomes of the steps; a request goes to the team of the first one that opens."""
    plan, now, ended = change.steps, asked.now, asked.details
    left = tuple(s for s in work.open if s.code != ended.step)
    if ended.step:
        plan.stopped = [s.id for s in work.open if s.code == ended.step]
        facts_of_end = {"state": "done", "closed_at": now, "outcome": ended.outcome}
        plan.changes = [{"id": step_id, **facts_of_end} for step_id in plan.stopped]
    if not states.is_open(change.state):
        plan.changes += [{"id": s.id, "state": "skipped", "closed_at": now} for s in left]
        if left:
            facts["skipped"] = [s.code for s in left]
        return
    if change.team_id != row.team_id:
        plan.changes += steps.passed_on(work, row.team_id, change.team_id)
    if ended.step or change.reopens:
        _open_steps(asked, row, work, change, facts)


def _open_steps(asked: Request, row: Any, work: steps.Work, change: Change, facts: dict[str, Any]) -> None:
    plan, process = change.steps, work.process
    assert process is not None
    case = Case(row.service_department_id, work.routed_id(row.team_id), row.areas, asked.now, row.edition)
    target = _target(asked, row, change.department_id)
    if change.reopens:
        plan.opens = steps.beginning(process, case, target, asked.now, round=work.round + 1)
    else:
        _, progress = work.ended_by(asked.details.step, asked.details.outcome)
        going_on = {s.code for s in work.open if s.code != asked.details.step}
        new = [s for s in progress.open if s.code not in going_on]
        plan.opens = steps.opening(new, case, target, asked.now, round=work.round)
    if plan.opens:
        lead = plan.opens[0]
        change.team_id, change.department_id = lead.team_id, lead.department_id
        facts |= {"team": lead.team, "team_name": lead.team_name}
        facts["steps"] = [s.name for s in plan.opens]


def _clock(asked: Request, row: Any, work: steps.Work, change: Change) -> None:
    """What becomes of the time of the request."""
    kind = asked.transition.clock
    change.stops = kind in (Clock.STOP, Clock.END)
    change.reopens = kind is Clock.RESTART
    if kind in (Clock.KEEP, Clock.STOP, Clock.END):
        return
    last = _last_run(row)
    if kind is Clock.RUN and last and last.stopped_at is None:
        return
    target = _target(asked, row, change.department_id)
    if kind is Clock.EXTEND:
        clock.once_only(row.extended_at)
        assert asked.details.until is not None
        before = last or _legacy_run(target, row)
        run = clock.extended(target, before, asked.details.until, asked.now)
        change.steps.reruns, change.steps.changes = steps.extended(work, target, before, run, asked.now)
        change.rerun, change.due_at, change.extended_at = run, run.due_at, asked.now
        return
    if kind is Clock.RESTART:
        run = clock.started(target, asked.now)
    else:
        change.steps.runs, change.steps.changes = steps.resumed(work, target, asked.now)
        run = clock.resumed(target, last, asked.now) if last else _legacy_run(target, row)
    change.runs, change.due_at = (run,), run.due_at


def _last_run(row: Any) -> clock.Run | None:
    if row.clock_due_at is None:
        return None
    return clock.Run(row.clock_due_at, row.warn_at, row.stopped_at, row.warned_at, row.escalated_at)


def _legacy_run(target: clock.Target, row: Any) -> clock.Run:
    """Of a request that came without a clock, from elsewhere: it ends when it was to end."""
    warn_at = clock.share_of(target, row.opened_at, row.due_at, clock.WARN_SHARE)
    return clock.Run(row.due_at, min(warn_at, row.due_at))


def _target(asked: Request, row: Any, department_id: int) -> clock.Target:
    since = asked.now.replace(year=asked.now.year - 2, month=1, day=1)
    days = queries.calendar(since=since, edition=row.edition, department_id=department_id)
    return clock.Target(days, row.target, row.target_unit)


__all__ = ["Acted", "Actor", "Proof", "act", "act_as_reporter", "act_on"]
