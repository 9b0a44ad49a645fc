"""A day is planned: the work that matters, the streets between it, a round for each crew, written at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from django.contrib.gis.geos import Point
from django.db import transaction

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Forbidden, Invalid
from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query
from issues.crew.models import CrewDay
from issues.lifecycle.needs import Actor
from issues.lifecycle.states import Role
from issues.teams.models import Department

from .queries import CrewRow, crews_of
from .solving import LUNCH_S, Job, Shift, Solution, nearest_first, solve, weight
from .solving import URGENT_WITHIN_S as URGENT_S

if TYPE_CHECKING:
    from layers.graph import Ways

_WORK = Query(__file__, "work", planned=True)
_MIDDLE = Query(__file__, "middle")
_HOLD = Query(__file__, "hold")
_SAVE = Query(__file__, "save_plan", planned=True)

USUAL_MINUTES = 45
"""Of work on the spot where the city has said nothing of the service."""

STOPS_A_CREW, MOST_STOPS = 30, 120
SHORTEST, LONGEST = timedelta(hours=1), timedelta(hours=12)
AFTER_HOURS = timedelta(hours=4)
LUNCH_FROM, LUNCH_TO = time(11, 30), time(13, 30)
LEADERS = frozenset({Role.LEADER, Role.MANAGER, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class SetOut:
    """A crew that is to be planned; `point` is where it stands, None for where it set out last."""

    crew: int
    point: LngLat | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan comes to: stops, what did not fit, metres, and metres of always going to the nearest."""

    on: date
    stops: int
    left: int
    metres: float
    nearest_metres: float
    by_street: bool


def plan_day(
    *,
    team_id: int,
    crews: Sequence[SetOut],
    by: Actor,
    now: datetime,
    hours: float | None = None,
) -> Planned:
    """Give today's work of a team to these crews in a good order, and write it down.

    Work that a person gave to a crew stays with it; that of crews which are not planned is left
    alone. `hours` from now; without it to the end of the department's day. A member plans their own
    crew; leaders and managers any of the team. Raises Forbidden `crew.not_yours`, Invalid
    `crew.unknown`, `field.out_of_range`, `day.no_work`.
    """
    known = {c.id: c for c in crews_of(team_id)}
    check_crews(by, team_id, [known.get(c.crew) for c in crews])
    begins, ends = hours_of(team_id, now, hours)
    on = now.astimezone(city_zone()).date()
    starts = _starts(team_id, crews, known)
    jobs = _WORK.rows(asked_for(team_id, [c.crew for c in crews], starts, on))
    solution, far, work, shifts = worked_out(jobs, crews, starts, begins, ends, now)
    baseline = _baseline(solution, work, shifts, far)
    with transaction.atomic():
        _write(solution, far, jobs, on, begins, by, now)
        _keep_days(solution, baseline, starts, on, (begins, ends), by, now)
    led = [bool(far.by_street[i, j]) for i in range(len(starts)) for j in range(len(far.metres)) if i != j]
    return Planned(
        on=on,
        stops=sum(len(r.stops) for r in solution.rounds),
        left=len(solution.left),
        metres=solution.metres,
        nearest_metres=sum(baseline),
        by_street=all(led),
    )


def check_crews(by: Actor, team_id: int, crews: Sequence[CrewRow | None]) -> None:
    """Raises Invalid `crew.unknown` for one that is not of the team, Forbidden `crew.not_yours`."""
    if not crews or None in crews:
        raise Invalid("crew.unknown", field="crew")
    roles = by.roles_on(frozenset({team_id}))
    if roles & LEADERS:
        return
    if Role.CREW not in roles or any(by.user_id not in c.people for c in crews if c):
        raise Forbidden("crew.not_yours")


def hours_of(team_id: int, now: datetime, hours: float | None) -> tuple[datetime, datetime]:
    """From when to when a crew works: to the end of the department's day, else some hours from now.

    Raises Invalid `field.out_of_range` for less than one hour or more than twelve.
    """
    if hours is not None:
        length = timedelta(hours=hours)
        if not SHORTEST <= length <= LONGEST:
            raise Invalid("field.out_of_range", field="hours", low=1, high=12)
        return now, now + length
    department = Department.objects.get(teams=team_id)
    today = now.astimezone(city_zone())
    opens, closes = (
        datetime.combine(today.date(), at, city_zone()) for at in (department.day_starts, department.day_ends)
    )
    if today.isoweekday() not in department.weekdays or closes - max(now, opens) < SHORTEST:
        return now, now + AFTER_HOURS
    return max(now, opens), min(closes, max(now, opens) + LONGEST)


def _starts(team_id: int, crews: Sequence[SetOut], known: dict[int, CrewRow]) -> list[LngLat]:
    """Where each crew sets out: where it stands, where it did last, or amid the team's work."""
    middle: LngLat | None = None
    found = []
    for crew in crews:
        point = crew.point or known[crew.crew].start
        if point is None and middle is None:
            row = _MIDDLE.one({"team": team_id})
            if row is None:
                raise Invalid("day.no_work")
            middle = LngLat(row.lng, row.lat)
        found.append(point or middle)
    return [p for p in found if p is not None]


