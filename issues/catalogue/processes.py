"""What a process is and how it goes on: steps, outcomes, branches, joins. Pure.

A process is a graph. Each outcome of a step leads to other steps (several: at the same time) or to
an end. At any moment some steps are open; `after` says which, from nothing but the outcomes so far:

* a step with `joins = "any"` opens whenever an outcome leads to it: so work comes back to a step
  that was done before (checked, not good enough, done again);
* a step with `joins = "all"` waits, once an outcome has led to it, for as long as an open step may
  still lead to it (the *synchronizing merge* of workflow patterns: branches that were not taken are
  not waited for, so no join waits for ever);
* `end:rejected` ends everything at once; `end:resolved` ends its branch, and the process when
  nothing is open any more.

`issues.catalogue.process_files` refuses graphs in which this could leave a step unreachable, never
end, or do a step twice because two branches meet in it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from geo_central.kernel.errors import Conflict, Invalid

KINDS = (
    "triage", "scheduling", "inspection", "analysis", "notification", "decision", "payment",
    "execution", "care", "verification", "delivery",
)  # fmt: skip
"""What is done in a step: sorted out, dated, looked at on the spot, examined at a desk, somebody told
to put it right, decided, paid, carried out, a person or animal cared for, checked, handed over."""

JOINS = ("any", "all")
RESOLVED, REJECTED = "end:resolved", "end:rejected"
ENDS = (RESOLVED, REJECTED)
TEAM_RULES = ("routed", "triage", "department", "team", "area")
Ended = Literal["resolved", "rejected"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step may end. `next` are codes of steps, or one of ENDS alone."""

    code: str
    name: str
    next: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of work of one team.

    `team` says whose, by one of these rules:
    `routed`, the team that routing gave the request to;
    `triage`, the triage team of the request's department;
    `department:CODE`, the team to which routing's rules about that department as a whole give the
    place of the request (by its districts, or one for the city), else its triage team;
    `area:LAYER`, the team of the request's department whose territory is the request's area of that
    layer, else its triage team;
    `team:SLUG`, that team.
    `share` is its part of the time of the service, over 0 and up to 1.
    """

    code: str
    name: str
    kind: str
    team: str
    share: float
    outcomes: Mapping[str, Outcome] = field(hash=False)
    joins: str = "any"
    hint: str = ""

    @property
    def team_rule(self) -> tuple[str, str]:
        """The rule and what it names (empty for `routed` and `triage`)."""
        rule, _, named = self.team.partition(":")
        return rule, named

    @property
    def next(self) -> tuple[str, ...]:
        """The steps that its outcomes lead to, each once, in order."""
        return tuple(dict.fromkeys(c for o in self.outcomes.values() for c in o.next if c not in ENDS))


@dataclass(frozen=True)
class Process:
    """A version of a process. `starts` are the steps of a new request, `reopens` of a contested one.

    Empty `starts` mean the first step; empty `reopens` mean `starts`. `id` is that of the version.
    """

    id: int
    code: str
    version: int
    name: str
    steps: tuple[Step, ...]
    summary: str = ""
    starts: tuple[str, ...] = ()
    reopens: tuple[str, ...] = ()

    def step(self, code: str) -> Step:
        """The step of that code. Raises Invalid `step.unknown`."""
        try:
            return self._by_code[code]
        except KeyError:
            raise Invalid("step.unknown", field="step", value=code[:40]) from None

    def begins(self, *, reopened: bool = False) -> tuple[str, ...]:
        """The codes of the steps with which it begins, or begins again."""
        starts = self.starts or (self.steps[0].code,)
        return (self.reopens or starts) if reopened else starts

    @cached_property
    def _by_code(self) -> dict[str, Step]:
        return {step.code: step for step in self.steps}

    @cached_property
    def _order(self) -> dict[str, int]:
        return {step.code: n for n, step in enumerate(self.steps)}

    @cached_property
    def ahead(self) -> dict[str, frozenset[str]]:
        """For each step, every step that it may still lead to (itself only by a loop)."""
        return {step.code: _reached(self._by_code, step.next) for step in self.steps}


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a process is. `waiting` are joins that an open step may still lead to.

    Once `ended`, nothing is open; whatever was open and is neither here nor done was skipped.
    """

    open: tuple[Step, ...]
    ended: Ended | None = None
    waiting: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Marking:
    """Codes of the open steps and of the joins that wait: all that the future depends on."""

    open: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    ended: Ended | None = None


def first(process: Process, *, reopened: bool = False) -> tuple[Step, ...]:
    """The steps that are open at the beginning, or when a closing was contested."""
    return after(process, (), reopened=reopened).open


def after(process: Process, done: Sequence[tuple[str, str]], *, reopened: bool = False) -> Progress:
    """Where the process is after these (step, outcome), in the order in which they were done.

    Raises Invalid `step.unknown`, `step.unknown_outcome`; Conflict `step.not_open`.
    """
    marking = begin(process, reopened=reopened)
    for code, outcome in done:
        marking = advance(process, marking, code, outcome)
    return Progress(_steps(process, marking.open), marking.ended, _steps(process, marking.waiting))


def begin(process: Process, *, reopened: bool = False) -> Marking:
    """The first marking."""
    return _settled(process, frozenset(), frozenset(), process.begins(reopened=reopened))


def advance(process: Process, marking: Marking, code: str, outcome: str) -> Marking:
    """The marking after an open step has ended so. Raises as `after`."""
    step = process.step(code)
    if code not in marking.open:
        raise Conflict("step.not_open", step=code)
    if outcome not in step.outcomes:
        raise Invalid("step.unknown_outcome", field="outcome", value=outcome[:40], step=step.name)
    leads = step.outcomes[outcome].next
    if REJECTED in leads:
        return Marking(ended="rejected")
    return _settled(process, marking.open - {code}, marking.waiting, [c for c in leads if c not in ENDS])


def _settled(
    process: Process, opened: frozenset[str], waiting: frozenset[str], led_to: Iterable[str]
) -> Marking:
    """Open what was led to; then, one by one, the joins that nothing open can lead to any more."""
    joins = {c for c in led_to if process.step(c).joins == "all"}
    opened, waiting = opened | (set(led_to) - joins), waiting | joins
    while ready := _ready(process, opened, waiting):
        opened, waiting = opened | {ready}, waiting - {ready}
    return Marking(opened, waiting, None if opened else "resolved")


def _ready(process: Process, opened: frozenset[str], waiting: frozenset[str]) -> str | None:
    """The join to open next: led to by no open step, and if it can be, by no other join that waits."""
    free = [c for c in waiting if not any(c in process.ahead[o] for o in opened - {c})]
    if not free:
        return None
    behind = [c for c in free if any(c in process.ahead[w] for w in waiting - {c})]
    return min(set(free) - set(behind) or free, key=process._order.__getitem__)


def _steps(process: Process, codes: Collection[str]) -> tuple[Step, ...]:
    return tuple(step for step in process.steps if step.code in codes)


def _reached(steps: Mapping[str, Step], seeds: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    ahead = list(seeds)
    while ahead:
        code = ahead.pop()
        if code not in found:
            found.add(code)
            ahead.extend(steps[code].next)
    return frozenset(found)
