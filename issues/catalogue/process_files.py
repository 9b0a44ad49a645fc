"""Processes as files: one TOML each, checked as a table and as a graph before anybody works by it.

Errors are Invalid `process.*` with the file as `field` and what is wrong as data (`step`, `value`,
`why`); `issues.management.words` says each with its remedy.
"""

import hashlib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec

from geo_central.kernel.errors import Invalid

from .processes import (
    ENDS,
    JOINS,
    KINDS,
    TEAM_RULES,
    Marking,
    Outcome,
    Process,
    Step,
    advance,
    begin,
)

SHARE_TOLERANCE = 1e-6
MOST_PATHS = 20_000
MOST_MARKINGS = 5_000
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NAMED = {"department", "team", "area"}


class OutcomeRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a step may end, as written."""

    name: str
    next: list[str]


class StepRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step, as written."""

    code: str
    name: str
    kind: str
    team: str
    share: float
    outcomes: dict[str, OutcomeRow]
    joins: str = "any"
    hint: str = ""


class ProcessRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A process, as written; `code` is the name of the file."""

    code: str
    name: str
    steps: list[StepRow]
    summary: str = ""
    starts: list[str] = []
    reopens: list[str] = []


def read_folder(folder: Path) -> list[Process]:
    """Every process of a folder (`*.toml`), checked, by name of file."""
    return [read(path) for path in sorted(folder.glob("*.toml"))]


def read(path: Path) -> Process:
    """The process of a file, checked. Raises Invalid `process.*`."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid("process.not_toml", field=path.name, why=str(error)) from error
    if given.get("code") != path.stem:
        raise Invalid("process.other_code", field=path.name, value=str(given.get("code", ""))[:64])
    return parse(given, path.name)


def parse(given: Mapping[str, Any], file: str) -> Process:
    """A process from its values, checked. Raises Invalid `process.*` naming `file`."""
    try:
        row = msgspec.convert(given, ProcessRow)
    except msgspec.ValidationError as error:
        raise Invalid("process.bad_row", field=file, why=_explained(str(error), given)) from error
    for fault in (*_row_faults(row), *_step_faults(row)):
        raise _named(fault, file)
    process = built(row)
    for fault in _graph_faults(process):
        raise _named(fault, file)
    return process


def built(row: ProcessRow) -> Process:
    """The value of a row that has been checked."""
    steps = (
        Step(
            s.code, s.name, s.kind, s.team, s.share,
            {code: Outcome(code, o.name, tuple(o.next)) for code, o in s.outcomes.items()},
            s.joins, s.hint,
        )
        for s in row.steps
    )  # fmt: skip
    return Process(0, row.code, 0, row.name, tuple(steps), row.summary, tuple(row.starts), tuple(row.reopens))


def definition(process: Process) -> dict[str, Any]:
    """What is stored of a version. Outcomes are a list, because jsonb forgets the order of keys."""
    return {
        "name": process.name,
        "summary": process.summary,
        "starts": list(process.starts),
        "reopens": list(process.reopens),
        "steps": [
            {**{f: getattr(s, f) for f in _PLAIN}, "outcomes": [asdict(o) for o in s.outcomes.values()]}
            for s in process.steps
        ],
    }


def restored(stored: Mapping[str, Any], *, id: int, code: str, version: int) -> Process:
    """The process of a stored definition."""
    steps = tuple(
        Step(
            **{f: s[f] for f in _PLAIN},
            outcomes={o["code"]: Outcome(o["code"], o["name"], tuple(o["next"])) for o in s["outcomes"]},
        )
        for s in stored["steps"]
    )
    return Process(
        id, code, version, stored["name"], steps,
        stored["summary"], tuple(stored["starts"]), tuple(stored["reopens"]),
    )  # fmt: skip


_PLAIN = ("code", "name", "kind", "team", "share", "joins", "hint")


def digest(process: Process) -> str:
    """SHA-256 (hexadecimal) of the content; the order of steps and of outcomes is part of it."""
    return hashlib.sha256(msgspec.json.encode(definition(process))).hexdigest()


def check_references(
    process: Process, *, departments: Collection[str], teams: Collection[str], layers: Collection[str]
) -> None:
    """Raises Invalid `process.unknown_team` for a rule that names nothing the city has."""
    known = {"department": departments, "team": teams, "area": layers}
    for step in process.steps:
        rule, named = step.team_rule
        if rule in known and named not in known[rule]:
            raise Invalid(
                "process.unknown_team", field=f"{process.code}.toml", step=step.code, value=step.team
            )


Fault = tuple[str, dict[str, Any]]


def _named(fault: Fault, file: str) -> Invalid:
    code, data = fault
    return Invalid(code, field=file, **data)


def _explained(message: str, given: Mapping[str, Any]) -> str:
    """The message of the schema with the code of the step instead of its number."""
    at = re.search(r"\$\.steps\[(\d+)\]", message)
    steps = given.get("steps")
    if at is None or not isinstance(steps, list):
        return message
    step = steps[int(at[1])] if int(at[1]) < len(steps) else None
    code = step.get("code", at[1]) if isinstance(step, dict) else at[1]
    return message.replace(at[0], f"{code}")


