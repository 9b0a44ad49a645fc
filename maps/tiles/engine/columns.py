"""The columns of the store: one row for each place in which somebody may see a request.

A request that everybody sees where it is has one row. One whose public point is another than its exact
one has two: one for the public, one for staff. Rows lie in blocks (tiles of zoom 14), in each by the day
of opening. `x` and `y` count cells inside the block, 256 a side: those of a tile of zoom 16 and its 64.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import numpy.typing as npt

from maps.filters import HeatFilters

Ints = npt.NDArray[np.integer]

FINEST = 22
BLOCK_ZOOM = 14
BLOCK_BITS = FINEST - BLOCK_ZOOM
PUBLIC, STAFF = 1, 2
EPOCH = date(2000, 1, 1)
FARTHEST = 32_000  # days from EPOCH, either way
NEVER = 32_767  # the day on which an open request is closed

# A row as PostgreSQL's binary COPY sends it: big-endian, each field after its length in bytes.
SENT = [
    ("id", ">i8"),
    ("service", ">i8"),
    ("team", ">i8"),
    ("channel", ">i8"),
    ("opened", ">i8"),
    ("closed", ">i8"),
    ("due", ">i8"),
    ("public_x", ">i4"),
    ("public_y", ">i4"),
    ("x", ">i4"),
    ("y", ">i4"),
    ("lng", ">f8"),
    ("lat", ">f8"),
]


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows in blocks. `start` has one more item than there are blocks; the others one a block or a row."""

    block_x: Ints
    block_y: Ints
    start: Ints
    x: Ints
    y: Ints
    opened: Ints  # days since EPOCH, by the city's calendar
    closed: Ints
    due: Ints
    service: Ints  # 4 times its position, from 0, in a list of keys; and who sees the row
    team: Ints  # positions in lists of keys, from 0
    channel: Ints
    place: Ints
    issue: Ints

    @property
    def rows(self) -> int:
        return len(self.x)


COLUMN_TYPES = {
    "block_x": np.int32,
    "block_y": np.int32,
    "start": np.int64,
    "x": np.uint8,
    "y": np.uint8,
    "opened": np.int16,
    "closed": np.int16,
    "due": np.int16,
    "service": np.uint16,
    "team": np.uint16,
    "channel": np.uint16,
    "place": np.uint32,
    "issue": np.int64,
}
PER_ROW = [f.name for f in fields(Columns) if f.name not in ("block_x", "block_y", "start")]


def day(on: date) -> int:
    """Days since EPOCH, inside what the columns can say."""
    return max(-FARTHEST, min(FARTHEST, (on - EPOCH).days))


def spread(given: dict[str, Ints]) -> dict[str, Ints]:
    """Requests as sent (keys already positions, with `place`) become rows with global `x` and `y`."""
    same = (given["public_x"] == given["x"]) & (given["public_y"] == given["y"])
    staff = np.flatnonzero(given["x"] >= 0)
    public = np.flatnonzero((given["public_x"] >= 0) & ~(same & (given["x"] >= 0)))
    taken = np.concatenate([staff, public])
    rows = {name: given[name][taken] for name in PER_ROW if name in given}
    rows["x"] = np.concatenate([given["x"][staff], given["public_x"][public]])
    rows["y"] = np.concatenate([given["y"][staff], given["public_y"][public]])
    seen_by = np.concatenate([np.where(same[staff], PUBLIC | STAFF, STAFF), np.full(len(public), PUBLIC)])
    rows["service"] = (rows["service"].astype(np.uint16) << 2) | seen_by.astype(np.uint16)
    return rows


def arrange(rows: dict[str, Ints]) -> Columns:
    """Rows with global `x` and `y` put into blocks, each by day. Takes the rows out of the dictionary."""
    x, y = rows.pop("x"), rows.pop("y")
    block = (y.astype(np.int64) >> BLOCK_BITS << BLOCK_ZOOM) | (x.astype(np.int64) >> BLOCK_BITS)
    order = np.argsort((block << 16) | (rows["opened"].astype(np.int64) + 32_768), kind="stable")
    block = block[order]
    first = np.flatnonzero(np.concatenate([[True], block[1:] != block[:-1]])) if len(block) else order
    inside = (1 << BLOCK_BITS) - 1
    made = {
        "block_x": block[first] & ((1 << BLOCK_ZOOM) - 1),
        "block_y": block[first] >> BLOCK_ZOOM,
        "start": np.append(first, len(order)),
        "x": (x & inside)[order],
        "y": (y & inside)[order],
    }
    del block, x, y
    for name in list(rows):
        made[name] = rows.pop(name)[order]
    return sealed(made)


def sealed(made: dict[str, Ints]) -> Columns:
    """Columns in their types, which nobody writes to: the compiled loop knows one kind of array."""
    for name, kind in COLUMN_TYPES.items():
        made[name] = np.ascontiguousarray(made[name], dtype=kind)
        made[name].flags.writeable = False
    return Columns(**made)


def nothing() -> Columns:
    """Columns without rows."""
    made: dict[str, Ints] = {name: np.zeros(0, dtype=kind) for name, kind in COLUMN_TYPES.items()}
    return sealed({**made, "start": np.zeros(1, dtype=np.int64)})


def unblocked(columns: Columns, at: Ints) -> dict[str, Ints]:
    """Rows at these positions with global `x` and `y`, as `arrange` takes them."""
    block = np.searchsorted(columns.start, at, side="right") - 1
    rows = {name: getattr(columns, name)[at] for name in PER_ROW}
    for axis, of in (("x", columns.block_x), ("y", columns.block_y)):
        rows[axis] = (of[block].astype(np.int32) << BLOCK_BITS) | rows[axis].astype(np.int32)
    return rows


def joined(parts: Iterable[dict[str, Ints]]) -> dict[str, Ints]:
    """The rows of all, one after the other. Takes them out of the parts, so that memory is needed once."""
    every = list(parts)
    return {name: np.concatenate([part.pop(name) for part in every]) for name in list(every[0])}


def bounds(filters: HeatFilters) -> tuple[int, int, int, int, int]:
    """The days that `scan.count` takes."""
    since = day(filters.first) if filters.first else -NEVER
    before = day(filters.last) + 1 if filters.last else NEVER
    after, until, by = -NEVER - 1, NEVER, NEVER
    if filters.mode != "opened" and filters.on:
        after = day(filters.on)
        before = min(before, after + 1)
        by = after if filters.mode == "overdue" else NEVER
    if filters.state == "open":
        after = NEVER - 1
    elif filters.state == "closed":
        until = NEVER - 1
    return since, before, after, until, by
