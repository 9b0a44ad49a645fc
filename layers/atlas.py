"""The areas of layer versions in memory, where many points are looked up at once.

A version never changes once it is staged, so one that was read is kept; which versions are published
is asked each time. The answer is that of `place_at`: the lowest (rank, code) whose piece lies within
1e-9 degrees of the point.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely
from django.conf import settings

from geo_central.kernel.errors import Unready
from geo_central.kernel.sql import Query

from .area import Area

CLOSES = 1e-9  # degrees; a tenth of a millimetre closes the gaps between subdivided pieces
CELLS = 2_048  # along the longer side of a layer's grid; about 25 m in a city of 50 km
WORTH_A_GRID = 20_000  # points asked so far; fewer are found faster than a grid is drawn
KEPT = 16  # versions
EVERYWHERE = 1_000  # points along each side of the city's box

Degrees = npt.NDArray[np.float64]
Turns = npt.NDArray[np.int32]

VERSIONS = Query(__file__, "atlas_versions")
AREAS = Query(__file__, "atlas_areas")
PIECES = Query(__file__, "atlas_pieces")


@dataclass(frozen=True, slots=True)
class AreasAt:
    """The areas of many points, said once for each combination that occurs.

    `of[n]` is the index in `sets` of the areas of point n, in the order of layers; `sets[0]` is None
    and stands for the outside of the city.
    """

    sets: tuple[tuple[Area, ...] | None, ...]
    of: Turns

    def __iter__(self) -> Iterator[tuple[Area, ...] | None]:
        return map(self.sets.__getitem__, self.of.tolist())


def areas_at(
    lngs: Sequence[float] | Degrees, lats: Sequence[float] | Degrees, *, instead: Mapping[str, int] | None
) -> AreasAt:
    """The areas of points (EPSG:4326) by the published versions, or by those named `instead` by slug.

    Raises Unready `place.no_boundary`.
    """
    x, y = np.asarray(lngs, dtype=np.float64), np.asarray(lats, dtype=np.float64)
    other = dict(instead or {})
    versions = VERSIONS.rows({"slugs": list(other), "ids": list(other.values())})
    charts = [chart(v.database, v.id, v.slug) for v in versions]
    boundary = next((c for c in charts if c.layer == settings.CITY.boundary_layer), None)
    if boundary is None:
        raise Unready("place.no_boundary")
    of = np.zeros(len(x), dtype=np.int32)
    sets: list[tuple[int, ...]] = [()]
    for one in charts:
        of, sets = _paired(of, sets, one.owners(x, y), len(one.areas) + 1)
    position = charts.index(boundary)
    return _inside([(turns[position] > 0, _areas(charts, turns)) for turns in sets], of)


def areas_everywhere() -> tuple[tuple[Area, ...], ...]:
    """Every combination of published areas inside the city that a point of a grid meets.

    The grid has EVERYWHERE points along each side of the city's box: what is narrower than the gaps may
    be missed. Raises Unready `place.no_boundary`.
    """
    versions = VERSIONS.rows({"slugs": [], "ids": []})
    city = [chart(v.database, v.id, v.slug) for v in versions if v.slug == settings.CITY.boundary_layer]
    if not city:
        raise Unready("place.no_boundary")
    west, south, east, north = shapely.total_bounds(city[0].shapes)
    x, y = np.meshgrid(np.linspace(west, east, EVERYWHERE), np.linspace(south, north, EVERYWHERE))
    found = areas_at(x.ravel(), y.ravel(), instead=None)
    return tuple(areas for areas in found.sets if areas is not None)


def _paired(
    of: Turns, sets: list[tuple[int, ...]], owners: Turns, count: int
) -> tuple[Turns, list[tuple[int, ...]]]:
    """One more layer's turns joined to the combinations found so far; only those that occur."""
    joint = of * count + owners
    seen = np.zeros(len(sets) * count, dtype=bool)
    seen[joint] = True
    occur = np.flatnonzero(seen)
    number = np.zeros(len(seen), dtype=np.int32)
    number[occur] = np.arange(len(occur), dtype=np.int32)
    return number[joint], [(*sets[n // count], n % count) for n in occur.tolist()]


def _areas(charts: "Sequence[Chart]", turns: tuple[int, ...]) -> tuple[Area, ...]:
    return tuple(one.areas[turn - 1] for one, turn in zip(charts, turns, strict=True) if turn)


def _inside(found: list[tuple[bool, tuple[Area, ...]]], of: Turns) -> AreasAt:
    """Numbered anew with the outside as 0."""
    sets: list[tuple[Area, ...] | None] = [None]
    number = np.zeros(max(len(found), 1), dtype=np.int32)
    for n, (inside, areas) in enumerate(found):
        if inside:
            number[n] = len(sets)
            sets.append(areas)
    return AreasAt(tuple(sets), number[of])


@dataclass(slots=True, eq=False)
class Chart:
    """One version's areas by turn (lowest rank and code first, from 1) and the pieces they are made of."""

    layer: str
    areas: tuple[Area, ...]
    shapes: npt.NDArray[np.object_]
    turns: Turns  # of each piece
    tree: shapely.STRtree
    _asked: int = field(default=0, init=False)
    _grid: "Grid | None" = field(default=None, init=False)

    def owners(self, x: Degrees, y: Degrees) -> Turns:
        """The turn of the area in which each point lies; 0 where there is none."""
        self._asked += len(x)
        if self._grid is None:
            if self._asked < WORTH_A_GRID:
                return self.exactly(x, y)
            self._grid = Grid.drawn(self)
        found = self._grid.owners(x, y)
        near = np.flatnonzero(found < 0)
        found[near] = self.exactly(x[near], y[near])
        return found

    def exactly(self, x: Degrees, y: Degrees) -> Turns:
        """As `owners`, by measuring from each point to the pieces around it."""
        at, piece = self.tree.query(shapely.points(x, y), predicate="dwithin", distance=CLOSES)
        none = np.iinfo(np.int32).max
        found = np.full(len(x), none, dtype=np.int32)
        np.minimum.at(found, at, self.turns[piece])
        found[found == none] = 0
        return found


@lru_cache(maxsize=KEPT)
def chart(database: int, version: int, layer: str) -> Chart:
    """A version as it is stored; `database` tells apart versions of one number in several databases."""
    areas = AREAS.rows({"version": version})
    pieces = PIECES.rows({"version": version})
    turn_of = {row.id: turn for turn, row in enumerate(areas, 1)}
    return Chart(
        layer,
        tuple(Area(layer, row.code, row.name) for row in areas),
        shapely.from_wkb([bytes(row.shape) for row in areas]),
        np.array([turn_of[row.feature_id] for row in pieces], dtype=np.int32),
        shapely.STRtree(shapely.from_wkb([bytes(row.shape) for row in pieces])),
    )


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells over a layer: the turn of the area that covers a cell whole, -1 where a border passes.

    Between two border cells of a row no border is crossed, so one measured cell speaks for the run.
    """

    west: float
    south: float
    cell: float
    turns: Turns  # rows from the south, columns from the west

    @classmethod
    def drawn(cls, chart: Chart) -> "Grid":
        """The grid of a version's borders."""
        west, south, east, north = shapely.total_bounds(chart.shapes)
        cell = max(east - west, north - south, 1e-4) / (CELLS - 4)
        west, south = west - 2 * cell, south - 2 * cell
        size = int((north - south) / cell) + 3, int((east - west) / cell) + 3
        grid = cls(west, south, cell, np.zeros(size, dtype=np.int32))
        border = grid._borders(chart.shapes)
        opens = ~border
        opens[:, 1:] &= border[:, :-1]
        rows, columns = np.nonzero(opens)
        turns = chart.exactly(west + (columns + 0.5) * cell, south + (rows + 0.5) * cell)
        run = np.cumsum(opens.ravel()) - 1
        flat = grid.turns.ravel()
        flat[:] = np.where(border.ravel(), -1, turns[run])
        return grid

    def _borders(self, shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
        """The cells that a border touches: those around points a quarter of a cell apart along it."""
        step = self.cell / 4
        along = shapely.get_coordinates(shapely.segmentize(shapes, step))
        reach = step * 0.51 + 2 * CLOSES
        border = np.zeros(self.turns.shape, dtype=bool)
        for dx in (-reach, reach):
            for dy in (-reach, reach):
                row, column = self._cells(along[:, 0] + dx, along[:, 1] + dy)
                border[row, column] = True
        return border

    def _cells(self, x: Degrees, y: Degrees) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        return (
            np.floor((y - self.south) / self.cell).astype(np.int64),
            np.floor((x - self.west) / self.cell).astype(np.int64),
        )

    def owners(self, x: Degrees, y: Degrees) -> Turns:
        """The turn at each point, 0 where there is no area, -1 where it must be measured."""
        row, column = self._cells(x, y)
        rows, columns = self.turns.shape
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        at = np.where(inside, row * columns + column, 0)  # the corner cell lies outside of every area
        return self.turns.ravel()[at]