def asked_for(team_id: int, crews: list[int], starts: list[LngLat], on: date) -> dict[str, Any]:
    """The parameters of `work.sql`: what these crews, setting out there, may do on that day."""
    return {
        "team": team_id,
        "crews": crews,
        "lngs": [p.lng for p in starts],
        "lats": [p.lat for p in starts],
        "on": on,
        "usual_minutes": USUAL_MINUTES,
        "limit": min(MOST_STOPS, STOPS_A_CREW * len(crews)),
    }


def worked_out(
    rows: Sequence[Any],
    crews: Sequence[SetOut],
    starts: Sequence[LngLat],
    begins: datetime,
    ends: datetime,
    now: datetime,
) -> tuple[Solution, "Ways", list[Job], list[Shift]]:
    """Places are the crews' starts, then the work, in the order given. Seconds count from `begins`."""
    from layers.graph import ways  # scipy comes with it: only to a process that plans

    far = ways([*starts, *(LngLat(r.lng, r.lat) for r in rows)])
    length = round((ends - begins).total_seconds())
    work = [
        Job(
            id=r.id,
            place=len(starts) + n,
            seconds=r.minutes * 60,
            weight=100 if r.crew_id else weight(r.priority, r.due_at, now),
            begin_by=_begin_by(r, begins, length),
            crew=r.crew_id,
        )
        for n, r in enumerate(rows)
    ]
    rest = _rest(begins, length)
    shifts = [Shift(c.crew, n, 0, length, rest) for n, c in enumerate(crews)]
    return solve(work, shifts, far.metres), far, work, shifts


def _begin_by(row: Any, begins: datetime, length: int) -> int | None:
    """What is due today by its hour; what is of the first priority soon. What is late is late."""
    due = round((row.due_at - begins).total_seconds()) - row.minutes * 60
    limits = [due] if 0 < due < length else []
    if row.priority == 1:
        limits.append(URGENT_S)
    return min(limits, default=None)


def _rest(begins: datetime, length: int) -> tuple[int, int] | None:
    """When the hour of rest may begin, for those who work before and after it."""
    day = begins.astimezone(city_zone())
    first, last = (
        round((datetime.combine(day.date(), at, city_zone()) - begins).total_seconds())
        for at in (LUNCH_FROM, LUNCH_TO)
    )
    return (first, last) if first > 0 and last + LUNCH_S < length else None


def _baseline(solution: Solution, work: list[Job], shifts: list[Shift], far: "Ways") -> list[float]:
    """Metres of each crew that does the same stops, always the nearest one first."""
    by_id = {j.id: j for j in work}
    return [
        nearest_first([by_id[s.job] for s in one.stops], [shift], far.metres).metres
        for one, shift in zip(solution.rounds, shifts, strict=True)
    ]


def _write(
    solution: Solution,
    far: "Ways",
    rows: Sequence[Any],
    on: date,
    begins: datetime,
    by: Actor,
    now: datetime,
) -> None:
    place = {r.id: len(solution.rounds) + n for n, r in enumerate(rows)}
    crews = [r.crew for r in solution.rounds]
    held = _HOLD.rows({"issues": [s.job for r in solution.rounds for s in r.stops], "on": on, "crews": crews})
    open_still = {r.id for r in held if r.is_open}
    stops = []
    for number, one in enumerate(solution.rounds):
        at = number
        for position, stop in enumerate(one.stops, 1):
            leg = far.line(at, place[stop.job])
            at = place[stop.job]
            if stop.job not in open_still:
                continue
            stops.append(
                {
                    "issue_id": stop.job,
                    "crew_id": one.crew,
                    "position": position,
                    "arrives_at": begins + timedelta(seconds=stop.arrives),
                    "leaves_at": begins + timedelta(seconds=stop.leaves),
                    "metres": round(stop.metres, 1),
                    "leg": "LINESTRING(" + ",".join(f"{x:.6f} {y:.6f}" for x, y in leg) + ")",
                }
            )
    _SAVE.one(
        {
            "stops": msgspec.json.encode(stops).decode(),
            "on": on,
            "crews": crews,
            "user_id": by.user_id,
            "now": now,
        }
    )


def _keep_days(
    solution: Solution,
    baseline: Sequence[float],
    starts: Sequence[LngLat],
    on: date,
    hours: tuple[datetime, datetime],
    by: Actor,
    now: datetime,
) -> None:
    days = [
        CrewDay(
            crew_id=one.crew,
            on=on,
            start=Point(start.lng, start.lat, srid=4326),
            begins_at=hours[0],
            ends_at=hours[1],
            metres=one.metres,
            nearest_metres=nearest,
            planned_at=now,
            by_id=by.user_id,
        )
        for one, nearest, start in zip(solution.rounds, baseline, starts, strict=True)
    ]
    CrewDay.objects.bulk_create(
        days,
        update_conflicts=True,
        unique_fields=["crew", "on"],
        update_fields=["start", "begins_at", "ends_at", "metres", "nearest_metres", "planned_at", "by"],
    )
