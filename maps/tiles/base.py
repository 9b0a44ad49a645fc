"""The basemap's tiles, drawn from the layers that the city has published itself."""

import gzip
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from geo_central.kernel.sql import Query
from layers.queries import layers_published

from .grid import Tile

_TILE = Query(__file__, "base_tile")

MAJOR = ["Avenida", "Estrada", "Rodovia", "Viaduto", "Túnel", "Boulevard"]
MIDDLE = ["Rua", "Via", "Via de Acesso", "Alameda", "Esplanada"]
REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class Editions:
    """The published versions that a basemap tile is drawn from."""

    boundary: tuple[int, ...]
    areas: tuple[int, ...]
    streets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A tile as bytes, plain and gzipped."""

    plain: bytes
    gzipped: bytes


def editions() -> Editions:
    """What is published now."""
    published = layers_published()
    return Editions(
        boundary=tuple(v for slug, _, _, v, _ in published if slug == settings.CITY.boundary_layer),
        areas=tuple(v for slug, _, _, v, _ in published if slug == settings.CITY.neighbourhood_layer),
        streets=tuple(v for _, _, kind, v, _ in published if kind == "street"),
    )


@lru_cache(REMEMBERED)
def base_tile(tile: Tile, of: Editions) -> Encoded:
    """The MVT of a tile with the layers `municipality` (name), `areas` (borders, and points with
    code and name) and `streets` (name, class major or minor); empty outside the city.

    A version never changes once published, so a tile is remembered for as long as it is asked for.
    """
    plain = bytes(
        _TILE.value(
            {
                "z": tile.z,
                "x": tile.x,
                "y": tile.y,
                "boundary": list(of.boundary),
                "areas": list(of.areas),
                "streets": list(of.streets),
                "major": MAJOR,
                "middle": MIDDLE,
            }
        )
    )
    return Encoded(plain, gzip.compress(plain, 6, mtime=0))
