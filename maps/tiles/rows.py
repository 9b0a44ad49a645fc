"""Every request as a row of columns, for whoever counts them.

Rows are those of the heat store and its tail; where they cannot say, PostgreSQL's own.

Only requests that have a place are in them, as staff sees them: each once, where it is.
"""

import threading
from dataclasses import dataclass
from typing import Any

from geo_central.kernel.sql import Query
from layers.queries import layers_published

from .engine import store
from .engine.columns import arrange, joined
from .engine.reading import Keys, rows
from .heat import reading

_NAMES = Query(__file__, "row_names")
_lock = threading.Lock()
_read: dict[str, "Source"] = {}


@dataclass(frozen=True, slots=True)
class Named:
    """A service's theme or a team with its department."""

    code: str
    name: str
    group: str
    group_name: str


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Columns with the weight of each part (1, or -1 for rows that are no more as they were), and what
    stands at the positions in them: ids of services and teams, keys of channels, areas by layer."""

    edition: str
    parts: tuple[tuple[Any, int], ...]
    services: list[int]
    teams: list[int]
    channels: list[int]
    places: list[dict[str, str]]


def source() -> Source:
    """The requests as they are now."""
    read = reading()
    now = read.now
    if now is not None and sorted(now.published) == sorted(now.live.version.facts.versions):
        live = now.live
        parts = tuple(
            (c, w) for c, w in ((live.version.columns, 1), (live.gone, -1), (live.come, 1)) if c.rows
        )
        keys = live.keys
        return Source(read.edition, parts, keys.services, keys.teams, keys.channels, keys.places)
    return _whole(read.edition)


def names() -> tuple[dict[int, Named], dict[int, Named]]:
    """(services, teams) by id: a service's group is its theme, a team's its department."""
    found: dict[str, dict[int, Named]] = {"service": {}, "team": {}}
    for kind, id_, *fields in _NAMES.rows():
        found[kind][id_] = Named(*fields)
    return found["service"], found["team"]


def _whole(edition: str) -> Source:
    """Every request read anew; kept for as long as nothing happens."""
    key = f"{store.home()} {edition} {layers_published()}"
    with _lock:
        if key not in _read:
            keys = Keys()
            columns = arrange(joined(rows(keys)))
            _read.clear()
            _read[key] = Source(
                edition, ((columns, 1),), keys.services, keys.teams, keys.channels, keys.places
            )
        return _read[key]
