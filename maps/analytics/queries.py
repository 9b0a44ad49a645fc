"""Counting requests for planners and for the public. What is returned may be shown to anybody."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from geo_central.kernel.clock import city_zone
from geo_central.kernel.sql import Query
from maps.filters import LEAST_SHOWN, HeatFilters

# Planned every time: a filter on days or services turns a scan into an index walk.
_COUNTS = Query(__file__, "counts", planned=True)
_CELLS = Query(__file__, "public_cells", planned=True)
_POINTS = Query(__file__, "public_points", planned=True)

# Cells of about 130 m at the latitude of 30 degrees: a city block.
CELL_SIDE = 1 << 18


@dataclass(frozen=True, slots=True)
class Count:
    """How many requests an area or a theme has: all, still open, and with a point on the public map."""

    code: str
    name: str
    n: int
    open: int
    mapped: int

    @property
    def closed(self) -> int:
        return self.n - self.open


@dataclass(frozen=True, slots=True)
class Counts:
    """The same requests counted in all, by area and by theme; the largest first.

    The area with an empty code holds the requests that have no place, or one in no published area.
    """

    all: Count
    areas: tuple[Count, ...]
    themes: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """The middle of a cell in degrees (EPSG:4326) and its number of requests."""

    lat: float
    lng: float
    n: int


@dataclass(frozen=True, slots=True)
class PublicPoint:
    """A request that may be shown at its exact point (EPSG:4326)."""

    lat: float
    lng: float
    protocol: str
    service: str
    is_open: bool
    opened_on: date


def counts(filters: HeatFilters) -> Counts:
    """Every request that the filters let through, those of area-only services too, in one statement."""
    rows = _COUNTS.rows({**filters.params(), "layer": settings.CITY.neighbourhood_layer})
    of: dict[str, list[Count]] = {"all": [], "area": [], "theme": []}
    for kind, *fields in rows:
        of[kind].append(Count(*fields))
    return Counts(of["all"][0], tuple(of["area"]), tuple(of["theme"]))


def public_cells(filters: HeatFilters) -> list[Cell]:
    """Where requests are, counted in cells under the rules of the heat tiles; the fullest first."""
    return [Cell(*r) for r in _CELLS.rows({**filters.params(), "side": CELL_SIDE, "least": LEAST_SHOWN})]


def public_points(filters: HeatFilters, *, limit: int) -> list[PublicPoint]:
    """The newest `limit` requests of services with an exact public point."""
    rows = _POINTS.rows({**filters.params(), "limit": limit, "zone": city_zone().key})
    return [PublicPoint(*r) for r in rows]
