"""The board's panels as frozen values: areas, themes, teams and regions of one count."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from geo_central.kernel.sql import Query
from maps.analytics.seasons import CLEAR_Z, Seasons, seasons
from maps.tiles.counting import IN_TIME, LATE, OPEN, OVERDUE, Counted
from maps.tiles.rows import Named, Source

_AREAS = Query(__file__, "board_areas")
Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
FEWEST_COMPARED = 5  # requests in both periods together; of fewer no change is told in hundredths


@dataclass(frozen=True, slots=True)
class Service:
    """Numbers of one line and how its targets were met. `in_time`: hundredths of what was closed or is
    late; `days`: the median to close; None where there is nothing to say it of."""

    n: int
    closed: int
    open: int
    late: int
    in_time: float | None
    days: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """Against another period: its number brought to the same length, the difference, hundredths of it, and
    whether chance rarely (5 %) explains it."""

    before: int
    by: int
    percent: float | None
    clear: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """Of one line by whole months: hundredths a year, whether clear, and the months of the year (1 to 12)
    that are highest and lowest, with their ratio to an average one."""

    months: tuple[int, ...]
    percent: float | None
    clear: bool
    high: tuple[int, float] | None
    low: tuple[int, float] | None
    index: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """One area of the layer; the one with an empty code holds what lies in none."""

    code: str
    name: str
    km2: float
    served: Service
    trend: Trend
    change: Change | None

    @property
    def per_km2(self) -> float | None:
        return self.served.n / self.km2 if self.km2 else None


@dataclass(frozen=True, slots=True)
class Line:
    """A team, region or theme."""

    code: str
    name: str
    note: str
    served: Service


@dataclass(frozen=True, slots=True)
class Theme:
    """One of the small multiples: its requests by step."""

    code: str
    name: str
    n: int
    steps: tuple[int, ...]

    @property
    def top(self) -> int:
        return max(self.steps, default=0)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A layer's areas by name and which of them each place is in; the last one is "in none"."""

    slug: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    km2: tuple[float, ...]
    owner: NDArray[np.intp]  # (P,)

    def summed(self, places: Counts) -> Counts:
        """(A + 1, ...): numbers by place put together by area."""
        made = np.zeros((len(self.codes) + 1, *places.shape[1:]), dtype=np.int64)
        np.add.at(made, self.owner, places)
        return made


def layer(slug: str, of: Source) -> Layer:
    """The published areas of a layer against the places of a source."""
    rows = _AREAS.rows({"layer": slug})
    at = {row.code: n for n, row in enumerate(rows)}
    none = len(rows)
    owner = np.array([at.get(p.get(slug, ""), none) for p in of.places] or [none], dtype=np.intp)
    return Layer(
        slug,
        tuple(r.code for r in rows),
        tuple(r.name for r in rows),
        tuple(r.area_m2 / 1e6 for r in rows),
        owner,
    )


def areas(counted: Counted, of: Layer, *, before: Counts | None, ratio: float, today: date) -> list[Area]:
    """Every area of the layer by name, then what lies in none; `before` are numbers by place of the other
    period, of which one day counts as `ratio` days."""
    status = of.summed(counted.places.sum(axis=1))
    days, other = of.summed(counted.place_days), None if before is None else of.summed(before)
    months = of.summed(counted.by_month)
    found = trends(months, counted, today)
    names = (*of.names, "")
    made = []
    for n, (code, name, km2) in enumerate(zip((*of.codes, ""), names, (*of.km2, 0.0), strict=True)):
        if not code and not status[n].sum():
            continue
        change = None if other is None else changed(int(status[n].sum()), int(other[n]), ratio)
        made.append(Area(code, name, km2, served(status[n], days[n]), found[n], change))
    return made


def trends(months: Counts, counted: Counted, today: date) -> list[Trend]:
    """Of each series (n, M) by month; a month that is not whole, or not over, says nothing of a trend."""
    each = counted.months.each
    first = 0 if each and each[0].first.day == 1 else 1
    last = len(each)
    while last > first and (
        (each[last - 1].last + timedelta(days=1)).day != 1 or each[last - 1].last >= today
    ):
        last -= 1
    whole = months[:, first:last].astype(np.float64)
    month = each[first].first.month if last > first else 1
    found = seasons(whole, month) if last > first else seasons(np.zeros((len(months), 0)), 1)
    level = whole.mean(axis=1) * 12 if last > first else np.zeros(len(months))
    return [_trend(months[n], found, n, float(level[n])) for n in range(len(months))]


