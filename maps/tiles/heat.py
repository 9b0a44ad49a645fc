"""The heat tiles: requests counted in cells. `reading` is the engine's whole door.

Tiles are counted from the heat store (`engine`) where one is built; otherwise, or where it cannot say,
PostgreSQL counts the same itself. Both give the same numbers.
"""

import importlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from geo_central.kernel.sql import Query
from maps.filters import LEAST_SHOWN, HeatFilters, parse_filters

from .grid import Tile

if TYPE_CHECKING:
    from .engine.live import Now

__all__ = ["CELLS", "HeatFilters", "Reading", "heat_edition", "heat_tile", "parse_filters", "reading", "warm"]

# The best plan depends on the zoom: the whole city, or a street.
_TILE = Query(__file__, "heat_tile", planned=True)
_EDITION = Query(__file__, "heat_edition")

CELLS = 64
# Degrees: the box only finds candidates; the cell that a point falls into decides.
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Reading:
    """What tiles are made of at one moment. `edition` is another text whenever a tile may be another."""

    edition: str
    now: "Now | None"

    def filters(self, query: Mapping[str, str]) -> HeatFilters:
        """See `parse_filters`; where there is a store, what the codes are is known by it."""
        return parse_filters(query, self.now.knows if self.now else None)

    def tile(self, tile: Tile, filters: HeatFilters, *, staff: bool = False) -> bytes:
        """The MVT of a tile: layer `heat`, a point in the middle of each of 64 x 64 cells that has
        requests, with their number `n`. Every public point is in exactly one cell of one tile a zoom.

        Only public points are read. Services whose public place is an area are not in cells, and the
        requests of services with approximate points are left out of a cell that has fewer than
        LEAST_SHOWN of them. For `staff` every request with a place is where it is.
        """
        made = self.now.tile(tile, filters, staff=staff) if self.now else None
        return tile_by_sql(tile, filters, staff=staff) if made is None else made


def reading() -> Reading:
    """The requests as they are now; one round trip."""
    engine = _engine()
    now = engine.now() if engine else None
    return Reading(now.edition if now else str(_EDITION.value()), now)


def heat_tile(tile: Tile, filters: HeatFilters, *, staff: bool = False) -> bytes:
    """The MVT of a tile as of now: see `Reading.tile`."""
    return reading().tile(tile, filters, staff=staff)


def heat_edition() -> str:
    """A text that changes whenever a heat tile may have changed; cheap to ask for.

    A request just filed changes it at once. Without a store, rows committed out of order or with past
    moments (an import) change it when PostgreSQL has counted them, at most some seconds later.
    """
    return reading().edition


def tile_by_sql(tile: Tile, filters: HeatFilters, *, staff: bool = False) -> bytes:
    """The same tile counted by PostgreSQL alone."""
    return bytes(_by_sql(tile, filters, staff).tile)


def cells_by_sql(tile: Tile, filters: HeatFilters, *, staff: bool = False) -> dict[int, int]:
    """Its numbers by cell, row by row from the north-west; what the store is verified against."""
    row = _by_sql(tile, filters, staff)
    return dict(zip(row.cells, row.numbers, strict=True))


def _by_sql(tile: Tile, filters: HeatFilters, staff: bool) -> Any:
    box = tile.box
    return _TILE.one(
        {
            "west": box.west - _SLACK,
            "south": box.south - _SLACK,
            "east": box.east + _SLACK,
            "north": box.north + _SLACK,
            "cells": CELLS,
            "side": CELLS << tile.z,
            "x": tile.x,
            "y": tile.y,
            "least": LEAST_SHOWN,
            "staff": staff,
            **filters.params(),
        }
    )


class _Warming:
    """The engine's module, loaded beside the requests: importing a compiler takes a second."""

    def __init__(self) -> None:
        self.engine: Any = None
        self.thread: threading.Thread | None = None
        self.lock = threading.Lock()

    def load(self) -> None:
        """Import it, and run each compiled loop once."""
        engine = importlib.import_module("maps.tiles.engine.live")
        importlib.import_module("maps.tiles.engine.warming").run()
        self.engine = engine

    def start(self) -> None:
        with self.lock:
            if self.thread is None:
                self.thread = threading.Thread(target=self.load, name="heat", daemon=True)
                self.thread.start()


_warming = _Warming()


def warm(*, wait: bool = False) -> None:
    """Make the engine ready in the background, where this machine has a store; `wait` until it is."""
    if _warming.engine is None and (wait or _built(Path(settings.HEAT_ROOT))):
        _warming.start()
        if wait and _warming.thread:
            _warming.thread.join()


def _built(root: Path) -> bool:
    return any(root.glob("*/current"))


def _engine() -> Any:
    """The engine where it is ready; it is made so where there is a store."""
    if _warming.engine is None:
        warm()
    return _warming.engine
