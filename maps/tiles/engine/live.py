"""The store as it is at this moment: the version in service, and a tail of what happened since.

A request that something happened to is read again whole: its rows in the version are counted once less and
its rows of now once more. Events are followed in the order of their commits: those of transactions that
nothing can come before any more (below `settled`) are read once, the few above are counted at each
question, and when there is one more of them everything since is read again.
"""

import threading
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo_central.kernel.sql import Query
from maps.filters import LEAST_SHOWN, HeatFilters
from maps.tiles.grid import Tile

from . import scan, store
from .building import NOW
from .columns import PUBLIC, STAFF, Columns, Ints, arrange, bounds, joined, nothing, unblocked
from .reading import Keys, channel_keys, rows

_CHANGED = Query(__file__, "heat_changed", planned=True)
_NAMES = Query(__file__, "heat_names")

# Events: a longer tail is not read by whoever asks for a tile; PostgreSQL answers until a build is done.
# `heat_now.sql` counts one more than this at most.
LONGEST_TAIL = 100_000
CELLS = scan.SIDE * scan.SIDE
DEEPEST = 16  # finer cells than the columns hold begin below this zoom


@dataclass(frozen=True, slots=True, eq=False)
class Live:
    """A version and its tail, as of one reading. Never changed; the next reading makes another."""

    version: store.Version
    keys: Keys
    since: str  # the transaction from which events are counted
    settled: int  # events before it and after the version
    events: int  # events from it on that are in the tail
    rows: dict[int, dict[str, Ints]]  # of each request of the tail
    gone: Columns
    come: Columns

    @property
    def seen(self) -> int:
        """Events since the version: the same number in every process that has read as far."""
        return self.settled + self.events


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the codes of some filters are at the positions of a store: see `scan.count`."""

    services: npt.NDArray[np.uint8]
    teams: npt.NDArray[np.uint8]
    channels: npt.NDArray[np.uint8]
    places: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Names:
    """What is known of services and teams under one edition of the catalogue."""

    services: dict[int, tuple[str, str, str]]  # code, precision, theme
    teams: dict[int, str]

    @cached_property
    def codes(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Those of services, of themes that have some, and of teams."""
        seen = self.services.values()
        return frozenset(s[0] for s in seen), frozenset(s[2] for s in seen), frozenset(self.teams.values())


_lock = threading.Lock()
_live: dict[Path, Live] = {}


def now() -> "Now | None":
    """What tiles are made of now; None where PostgreSQL must answer itself."""
    where = store.home()
    live = _in_service(where)
    if live is None:
        return None
    asked = NOW.one({"since": live.since})
    if asked.events != live.events:
        if asked.events > LONGEST_TAIL:
            return None
        with _lock:
            live = _followed(where, live)
            asked = NOW.one({"since": live.since})
    return Now(live, asked.edition, tuple(asked.versions))


def _in_service(where: Path) -> Live | None:
    name, live = store.in_service(where), _live.get(where)
    if live is not None and live.version.facts.name == name:
        return live
    with _lock:
        live = _live.get(where)
        if live is None or live.version.facts.name != name:
            version = store.opened(where)
            if version is None:
                return None
            facts = version.facts
            keys = Keys(facts.services, facts.teams, facts.channels, facts.places)
            live = _live[where] = Live(version, keys, facts.since, 0, 0, {}, nothing(), nothing())
        return live


def _followed(where: Path, live: Live) -> Live:
    """The tail with what happened since it was read."""
    latest = _live.get(where)
    if latest is not None and latest.version is live.version:
        live = latest  # somebody else read it while we waited
    asked = _CHANGED.one({"since": live.since})
    keys, changed = live.keys.copy(), dict(live.rows)
    issues = list(asked.issues)
    if issues:
        read = joined(rows(keys, issues))
        for issue in issues:
            changed[issue] = {}
        order = np.argsort(read["issue"], kind="stable")
        ids, firsts = np.unique(read["issue"][order], return_index=True)
        for issue, at in zip(ids.tolist(), np.split(order, firsts[1:]), strict=True):
            changed[issue] = {name: values[at] for name, values in read.items()}
    old = live.version.rows_of(np.array(sorted(changed), dtype=np.int64))
    kept = [part for part in changed.values() if part]
    live = _live[where] = Live(
        live.version,
        keys,
        asked.settled,
        live.settled + asked.settled_events,
        asked.events - asked.settled_events,
        changed,
        arrange(unblocked(live.version.columns, old)),
        arrange(joined([dict(part) for part in kept])) if kept else nothing(),
    )
    return live


