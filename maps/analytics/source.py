"""What hotspots are worked out from, read whole: points, the city's shape, streets and people."""

from dataclasses import dataclass

import numpy as np
import shapely
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray
from pyproj import Transformer

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Invalid
from geo_central.kernel.geo import WGS84
from geo_central.kernel.sql import Query, load

from .asking import Question
from .grid import Floats, Grid, Ints

_POINTS = Query(__file__, "hotspot_points")
_AREA = Query(__file__, "study_area")
_STREETS = Query(__file__, "street_lines")
_AREAS = Query(__file__, "measured_areas")

# PostgreSQL's binary COPY: eleven bytes of signature, flags and a length; then rows; then -1.
_HEADER, _TRAILER = 19, 2
_ROW = np.dtype(
    [("fields", ">i2"), ("a", ">i4"), ("lng", ">f8"), ("b", ">i4"), ("lat", ">f8"),
     ("c", ">i4"), ("day", ">i4"), ("d", ">i4"), ("rough", "u1")]
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Requests: `x`, `y` in metres, the `day` from the first of the period, and whether the place
    is `rough` (a service without an exact public point). In the order of opening."""

    x: Floats
    y: Floats
    day: Ints
    rough: NDArray[np.bool_]

    @property
    def n(self) -> int:
        """How many requests."""
        return len(self.x)

    def only(self, kept: NDArray[np.bool_]) -> "Points":
        """Those where `kept` is true."""
        return Points(self.x[kept], self.y[kept], self.day[kept], self.rough[kept])


def read_points(question: Question) -> Points:
    """The requests of a question, by one COPY. For the public: without services whose public place is
    an area, and with the public points of the others."""
    since, before = question.opened
    params = {
        "zone": city_zone().key,
        "first": question.first,
        "public": question.audience == "public",
        "since": since,
        "before": before,
        "services": list(question.services) or None,
        "theme": question.theme,
    }
    whole = bytearray()
    with connection.cursor() as cursor, cursor.copy(load(_POINTS.path), params) as copy:
        for piece in copy:
            whole += piece
    rows = np.frombuffer(whole, dtype=_ROW, offset=_HEADER, count=(len(whole) - _HEADER - _TRAILER) // _ROW.itemsize)  # noqa: E501 # fmt: skip
    x, y = to_metres(rows["lng"].astype(np.float64), rows["lat"].astype(np.float64))
    return Points(x, y, rows["day"].astype(np.int64), rows["rough"].astype(bool))


def to_metres(lng: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Degrees (EPSG:4326) in the city's metric reference system."""
    if not len(lng):
        return np.empty(0), np.empty(0)
    transformer = Transformer.from_crs(WGS84, settings.CITY.metric_srid, always_xy=True)
    x, y = transformer.transform(lng, lat)
    return np.asarray(x), np.asarray(y)


def to_degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Metres of the city's metric reference system in degrees (EPSG:4326): (lng, lat)."""
    transformer = Transformer.from_crs(settings.CITY.metric_srid, WGS84, always_xy=True)
    lng, lat = transformer.transform(x, y)
    return np.asarray(lng), np.asarray(lat)


def study_area() -> shapely.Geometry:
    """The municipality in metres; where none is published, the window that the maps may show."""
    shape = _AREA.value({"layer": settings.CITY.boundary_layer})
    if shape is not None:
        return shapely.from_wkb(bytes(shape))
    west, south, east, north = settings.CITY.bounds
    x, y = to_metres(np.array([west, east, east, west]), np.array([south, south, north, north]))
    return shapely.polygons(np.column_stack((x, y)))


def exposure(spec: str, grid: Grid) -> tuple[Floats, str]:
    """(amount (n,), unit): what the requests of each cell could come from.

    `streets`: kilometres of street centreline inside the cell. `layer.property`: the share of each area's
    number that its part inside the cell has (areal weighting: Goodchild & Lam 1980,
    Geo-Processing 1:297-312). Raises Invalid `hotspots.no_exposure` where nothing is published.
    """
    if spec == "streets":
        lines = shapely.from_wkb([bytes(r.shape) for r in _STREETS.rows()])
        amount, unit = _inside(grid, lines, np.ones(len(lines)), shapely.length) / 1000, "km"
    else:
        layer, _, name = spec.partition(".")
        rows = _AREAS.rows({"layer": layer, "property": name})
        areas = shapely.from_wkb([bytes(r.shape) for r in rows])
        each = np.array([r.amount for r in rows]) / np.maximum(shapely.area(areas), 1e-9)
        amount, unit = _inside(grid, areas, each, shapely.area), name
    if not amount.sum() > 0:
        raise Invalid("hotspots.no_exposure", field="exposure", value=spec)
    return amount, unit


def _inside(grid: Grid, shapes: NDArray[np.object_], weight: Floats, measure: np.ufunc) -> Floats:
    """(n,): the sum over shapes of weight x measure of what lies in each cell."""
    cells = grid.polygons()
    which, cell = shapely.STRtree(cells).query(shapes, predicate="intersects")
    parts = measure(shapely.intersection(shapes[which], cells[cell]))
    return np.asarray(np.bincount(cell, parts * weight[which], minlength=grid.n), dtype=np.float64)
