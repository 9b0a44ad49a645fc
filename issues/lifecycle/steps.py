"""The steps of a request: what opens, what ends, whose turn it is. The process says; this keeps count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from geo_central.kernel.errors import Conflict
from issues.catalogue.processes import Process, Progress, Step, after, first
from issues.catalogue.queries import process_version
from issues.routing.steps import Case, team_of_step

from . import clock
from .clock import Run, Target


@dataclass(frozen=True, slots=True)
class Opening:
    """A step that begins: its team and its share of the time."""

    code: str
    name: str
    team_id: int
    team: str
    team_name: str
    department_id: int
    round: int
    run: Run


@dataclass(frozen=True, slots=True)
class Kept:
    """A step as it is stored, with the last interval of its clock."""

    id: int
    code: str
    state: str
    outcome: str
    team_id: int
    round: int
    closed_at: datetime | None
    run: Run | None


@dataclass(slots=True)
class Plan:
    """What an act makes of the steps: new ones, changed ones (by id), clocks that start and that change."""

    opens: list[Opening] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    runs: list[tuple[int, Run]] = field(default_factory=list)
    reruns: list[tuple[int, Run]] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Work:
    """The steps of one request so far; `process` is None for one that is done in one piece."""

    process: Process | None
    kept: tuple[Kept, ...]

    @classmethod
    def of(cls, version_id: int | None, rows: Iterable[Mapping[str, Any]]) -> "Work":
        """From the columns `process_version_id` and `steps` of the reading statement."""
        kept = tuple(_kept(r) for r in rows)
        return cls(process_version(version_id) if version_id else None, kept)

    @property
    def round(self) -> int:
        """How often it had been reopened when its last steps began."""
        return max((s.round for s in self.kept), default=0)

    @property
    def open(self) -> tuple[Kept, ...]:
        """Steps that are being worked on."""
        return tuple(s for s in self.kept if s.state == "open")

    def teams(self, step: str = "") -> frozenset[int]:
        """Whose turn it is: of one step, or of any."""
        return frozenset(s.team_id for s in self.open if step in ("", s.code))

    def routed_id(self, otherwise: int) -> int:
        """The team that routing, or a person, gave the request to."""
        for kept in reversed(self.kept):
            if self.process and self.process.step(kept.code).team_rule[0] == "routed":
                return kept.team_id
        return otherwise

    def name_of(self, step: str) -> str:
        """A step's name; its code where the process does not know it any more."""
        return next((s.name for s in self.process.steps if s.code == step), step) if self.process else step

    def last(self, teams: frozenset[int]) -> tuple[str, str] | None:
        """The only open step, if one of these teams has it, and its outcome that ends the process well."""
        if self.process is None or len(self.open) != 1 or self.open[0].team_id not in teams:
            return None
        code = self.open[0].code
        outcomes = self.process.step(code).outcomes
        return next(((code, o) for o in outcomes if self.ended_by(code, o)[1].ended == "resolved"), None)

    def ended_by(self, step: str, outcome: str) -> tuple[Step, Progress]:
        """The step, and where the process is once it has ended so.

        Raises Conflict `step.not_open`, Invalid `step.unknown` or `step.unknown_outcome`.
        """
        if self.process is None:
            raise Conflict("step.not_open", step=step)
        ended = [s for s in self.kept if s.state == "done" and s.round == self.round]
        ended.sort(key=lambda s: (s.closed_at is None, s.closed_at, s.id))
        done = [*((s.code, s.outcome) for s in ended), (step, outcome)]
        return self.process.step(step), after(self.process, done, reopened=self.round > 0)


def beginning(
    process: Process, case: Case, target: Target, now: datetime, *, round: int = 0
) -> list[Opening]:
    """The steps with which a request begins, or begins again after it was reopened."""
    return opening(first(process, reopened=round > 0), case, target, now, round=round)


def opening(steps: Iterable[Step], case: Case, target: Target, now: datetime, *, round: int) -> list[Opening]:
    """Steps that begin now, each with its share of the time that a request opened now would have."""
    whole = clock.started(target, now).due_at
    found = []
    for step in steps:
        team = team_of_step(*step.team_rule, case)
        due_at = clock.share_of(target, now, whole, step.share)
        run = Run(due_at, clock.share_of(target, now, due_at, clock.WARN_SHARE))
        found.append(
            Opening(step.code, step.name, team.id, team.slug, team.name, team.department_id, round, run)
        )
    return found


def passed_on(work: Work, from_team: int, to_team: int) -> list[dict[str, Any]]:
    """Another team takes over the open steps of one; sorting out stays with those who sort out."""
    if work.process is None:
        return []
    mine = (s for s in work.open if s.team_id == from_team)
    return [{"id": s.id, "team_id": to_team} for s in mine if work.process.step(s.code).kind != "triage"]


def resumed(work: Work, target: Target, now: datetime) -> tuple[list[tuple[int, Run]], list[dict[str, Any]]]:
    """The clocks of open steps that had stopped run again, and the steps' new ends."""
    runs = [(s.id, clock.resumed(target, s.run, now)) for s in work.open if s.run and s.run.stopped_at]
    return runs, [{"id": step_id, "due_at": run.due_at} for step_id, run in runs]


def extended(
    work: Work, target: Target, before: Run, run: Run, now: datetime
) -> tuple[list[tuple[int, Run]], list[dict[str, Any]]]:
    """The clocks of open steps with what the request has gained, and the steps' new ends."""
    gained = clock.elapsed(target, before.due_at, run.due_at)
    runs = []
    for kept in work.open:
        if kept.run and kept.run.stopped_at is None:
            due_at = min(clock.moved(target, kept.run.due_at, gained), run.due_at)
            runs.append((kept.id, Run(due_at, clock.share_of(target, now, due_at, clock.WARN_SHARE))))
    return runs, [{"id": step_id, "due_at": step.due_at} for step_id, step in runs]


def _kept(row: Mapping[str, Any]) -> Kept:
    run = row["run"]
    return Kept(
        row["id"], row["code"], row["state"], row["outcome"], row["team_id"], row["round"],
        _moment(row["closed_at"]),
        Run(**{name: _moment(run[name]) for name in Run.__dataclass_fields__}) if run else None,
    )  # fmt: skip


def _moment(text: str | None) -> Any:
    return datetime.fromisoformat(text) if text else None
