"""Addresses of map tiles: the z/x/y quad tree over the spherical Mercator square (EPSG:3857)."""

import math
from dataclasses import dataclass

from geo_central.kernel.errors import NotFound
from geo_central.kernel.geo import Box

MAX_ZOOM = 20
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


@dataclass(frozen=True, slots=True)
class Tile:
    """A square of the map: column `x` from the west, row `y` from the north, of 2^z each."""

    z: int
    x: int
    y: int

    @property
    def box(self) -> Box:
        """Its edges in degrees (EPSG:4326)."""
        side = 1 << self.z
        return Box(
            self.x / side * 360 - 180,
            _latitude((self.y + 1) / side),
            (self.x + 1) / side * 360 - 180,
            _latitude(self.y / side),
        )


def parse_tile(z: str, x: str, y: str) -> Tile:
    """A tile from the pieces of an address. Raises NotFound `tile.outside` where there is none."""
    if not all(part.isascii() and part.isdigit() and len(part) <= 7 for part in (z, x, y)):
        raise NotFound("tile.outside")
    tile = Tile(int(z), int(x), int(y))
    if tile.z > MAX_ZOOM or max(tile.x, tile.y) >= 1 << tile.z:
        raise NotFound("tile.outside")
    return tile


def _latitude(down: float) -> float:
    """Degrees north of a share of the way from the top of the Mercator square to its bottom."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * down))))