def _trend(months: Counts, found: Seasons, n: int, level: float) -> Trend:
    slope, index = float(found.slope[n]), found.index[n]
    # The slope is of a month's number a year: twelve of them are a year's.
    percent = None if math.isnan(slope) or level < 12 else 100 * slope * 12 / level
    high = low = None
    if not np.isnan(index).any():
        high = (int(index.argmax()) + 1, float(index.max()))
        low = (int(index.argmin()) + 1, float(index.min()))
    return Trend(
        tuple(months.tolist()),
        percent,
        bool(abs(found.z[n]) >= CLEAR_Z),
        high,
        low,
        () if high is None else tuple(float(i) for i in index),
    )


def changed(n: int, before: int, ratio: float) -> Change:
    """How n compares with `before`, counted over a time of which n's is `ratio` times as long.

    Clear by the conditional test of two Poisson counts (Przyborowski & Wilenski 1940, Biometrika
    31:313-323) in its normal approximation.
    """
    expected, both = before * ratio, n + before
    share = ratio / (1 + ratio)
    spread = math.sqrt(both * share * (1 - share))
    z = (n - both * share) / spread if spread else 0.0
    percent = 100 * (n - expected) / expected if expected and both >= FEWEST_COMPARED else None
    return Change(round(expected), n - round(expected), percent, abs(z) >= CLEAR_Z)


def served(status: Counts, days: Counts) -> Service:
    """One line's numbers from those by status (4,) and by days to close."""
    done, judged = int(status[IN_TIME] + status[LATE]), int(status[IN_TIME] + status[LATE] + status[OVERDUE])
    median = int(np.searchsorted(np.cumsum(days), (done + 1) // 2)) if done > 0 else None
    return Service(
        int(status.sum()),
        done,
        int(status[OPEN] + status[OVERDUE]),
        int(status[OVERDUE]),
        100 * int(status[IN_TIME]) / judged if judged > 0 else None,
        median,
    )


def teams(counted: Counted, of: Source, known: Mapping[int, Named]) -> list[Line]:
    """Teams with requests, the one that meets fewest of its targets first."""
    found = []
    for n, id_ in enumerate(of.teams):
        one = known.get(id_)
        if one and counted.teams[n].sum():
            line = served(counted.teams[n], counted.team_days[n])
            found.append(Line(one.code, one.name, one.group_name, line))
    return sorted(found, key=_worst)


def regions(counted: Counted, of: Source) -> list[Line]:
    """The city's regions with requests, in the same order."""
    slug = settings.CITY.district_layer
    where = layer(slug, of)
    status, days = where.summed(counted.places.sum(axis=1)), where.summed(counted.place_days)
    return sorted(
        (
            Line(code, name, "", served(status[n], days[n]))
            for n, (code, name) in enumerate(zip((*where.codes, ""), (*where.names, ""), strict=True))
            if status[n].sum()
        ),
        key=_worst,
    )


def themes(counted: Counted, of: Source, known: Mapping[int, Named]) -> list[Theme]:
    """The themes with requests, the largest first."""
    sums: dict[str, Counts] = {}
    names: dict[str, str] = {}
    for n, id_ in enumerate(of.services):
        one = known.get(id_)
        if one:
            names[one.group] = one.group_name
            sums[one.group] = sums.get(one.group, 0) + counted.services[n]
    made = [Theme(code, names[code], int(s.sum()), tuple(s.tolist())) for code, s in sums.items() if s.sum()]
    return sorted(made, key=lambda t: (-t.n, t.name))


def values(measure: str, status: Counts, km2: Sequence[float]) -> Floats:
    """What the map shows of areas (A, ..., 4): NaN where there is nothing to say."""
    n = status.sum(axis=-1).astype(np.float64)
    if measure == "open":
        return np.asarray((status[..., OPEN] + status[..., OVERDUE]).astype(np.float64))
    if measure == "late":
        return status[..., OVERDUE].astype(np.float64)
    if measure == "in_time":
        judged = (status[..., IN_TIME] + status[..., LATE] + status[..., OVERDUE]).astype(np.float64)
        share = np.full(judged.shape, np.nan)
        np.divide(100.0 * status[..., IN_TIME], judged, out=share, where=judged > 0)
        return share
    if measure == "km2":
        size = np.array(km2, dtype=np.float64).reshape(-1, *[1] * (n.ndim - 1))
        dense = np.full(n.shape, np.nan)
        np.divide(n, size, out=dense, where=size > 0)
        return dense
    return np.asarray(n, dtype=np.float64)


def _worst(line: Line) -> tuple[float, int, str]:
    return (101.0 if line.served.in_time is None else line.served.in_time, -line.served.n, line.name)
