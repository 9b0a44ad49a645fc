"""Geography drawn in letters: a test shows its map instead of listing coordinates.

    grid = Grid('''
        A-----B-----E
        |  p  q     |
        D-----C-----F
    ''')
    layer_from(grid, {"west": "ABCD", "east": "BEFC"})
    assert place_at(point(grid, "p")).area("zones").code == "west"

Every letter or digit is a point; anything else is decoration. One character is 0.0005 degrees
(some 50 m) in both directions; the art's top left corner stands at the city's centre.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from textwrap import dedent

import shapely
from django.conf import settings

from geo_central.kernel.geo import LngLat
from layers import operations
from layers.models import Layer, LayerVersion
from layers.operations import StagedFeature, StagedStreet
from layers.street_names import street_key

STEP = 0.0005
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Grid:
    """Lettered points in degrees, EPSG:4326."""

    def __init__(self, art: str, *, origin: tuple[float, float] | None = None, step: float = STEP) -> None:
        west, north = origin or settings.CITY.centre
        self.points: dict[str, LngLat] = {}
        for row, line in enumerate(dedent(art).strip("\n").splitlines()):
            for column, mark in enumerate(line):
                if mark.isalnum():
                    assert mark not in self.points, f"{mark} is drawn twice"
                    self.points[mark] = LngLat(west + column * step, north - row * step)

    def xy(self, letters: str) -> list[tuple[float, float]]:
        return [(self.points[c].lng, self.points[c].lat) for c in letters]

    def polygon(self, letters: str) -> shapely.Polygon:
        """`ABCD` is a ring; `ABCD/EFGH` has the hole EFGH."""
        shell, *holes = letters.split("/")
        return shapely.Polygon(self.xy(shell), [self.xy(hole) for hole in holes])

    def line(self, letters: str) -> shapely.LineString:
        return shapely.LineString(self.xy(letters))


def point(grid: Grid, letter: str) -> LngLat:
    """The place of a letter."""
    return grid.points[letter]


def ewkb(shape: shapely.Geometry) -> bytes:
    return shapely.to_wkb(shapely.set_srid(shape, 4326), include_srid=True)


def layer_from(
    grid: Grid,
    areas: Mapping[str, str | tuple[str, int]],
    *,
    slug: str = "zones",
    publish: bool = True,
    now: datetime = NOON,
) -> LayerVersion:
    """A layer of areas by code: their rings in letters, or (letters, rank)."""
    features = []
    for code, drawn in areas.items():
        letters, rank = drawn if isinstance(drawn, tuple) else (drawn, 0)
        features.append(StagedFeature(code, code.title(), ewkb(grid.polygon(letters)), rank))
    return _staged(slug, Layer.Kind.AREA, features, publish=publish, now=now)


def assets_from(
    grid: Grid, letters: str, *, slug: str = "stops", near_m: int = 60, now: datetime = NOON
) -> LayerVersion:
    """A published layer of points, each with its letter for a code."""
    features = [StagedFeature(c, f"Stop {c}", ewkb(shapely.Point(grid.xy(c)[0]))) for c in letters]
    return _staged(slug, Layer.Kind.ASSET, features, publish=True, now=now, near_m=near_m)


def streets_from(
    grid: Grid,
    streets: Mapping[str, tuple[str, tuple[int, int] | None, tuple[int, int] | None]],
    *,
    slug: str = "streets",
    now: datetime = NOON,
) -> LayerVersion:
    """Published streets by name: (letters, odd from–to, even from–to); they replace the layer's own."""
    rows = [
        StagedStreet(
            name, street_key(name.split(" ", 1)[1]), name.split(" ")[0], odd, even, "", ewkb(grid.line(at))
        )
        for name, (at, odd, even) in streets.items()
    ]
    version = operations.stage_streets(slug=slug, title=slug, source="grid", streets=rows, now=now)
    return operations.publish(version.pk, now)


def _staged(
    slug: str,
    kind: str,
    features: list[StagedFeature],
    *,
    publish: bool,
    now: datetime,
    near_m: int | None = None,
) -> LayerVersion:
    version = operations.stage(
        slug=slug, title=slug.title(), kind=kind, source="grid", features=features, now=now, near_m=near_m
    )
    return operations.publish(version.pk, now) if publish else version
