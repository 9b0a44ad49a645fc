"""A grid of hexagons or squares in metres, laid over a study area: where things are counted.

Coordinates are those of the city's metric reference system. The lattice is anchored at that system's
origin, so that a cell has the same code in every analysis with the same kind and size.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_central.kernel.errors import Invalid, TooLarge

KINDS = ("hex", "square")
SIDES_M = (25.0, 5_000.0)
MOST_CELLS = 400_000
_ROW = math.sqrt(3) / 2

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Cells of one kind whose middles are `cell_m` metres from their nearest neighbours'.

    `rows` and `cols` (n,) are the lattice positions of the n cells of the study area, sorted; `index`
    is the number of the cell at (row - row0, col - col0), -1 outside the study area.
    Hexagons stand on a corner; odd rows lie half a cell to the east.
    """

    kind: str
    cell_m: float
    rows: Ints
    cols: Ints
    row0: int
    col0: int
    index: Ints

    @property
    def n(self) -> int:
        """How many cells."""
        return len(self.rows)

    @property
    def area_m2(self) -> float:
        """Of each cell."""
        return self.cell_m**2 * (_ROW if self.kind == "hex" else 1.0)

    def codes(self) -> list[str]:
        """The cells' names, the same in every edition: `hex250r9671c1912`."""
        stem = f"{self.kind}{self.cell_m:g}"
        return [f"{stem}r{r}c{c}" for r, c in zip(self.rows.tolist(), self.cols.tolist(), strict=True)]

    def centres(self) -> Floats:
        """(n, 2): the middles of the cells, metres."""
        return _centres(self.kind, self.cell_m, self.rows, self.cols)

    def polygons(self) -> NDArray[np.object_]:
        """(n,): the cells as shapely polygons, metres."""
        return _polygons(self.kind, self.cell_m, self.rows, self.cols)

    def locate(self, x: Floats, y: Floats) -> Ints:
        """(m,): the number of the cell that each point (metres) lies in, -1 outside the study area.

        A point on a shared border belongs to one cell, always the same.
        """
        rows, cols = _lattice(self.kind, self.cell_m, x, y)
        return self._number(rows, cols)

    def neighbours(self, rings: int = 1) -> tuple[Ints, Ints]:
        """(from, to): every pair of cells at most `rings` steps apart, each cell with itself too.

        Sorted by `from`, then `to`: the order of a sparse matrix in rows. A step of squares goes
        to any of eight.
        """
        here = np.arange(self.n)
        pairs = []
        for down, right in _steps(self.kind, rings):
            rows = self.rows + down
            cols = self.cols + right
            if self.kind == "hex":  # columns of odd rows are half a cell further
                cols = cols + ((rows - (rows & 1)) // 2 - (self.rows - (self.rows & 1)) // 2)
            there = self._number(rows, cols)
            known = there >= 0
            pairs.append(here[known] * self.n + there[known])
        keys = np.sort(np.concatenate(pairs))
        return keys // self.n, keys % self.n

    def only(self, kept: NDArray[np.bool_]) -> "Grid":
        """The grid of those of its cells where `kept` (n,) is true."""
        index = np.full(self.index.shape, -1, dtype=np.int64)
        rows, cols = self.rows[kept], self.cols[kept]
        index[rows - self.row0, cols - self.col0] = np.arange(len(rows))
        return Grid(self.kind, self.cell_m, rows, cols, self.row0, self.col0, index)

    def _number(self, rows: Ints, cols: Ints) -> Ints:
        down, right = rows - self.row0, cols - self.col0
        height, width = self.index.shape
        inside = (down >= 0) & (down < height) & (right >= 0) & (right < width)
        found = np.full(len(rows), -1, dtype=np.int64)
        found[inside] = self.index[down[inside], right[inside]]
        return found


def grid_over(area: shapely.Geometry, *, kind: str, cell_m: float) -> Grid:
    """The cells that touch a study area (a polygon in metres).

    Raises Invalid `field.not_a_choice` or `field.out_of_range` naming `grid` or `cell`, and
    TooLarge `hotspots.too_many_cells` beyond MOST_CELLS.
    """
    if kind not in KINDS:
        raise Invalid("field.not_a_choice", field="grid", value=kind[:40])
    low, high = SIDES_M
    if not low <= cell_m <= high:
        raise Invalid("field.out_of_range", field="cell", low=low, high=high)
    west, south, east, north = shapely.bounds(area)
    (row0, row1), (col0, col1) = (
        (int(a.min()) - 1, int(a.max()) + 2)
        for a in _lattice(kind, cell_m, np.array([west, east]), np.array([south, north]))
    )
    if (row1 - row0) * (col1 - col0) > 8 * MOST_CELLS:
        raise TooLarge("hotspots.too_many_cells", field="cell", limit=MOST_CELLS)
    rows, cols = (a.ravel() for a in np.mgrid[row0:row1, col0:col1])
    touches = np.zeros(len(rows), dtype=bool)
    tree = shapely.STRtree(_polygons(kind, cell_m, rows, cols))
    for part in shapely.get_parts(area):
        touches[tree.query(part, predicate="intersects")] = True
    if touches.sum() > MOST_CELLS:
        raise TooLarge("hotspots.too_many_cells", field="cell", limit=MOST_CELLS)
    index = np.where(touches, np.cumsum(touches) - 1, -1).reshape(row1 - row0, col1 - col0)
    return Grid(kind, float(cell_m), rows[touches], cols[touches], row0, col0, index)


def _centres(kind: str, cell_m: float, rows: Ints, cols: Ints) -> Floats:
    if kind == "square":
        return np.column_stack(((cols + 0.5) * cell_m, (rows + 0.5) * cell_m))
    return np.column_stack(((cols + 0.5 * (rows & 1)) * cell_m, rows * (_ROW * cell_m)))


def _polygons(kind: str, cell_m: float, rows: Ints, cols: Ints) -> NDArray[np.object_]:
    if kind == "square":
        half = cell_m / 2
        corners = np.array([(-half, -half), (half, -half), (half, half), (-half, half), (-half, -half)])
    else:
        # From the lower right corner, against the clock; the circumradius is cell_m / sqrt(3).
        turns = np.radians([-30, 30, 90, 150, 210, 270, -30])
        corners = np.column_stack((np.cos(turns), np.sin(turns))) * (cell_m / math.sqrt(3))
    outlines = _centres(kind, cell_m, rows, cols)[:, None, :] + corners
    return np.asarray(shapely.polygons(outlines))


def _lattice(kind: str, cell_m: float, x: Floats, y: Floats) -> tuple[Ints, Ints]:
    """(rows, cols) of the cell of each point.

    Hexagons are the points nearer to their middle than to any other; the middles are two
    rectangular lattices, of even and of odd rows, and the nearest in each is found by rounding
    (Carr, Littlefield, Nicholson & Littlefield 1987, JASA 82:424-436).
    """
    u, v = np.asarray(x) / cell_m, np.asarray(y) / cell_m
    if kind == "square":
        return np.floor(v).astype(np.int64), np.floor(u).astype(np.int64)
    tall = 2 * _ROW
    even_col, even_row = np.rint(u), np.rint(v / tall)
    odd_col, odd_row = np.rint(u - 0.5), np.rint(v / tall - 0.5)
    to_even = (u - even_col) ** 2 + (v - even_row * tall) ** 2
    to_odd = (u - odd_col - 0.5) ** 2 + (v - (odd_row + 0.5) * tall) ** 2
    even = to_even <= to_odd
    rows = np.where(even, 2 * even_row, 2 * odd_row + 1).astype(np.int64)
    return rows, np.where(even, even_col, odd_col).astype(np.int64)


def _steps(kind: str, rings: int) -> list[tuple[int, int]]:
    """(down, right) of every cell at most `rings` steps away; of hexagons on slanted axes."""
    reach = range(-rings, rings + 1)
    if kind == "square":
        return [(down, right) for down in reach for right in reach]
    return [(down, right) for down in reach for right in reach if abs(down + right) <= rings]
