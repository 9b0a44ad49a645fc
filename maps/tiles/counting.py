"""One pass over the columns: all that a board of planners shows of a filter, counted at once.

Days are the city's. A request is late where its last day has ended: closed after it, or still open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_central.kernel.geo import Box
from maps.filters import HeatFilters
from maps.steps import Steps, steps

from .engine.columns import EPOCH, NEVER, STAFF, bounds, day, unblocked
from .engine.reading import channel_keys
from .rows import Named, Source, names, source

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
IN_TIME, LATE, OPEN, OVERDUE = range(4)
_FINEST = 1 << 22
LONGEST = 366  # days to close that are told apart; the last stands for more


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Numbers of requests. P places (combinations of areas), S steps, M months, V services, T teams;
    the last axis of 4: closed in time, closed late, open, open and late."""

    first: date
    last: date
    steps: Steps
    months: Steps
    places: Counts  # (P, S, 4)
    by_month: Counts  # (P, M)
    services: Counts  # (V, S)
    teams: Counts  # (T, 4)
    team_days: Counts  # (T, LONGEST + 1), of the closed ones
    place_days: Counts  # (P, LONGEST + 1)

    @property
    def n(self) -> int:
        """How many requests."""
        return int(self.teams.sum())


def count(
    of: Source,
    filters: HeatFilters,
    services: dict[int, Named],
    teams: dict[int, Named],
    *,
    today: date,
    unit: str = "",
) -> Counted:
    """Count what the filters let through; the steps are of `unit`, or of one that suits the period."""
    picked = list(chosen(of, filters, services, teams))
    first, last = _period(picked, filters, today)
    cut, months = steps(first, last, unit), steps(first, last, "month")
    p, v, t = (max(1, len(known)) for known in (of.places, of.services, of.teams))
    s, m, h = len(cut.each), len(months.each), LONGEST + 1
    step_of, month_of = _turns(cut, first, last), _turns(months, first, last)
    as_of, ended = _moment(filters, today)
    made = {
        "places": np.zeros(p * s * 4, dtype=np.int64),
        "by_month": np.zeros(p * m, dtype=np.int64),
        "services": np.zeros(v * s, dtype=np.int64),
        "teams": np.zeros(t * 4, dtype=np.int64),
        "team_days": np.zeros(t * h, dtype=np.int64),
        "place_days": np.zeros(p * h, dtype=np.int64),
    }
    for columns, weight, rows in picked:
        opened, closed, due = (_taken(columns, name, rows) for name in ("opened", "closed", "due"))
        place, team, service = (
            _taken(columns, name, rows).astype(np.intp) for name in ("place", "team", "service")
        )
        since = opened.astype(np.intp) - (first - _date(0)).days
        step = step_of[since]
        is_open = closed > as_of
        status = np.where(is_open, OPEN + (due <= ended), (closed > due).astype(np.int8)).astype(np.intp)
        keys = {
            "places": (place * s + step) * 4 + status,
            "by_month": place * m + month_of[since],
            "services": (service >> 2) * s + step,
            "teams": team * 4 + status,
        }
        done = np.flatnonzero(~is_open)
        took = np.clip(closed[done].astype(np.intp) - opened[done], 0, LONGEST)
        keys["team_days"], keys["place_days"] = team[done] * h + took, place[done] * h + took
        for name, key in keys.items():
            made[name] += weight * np.bincount(key, minlength=len(made[name]))
    shapes = {
        "places": (p, s, 4), "by_month": (p, m), "services": (v, s), "teams": (t, 4),
        "team_days": (t, h), "place_days": (p, h),
    }  # fmt: skip
    return Counted(first, last, cut, months, **{name: made[name].reshape(shapes[name]) for name in made})


def count_places(
    of: Source, filters: HeatFilters, services: dict[int, Named], teams: dict[int, Named]
) -> Counts:
    """(P,): how many requests each place has; what another period is compared by."""
    made = np.zeros(max(1, len(of.places)), dtype=np.int64)
    for columns, weight, rows in chosen(of, filters, services, teams):
        made += weight * np.bincount(_taken(columns, "place", rows), minlength=len(made))
    return made