@lru_cache(maxsize=4)
def _names(where: Path, edition: int) -> Names:
    services, teams = {}, {}
    for kind, id_, code, precision, theme in _NAMES.rows():
        if kind == "service":
            services[id_] = code, precision, theme
        else:
            teams[id_] = code
    return Names(services, teams)


@dataclass(frozen=True, slots=True)
class Now:
    """One reading: tiles asked of it are of this moment or later, never earlier."""

    live: Live
    catalogue: int
    published: tuple[int, ...]

    @property
    def edition(self) -> str:
        """Another text whenever a tile may be another; the same in every process."""
        maps = ".".join(map(str, self.published))
        return f"{self.live.version.facts.name} {self.live.seen} {self.catalogue} {maps}"

    def knows(self, filters: HeatFilters) -> bool:
        """Whether every code of these filters is known to exist, without asking PostgreSQL."""
        services, themes, teams = _names(store.home(), self.catalogue).codes
        return (
            not filters.areas
            and services.issuperset(filters.services)
            and themes.issuperset(filters.themes)
            and teams.issuperset(filters.teams)
        )

    def tile(self, tile: Tile, filters: HeatFilters, *, staff: bool) -> bytes | None:
        """The MVT of a tile, or None where the store cannot say: too fine, or by a map newer than it."""
        cells = self.cells(tile, filters, staff=staff)
        return None if cells is None else scan.encoded(cells)

    def cells(self, tile: Tile, filters: HeatFilters, *, staff: bool) -> npt.NDArray[np.int32] | None:
        """The numbers of a tile's 4,096 cells by row; None as for `tile`."""
        if tile.z > DEEPEST or (filters.areas and self.published != tuple(self.live.version.facts.versions)):
            return None
        lookup = self._lookup(filters, staff)
        days = np.array(bounds(filters), dtype=np.int64)
        counted = np.zeros(3 * CELLS, dtype=np.int32)
        for columns, weight in ((self.live.version.columns, 1), (self.live.gone, -1), (self.live.come, 1)):
            if columns.rows:
                add(columns, tile, days, lookup, weight, counted)
        exact, rough = counted[CELLS : 2 * CELLS], counted[2 * CELLS :]
        return np.asarray(exact + np.where(rough >= LEAST_SHOWN, rough, 0))

    def _lookup(self, filters: HeatFilters, staff: bool) -> Lookup:
        keys, names = self.live.keys, _names(store.home(), self.catalogue)
        services = np.zeros((len(keys.services), 4), dtype=np.uint8)
        rows_seen = [STAFF, STAFF | PUBLIC] if staff else [PUBLIC, STAFF | PUBLIC]
        wanted_codes = frozenset(filters.services)
        for at, id_ in enumerate(keys.services):
            code, precision, theme = names.services.get(id_, ("", "area", ""))
            wanted = (not wanted_codes or code in wanted_codes) and (
                not filters.themes or theme in filters.themes
            )
            if wanted and (staff or precision != "area"):
                services[at, rows_seen] = 1 if staff or precision == "exact" else 2
        every = np.empty(0, dtype=np.uint8)
        teams = channels = places = every
        if filters.teams:
            teams = np.array([names.teams.get(t) in filters.teams for t in keys.teams], dtype=np.uint8)
        if filters.channels:
            known = channel_keys(filters.channels)
            channels = np.array([key in known for key in keys.channels], dtype=np.uint8)
        if filters.areas:
            areas = set(filters.areas)
            places = np.array([not areas.isdisjoint(p.items()) for p in keys.places], dtype=np.uint8)
        return Lookup(services.ravel(), teams, channels, places)


def add(
    columns: Columns,
    tile: Tile,
    days: Ints,
    lookup: Lookup,
    weight: int,
    counted: npt.NDArray[np.int32],
) -> None:
    """Count the rows of a tile in `counted`, each as `weight`: see `scan.count`."""
    scan.count(
        columns.block_x, columns.block_y, columns.start,
        columns.x, columns.y, columns.opened, columns.closed, columns.due,
        columns.service, columns.team, columns.channel, columns.place,
        tile.z, tile.x, tile.y, days,
        lookup.services, lookup.teams, lookup.channels, lookup.places, weight, counted,
    )  # fmt: skip
