"""What a plan saves, tried on paper: the day of some crews against always going to the nearest stop."""

import random
from dataclasses import dataclass
from datetime import datetime

from geo_central.kernel.clock import city_zone
from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query

from .planning import SetOut, asked_for, worked_out
from .solving import Job, Solution, nearest_first

_WORK = Query(__file__, "work", planned=True)


@dataclass(frozen=True, slots=True)
class Compared:
    """The same stops in two orders. `late` counts work that is not begun by when it should be."""

    stops: int
    left: int
    metres: float
    nearest_metres: float
    late: int
    nearest_late: int


def compare(
    *, team_id: int, crews: int, stops: int, hours: tuple[datetime, datetime], now: datetime, seed: int
) -> Compared | None:
    """Plan a day of a team's open work for so many crews, and write nothing. None where there is no work.

    Crews set out from places of the team's work, drawn by `seed`. Both orders do the stops that the
    plan has room for; who goes to the nearest one pays no heed to when work is due.
    """
    numbers = list(range(-crews, 0))
    on = now.astimezone(city_zone()).date()
    middle = [LngLat(0.0, 0.0)] * crews
    rows = _WORK.rows({**asked_for(team_id, numbers, middle, on), "limit": stops})
    if not rows:
        return None
    dice = random.Random(seed)  # noqa: S311 (no secret)
    starts = [LngLat(r.lng, r.lat) for r in (dice.choice(rows) for _ in numbers)]
    outs = [SetOut(n, p) for n, p in zip(numbers, starts, strict=True)]
    plan, far, work, shifts = worked_out(rows, outs, starts, *hours, now)
    done = {s.job for r in plan.rounds for s in r.stops}
    nearest = nearest_first([j for j in work if j.id in done], shifts, far.metres)
    return Compared(
        stops=len(done),
        left=len(plan.left),
        metres=plan.metres,
        nearest_metres=nearest.metres,
        late=_late(plan, work),
        nearest_late=_late(nearest, work),
    )


def _late(solution: Solution, work: list[Job]) -> int:
    limit = {j.id: j.begin_by for j in work}
    stops = [s for r in solution.rounds for s in r.stops]
    return sum(1 for s in stops if (by := limit[s.job]) is not None and s.arrives > by)