def chosen(
    of: Source, filters: HeatFilters, services: dict[int, Named], teams: dict[int, Named]
) -> Iterator[tuple[Any, int, NDArray[np.intp] | None]]:
    """The rows of each part that the filters let through; None for every row."""
    wanted = np.zeros((max(1, len(of.services)), 4), dtype=bool)
    for at, id_ in enumerate(of.services):
        one = services.get(id_)
        named = not filters.services or (one is not None and one.code in filters.services)
        themed = not filters.themes or (one is not None and one.group in filters.themes)
        wanted[at, STAFF:] = named and themed  # rows that staff sees: STAFF, and STAFF with PUBLIC
    lookups = {"service": wanted.ravel()}
    if filters.teams:
        codes = {id_: t.code for id_, t in teams.items()}
        lookups["team"] = np.array([codes.get(t) in filters.teams for t in of.teams] or [False])
    if filters.channels:
        known = channel_keys(filters.channels)
        lookups["channel"] = np.array([key in known for key in of.channels] or [False])
    if filters.areas:
        areas = set(filters.areas)
        lookups["place"] = np.array([not areas.isdisjoint(p.items()) for p in of.places] or [False])
    since, before, after, until, by = bounds(filters)
    for columns, weight in of.parts:
        kept = None
        for name, low, high in (
            ("opened", since, before - 1 if before < NEVER else NEVER),
            ("closed", after + 1, until),
            ("due", -NEVER, by),
        ):
            if low > -NEVER:
                kept = _both(kept, getattr(columns, name) >= low)
            if high < NEVER:
                kept = _both(kept, getattr(columns, name) <= high)
        for name, allowed in lookups.items():
            if not allowed.all():
                kept = _both(kept, allowed[getattr(columns, name)])
        yield columns, weight, None if kept is None else np.flatnonzero(kept)


def _both(kept: NDArray[np.bool_] | None, more: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return more if kept is None else np.logical_and(kept, more, out=kept)


def _taken(columns: Any, name: str, rows: NDArray[np.intp] | None) -> NDArray[Any]:
    values: NDArray[Any] = getattr(columns, name)
    return values if rows is None else values[rows]


def _period(picked: list[tuple[Any, int, Any]], filters: HeatFilters, today: date) -> tuple[date, date]:
    """The days that the filters name; where they name none, those of the first and last request."""
    ends = []
    for columns, _, rows in picked:
        opened = _taken(columns, "opened", rows)
        if len(opened):
            ends += [int(opened.min()), int(opened.max())]
    found = [_date(min(ends)), _date(max(ends))] if ends else [today, today]
    first, last = filters.first or found[0], filters.last or found[1]
    return min(first, last), max(first, last)


def _turns(cut: Steps, first: date, last: date) -> NDArray[np.intp]:
    """The step of each day of the period."""
    lengths = [(one.last - one.first).days + 1 for one in cut.each]
    return np.repeat(np.arange(len(lengths)), lengths)


def _moment(filters: HeatFilters, today: date) -> tuple[int, int]:
    """The day whose state is told, and the last day that had ended then: today has not yet."""
    if filters.mode != "opened" and filters.on:
        return day(filters.on), day(filters.on)
    return day(today), day(today) - 1


def _date(number: int) -> date:
    return EPOCH + timedelta(days=number)


def cells(filters: HeatFilters, box: Box, side: int) -> Floats:
    """(side, side) requests in squares of the Mercator plane over a box of degrees, rows from the north."""
    of, (services, teams) = source(), names()
    made = np.zeros((side, side))
    west, east = ((lng + 180) / 360 * _FINEST for lng in (box.west, box.east))
    north, south = (mercator(lat) * _FINEST for lat in (box.north, box.south))
    for columns, weight, rows in chosen(of, filters, services, teams):
        x, y = _places(columns, rows)
        column = ((x + 0.5 - west) / (east - west) * side).astype(np.int64)
        line = ((y + 0.5 - north) / (south - north) * side).astype(np.int64)
        inside = (column >= 0) & (column < side) & (line >= 0) & (line < side)
        made += weight * np.bincount((line * side + column)[inside], minlength=side * side).reshape(
            side, side
        )
    return made


def mercator(lat: float) -> float:
    """How far down the Mercator square a latitude lies, from 0 in the north to 1."""
    return float(0.5 - np.arctanh(np.sin(np.radians(lat))) / (2 * np.pi))


def _places(columns: Any, rows: Any) -> tuple[Floats, Floats]:
    """Cells of zoom 22 of these rows."""
    at = np.arange(columns.rows) if rows is None else rows
    found = unblocked(columns, at)
    return found["x"].astype(np.float64), found["y"].astype(np.float64)
