"""The heat tiles: requests counted in cells. The engine's whole door is `heat_tile`."""

from geo_central.kernel.sql import Query
from maps.filters import LEAST_SHOWN, HeatFilters, parse_filters

from .grid import Tile

__all__ = ["CELLS", "HeatFilters", "heat_edition", "heat_tile", "parse_filters"]

# The best plan depends on the zoom: the whole city, or a street.
_TILE = Query(__file__, "heat_tile", planned=True)
_EDITION = Query(__file__, "heat_edition")

CELLS = 64
# Degrees: the box only finds candidates; the cell that a point falls into decides.
_SLACK = 1e-9


def heat_tile(tile: Tile, filters: HeatFilters) -> bytes:
    """The MVT of a tile: layer `heat`, a point in the middle of each of 64 x 64 cells that has
    requests, with their number `n`. Every public point is in exactly one cell of one tile a zoom.

    Only public points are read. Services whose public place is an area are not in cells, and the
    requests of services with approximate points are left out of a cell that has fewer than
    LEAST_SHOWN of them.
    """
    box = tile.box
    return bytes(
        _TILE.value(
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
                **filters.params(),
            }
        )
    )


def heat_edition() -> str:
    """A text that changes whenever a heat tile may have changed; cheap to ask for.

    A request just filed changes it at once. Rows committed out of order or with past moments (an
    import) change it when PostgreSQL has counted them, at most some seconds later.
    """
    return str(_EDITION.value())
