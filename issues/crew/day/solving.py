"""In which order a team's crews do their work: a vehicle routing problem. Pure: numbers in, rounds out.

Solved by VROOM (docs/decisions/0018). Metres are what is kept small; when a crew arrives
follows from a speed. Times are whole seconds from a zero that the caller chooses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

SPEED_KMH = 22.0
"""Of a lorry that works in the city: streets, lights, looking for the place and parking."""

URGENT_WITHIN_S = 2 * 3600
"""What is of the first priority is to be begun in the first hours of a round."""

LUNCH_S = 3600
_TOP = 100
_THOROUGH, _QUICK = 25, 60  # so many stops are worth a long search, and a middling one

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Job:
    """Work at a place (an index of the matrix). `weight` 1 to 100 says which work goes first when not
    all fits; `begin_by` when it must have begun, if it can; `crew` whose it is, if somebody said so."""

    id: int
    place: int
    seconds: int
    weight: int = 1
    begin_by: int | None = None
    crew: int | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """A crew's day: where it sets out, from when to when, and when its hour of rest may begin."""

    crew: int
    place: int
    begins: int
    ends: int
    rest: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """One job in a round; `metres` from the stop before."""

    job: int
    arrives: int
    leaves: int
    metres: float


@dataclass(frozen=True, slots=True)
class Round:
    """What one crew does, in order."""

    crew: int
    stops: tuple[Stop, ...]

    @property
    def metres(self) -> float:
        """Of the whole round; the way back does not count."""
        return sum(s.metres for s in self.stops)


@dataclass(frozen=True, slots=True)
class Solution:
    """A round for each shift, in their order, and the jobs that do not fit."""

    rounds: tuple[Round, ...]
    left: tuple[int, ...]

    @property
    def metres(self) -> float:
        """Of all rounds."""
        return sum(r.metres for r in self.rounds)


def weight(priority: int, due_at: datetime, now: datetime) -> int:
    """How much it matters that work is done today, 1 to 100: what is late or urgent before what is not.

    60 for what is late, less by 12 a day for what has time; 25 more for the first priority and 10 for
    the second; up to 15 more for days of lateness.
    """
    days = (due_at - now) / timedelta(days=1)
    by_due = 60 + min(15.0, -days) if days < 0 else max(1.0, 60 - 12 * days)
    return max(1, min(_TOP, round(by_due + {1: 25, 2: 10}.get(priority, 0))))


def solve(jobs: Sequence[Job], shifts: Sequence[Shift], metres: Floats) -> Solution:
    """Rounds of few metres that do the weightiest work in time.

    What could not be begun in time is tried once more without that wish: late is better than never.
    """
    crews = {s.crew for s in shifts}
    if not any(j.crew is None or j.crew in crews for j in jobs) or not shifts:
        return Solution(tuple(Round(s.crew, ()) for s in shifts), tuple(j.id for j in jobs))
    found = _solved(jobs, shifts, metres)
    hasty = {j.id for j in jobs if j.begin_by is not None}
    if hasty & set(found.left):
        eased = [replace(j, begin_by=None) if j.id in found.left else j for j in jobs]
        found = _solved(eased, shifts, metres)
    return found


def _solved(jobs: Sequence[Job], shifts: Sequence[Shift], metres: Floats) -> Solution:
    vroom = _vroom()
    whole = np.rint(metres).astype(np.uint32)
    asked = vroom.Input()
    asked.set_durations_matrix("car", np.rint(metres / (SPEED_KMH / 3.6)).astype(np.uint32))
    asked.set_distances_matrix("car", whole)
    asked.set_costs_matrix("car", whole)
    for n, shift in enumerate(shifts):
        asked.add_vehicle(_vehicle(vroom, n, shift))
    number_of = {s.crew: n for n, s in enumerate(shifts)}
    for n, job in enumerate(jobs):
        if job.crew is None or job.crew in number_of:
            asked.add_job(_job(vroom, n, job, None if job.crew is None else number_of[job.crew]))
    answer = asked.solve(exploration_level=_effort(len(jobs)), nb_threads=1).to_dict()
    by_vehicle = {r["vehicle"]: r["steps"] for r in answer["routes"]}
    rounds = tuple(
        Round(s.crew, _stops(by_vehicle.get(n, ()), jobs, s, metres)) for n, s in enumerate(shifts)
    )
    done = {stop.job for one in rounds for stop in one.stops}
    return Solution(rounds, tuple(j.id for j in jobs if j.id not in done))


def _vehicle(vroom: ModuleType, number: int, shift: Shift) -> object:
    rest = [vroom.Break(number, [shift.rest], service=LUNCH_S)] if shift.rest else []
    return vroom.Vehicle(
        number,
        start=shift.place,
        time_window=(shift.begins, shift.ends),
        skills={number},
        breaks=rest,
    )


def _job(vroom: ModuleType, number: int, job: Job, vehicle: int | None) -> object:
    return vroom.Job(
        number,
        location=job.place,
        default_service=job.seconds,
        priority=job.weight,
        skills=set() if vehicle is None else {vehicle},
        time_windows=[] if job.begin_by is None else [(0, job.begin_by)],
    )


def _stops(
    steps: Sequence[dict[str, Any]], jobs: Sequence[Job], shift: Shift, metres: Floats
) -> tuple[Stop, ...]:
    stops: list[Stop] = []
    at = shift.place
    for step in steps:
        if step["type"] != "job":
            continue
        job = jobs[step["id"]]
        begins = step["arrival"] + step["waiting_time"]
        stops.append(Stop(job.id, begins, begins + job.seconds, float(metres[at, job.place])))
        at = job.place
    return tuple(stops)


def _effort(jobs: int) -> int:
    """VROOM's exploration level: measured to stay under half a second."""
    return 5 if jobs <= _THOROUGH else 3 if jobs <= _QUICK else 1


@cache
def _vroom() -> ModuleType:
    """Loaded when somebody plans: it brings pandas with it, 100 MB that most processes never need."""
    return import_module("vroom")


def nearest_first(jobs: Sequence[Job], shifts: Sequence[Shift], metres: Floats) -> Solution:
    """The same jobs as somebody does them who always goes to the nearest one: what a plan is compared with.

    Whoever is free first chooses first; nobody stops before all is done.
    """
    left = {j.id: j for j in jobs}
    at = {s.crew: s.place for s in shifts}
    free = {s.crew: s.begins for s in shifts}
    rounds: dict[int, list[Stop]] = {s.crew: [] for s in shifts}
    waiting = [s.crew for s in shifts]
    while waiting and left:
        crew = min(waiting, key=lambda c: (free[c], waiting.index(c)))
        mine = [j for j in left.values() if j.crew in (None, crew)]
        if not mine:
            waiting.remove(crew)
            continue
        job = min(mine, key=lambda j: (metres[at[crew], j.place], j.id))
        far = float(metres[at[crew], job.place])
        arrives = free[crew] + round(far / (SPEED_KMH / 3.6))
        rounds[crew].append(Stop(job.id, arrives, arrives + job.seconds, far))
        at[crew], free[crew] = job.place, arrives + job.seconds
        del left[job.id]
    return Solution(tuple(Round(s.crew, tuple(rounds[s.crew])) for s in shifts), tuple(left))
