"""Keeping the store: when a new version is due, what it is like, and whether it says what PostgreSQL says."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

import numpy as np

from geo_central.kernel.sql import Query
from maps.filters import MODES, STATES, HeatFilters
from maps.tiles.grid import Tile
from maps.tiles.heat import cells_by_sql

from . import live, store
from .building import NOW, rebuild
from .columns import FINEST

_SAMPLE = Query(__file__, "heat_sample")

# Events: a tail of so many costs a tile about a tenth of a millisecond.
DUE_TAIL = 20_000
DUE_AGE = timedelta(days=1)


class Absent(Exception):
    """The store cannot say: there is none, its tail is too long, or a map is newer than it."""


@dataclass(frozen=True, slots=True)
class Status:
    """The version in service, and what happened since; `due` says why a new one should be built."""

    facts: store.Facts | None
    bytes: int
    tail: int
    due: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A tile on which the store and PostgreSQL disagree: requests counted by each, and in how many cells."""

    tile: Tile
    filters: HeatFilters
    staff: bool
    store: int
    sql: int
    cells: int


def status(*, now: datetime) -> Status:
    """What `manage.py heat status` says."""
    where = store.home()
    version = store.opened(where)
    if version is None:
        return Status(None, 0, 0, "there is no version")
    size = sum(f.stat().st_size for f in (where / version.facts.name).iterdir())
    asked = NOW.one({"since": version.facts.since})
    age = now - datetime.fromisoformat(version.facts.built_at)
    due = ""
    if asked.events > DUE_TAIL:
        due = "much has happened since"
    elif list(asked.versions) != version.facts.versions:
        due = "another map is published"
    elif age > DUE_AGE and asked.events:
        due = "it is old"
    return Status(version.facts, size, asked.events, due)


def rebuild_if_due(*, now: Callable[[], datetime]) -> store.Facts | None:
    """Build where it is due and nobody does; what was built."""
    if not status(now=now()).due:
        return None
    try:
        return rebuild(now=now)
    except store.Busy:
        return None


def verify(tiles: int, *, seed: int = 0) -> Iterator[Difference | None]:
    """Compare that many random tiles under random filters with PostgreSQL, cell by cell.

    Yields one item a tile: None where they agree. What is filed between the two answers is counted by
    one of them only: a tile that differs is asked twice more. Raises Absent where there is no store.
    """
    if live.now() is None:
        raise Absent
    for tile, filters, staff in islice(questions(random.Random(seed)), tiles):  # noqa: S311
        found = None
        for _ in range(3):
            found = compare(tile, filters, staff=staff)
            if found is None:
                break
        yield found


def compare(tile: Tile, filters: HeatFilters, *, staff: bool) -> Difference | None:
    """How the store and PostgreSQL differ on one tile; None where they do not.

    Raises Absent where the store cannot say: there is none, its tail is too long, a map is newer.
    """
    now = live.now()
    ours = now.cells(tile, filters, staff=staff) if now else None
    if ours is None:
        raise Absent
    theirs = np.zeros_like(ours)
    for cell, n in cells_by_sql(tile, filters, staff=staff).items():
        theirs[cell] = n
    if np.array_equal(ours, theirs):
        return None
    wrong = int(np.count_nonzero(ours != theirs))
    return Difference(tile, filters, staff, int(ours.sum()), int(theirs.sum()), wrong)


def questions(dice: random.Random) -> Iterator[tuple[Tile, HeatFilters, bool]]:
    """Tiles that have requests, of zoom 8 to 16, with filters of every kind, without end."""
    rows = _SAMPLE.rows()
    if not rows:
        return
    named: dict[str, list[str]] = {}
    for row in rows:
        for kind in ("service", "theme", "team", "channel", "area"):
            if getattr(row, kind):
                named.setdefault(kind, []).append(getattr(row, kind))
    days = sorted(row.opened_on for row in rows)

    def some(kind: str, share: float) -> tuple[str, ...]:
        known = sorted(set(named.get(kind, [])))
        if not known or dice.random() > share:
            return ()
        return tuple(sorted(dice.sample(known, dice.randint(1, max(1, len(known) // 2)))))

    while True:
        row, z, mode = dice.choice(rows), dice.randint(8, 16), dice.choice(MODES)
        first = dice.choice(days) if dice.random() < 0.5 else None
        length = timedelta(dice.randint(0, 400))
        # PostgreSQL looks for the area of each request by itself: only where there are few.
        areas = some("area", 0.3) if z > 13 else ()
        filters = HeatFilters(
            first=first,
            last=(first or dice.choice(days)) + length if dice.random() < 0.5 else None,
            services=some("service", 0.4),
            themes=some("theme", 0.2),
            state=dice.choice(STATES),
            mode=mode,
            on=None if mode == "opened" else dice.choice(days) + length,
            areas=tuple((layer, code) for layer, _, code in (a.partition(":") for a in areas)),
            teams=some("team", 0.2),
            channels=some("channel", 0.2),
        )
        yield Tile(z, row.x >> (FINEST - 6 - z), row.y >> (FINEST - 6 - z)), filters, dice.random() < 0.5