def _row_faults(row: ProcessRow) -> Iterator[Fault]:
    if not row.name.strip() or len(row.name) > 120 or not _slug(row.code, 64):
        yield "process.bad_name", {"step": row.code, "value": row.name[:60]}
    if not row.steps:
        yield "process.no_steps", {}
    codes = [s.code for s in row.steps]
    if twice := next((c for c in codes if codes.count(c) > 1), None):
        yield "process.step_twice", {"step": twice}
    for code in (*row.starts, *row.reopens):
        if code not in codes:
            yield "process.unknown_start", {"value": code}


def _step_faults(row: ProcessRow) -> Iterator[Fault]:
    codes = {s.code for s in row.steps}
    for step in row.steps:
        if not _slug(step.code, 40) or not 0 < len(step.name.strip()) <= 120:
            yield "process.bad_name", {"step": step.code, "value": step.name[:60]}
        for value, choices in ((step.kind, KINDS), (step.joins, JOINS)):
            if value not in choices:
                yield "process.not_a_choice", {"step": step.code, "value": value, "why": ", ".join(choices)}
        rule, colon, named = step.team.partition(":")
        if rule not in TEAM_RULES or bool(colon and named) != (rule in _NAMED):
            yield "process.bad_team", {"step": step.code, "value": step.team}
        if not 0 < step.share <= 1:
            yield "process.bad_share", {"step": step.code, "value": step.share}
        if not step.outcomes:
            yield "process.no_outcome", {"step": step.code}
        for code, outcome in step.outcomes.items():
            yield from _outcome_faults(step.code, code, outcome, codes)


def _outcome_faults(step: str, code: str, outcome: OutcomeRow, codes: Collection[str]) -> Iterator[Fault]:
    if not _slug(code, 40) or not 0 < len(outcome.name.strip()) <= 120:
        yield "process.bad_name", {"step": f"{step}.{code}", "value": outcome.name[:60]}
    if not outcome.next or len(set(outcome.next)) < len(outcome.next):
        yield "process.bad_next", {"step": step, "value": code}
    if len(outcome.next) > 1 and set(outcome.next) & set(ENDS):
        yield "process.bad_next", {"step": step, "value": code}
    for target in outcome.next:
        if target not in codes and target not in ENDS:
            yield "process.unknown_next", {"step": step, "value": target, "why": code}


def _slug(text: str, limit: int) -> bool:
    return len(text) <= limit and _SLUG.fullmatch(text) is not None


def _graph_faults(process: Process) -> Iterator[Fault]:
    begun = {*process.begins(), *process.begins(reopened=True)}
    reached = begun.union(*(process.ahead[c] for c in begun))
    for step in process.steps:
        if step.code not in reached:
            yield "process.unreachable", {"step": step.code}
        if not any(_ends(process, c) for c in (step.code, *process.ahead[step.code])):
            yield "process.no_way_out", {"step": step.code}
    yield from _share_faults(process)
    yield from _meeting_faults(process)


def _ends(process: Process, code: str) -> bool:
    return any(set(o.next) & set(ENDS) for o in process.step(code).outcomes.values())


def _share_faults(process: Process) -> Iterator[Fault]:
    """The longest way through, each step once, takes the whole time of the service; no way takes more."""
    for reopened in (False, True):
        longest: tuple[str, ...] = ()
        most = 0.0
        for n, path in enumerate(_paths(process, process.begins(reopened=reopened))):
            if n > MOST_PATHS:
                yield "process.too_large", {}
                return
            total = sum(process.step(c).share for c in path)
            if total > most:
                longest, most = path, total
        if most > 1 + SHARE_TOLERANCE or (most < 1 - SHARE_TOLERANCE and not reopened):
            yield "process.shares", {"value": f"{most:.4g}", "why": " → ".join(longest)}
            return


def _paths(process: Process, starts: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Every way from there to an end that takes no step twice."""
    ahead: list[tuple[str, ...]] = [(code,) for code in starts]
    while ahead:
        path = ahead.pop()
        if _ends(process, path[-1]):
            yield path
        ahead.extend((*path, c) for c in process.step(path[-1]).next if c not in path)


def _meeting_faults(process: Process) -> Iterator[Fault]:
    """Two branches that run at once may meet only in a join that waits for all.

    Looks at every marking that the process can come to; these are few, as a process is small.
    """
    near = {step.code: _until_joins(process, step.next) for step in process.steps}
    seen: set[Marking] = set()
    ahead = [begin(process), begin(process, reopened=True)]
    while ahead:
        marking = ahead.pop()
        if marking in seen:
            continue
        seen.add(marking)
        if len(seen) > MOST_MARKINGS:
            yield "process.too_large", {}
            return
        for one, other in combinations(sorted(marking.open), 2):
            met = (near[one] | {one}) & (near[other] | {other})
            if clash := sorted(c for c in met if process.step(c).joins != "all"):
                yield "process.branches_meet", {"step": clash[0], "value": one, "why": other}
                return
        for code in marking.open:
            ahead.extend(advance(process, marking, code, o) for o in process.step(code).outcomes)


def _until_joins(process: Process, seeds: Collection[str]) -> frozenset[str]:
    """What is reached from there without going through a join that waits for all."""
    found: set[str] = set()
    ahead = list(seeds)
    while ahead:
        code = ahead.pop()
        if code not in found:
            found.add(code)
            if process.step(code).joins != "all":
                ahead.extend(process.step(code).next)
    return frozenset(found)
