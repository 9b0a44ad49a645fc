"""Points as plain values. WGS 84 degrees (EPSG:4326); x is longitude, y is latitude."""

import math
from dataclasses import dataclass

from django.contrib.gis.geos import Polygon

from .errors import DomainError, Invalid, Malformed

WGS84 = 4326


@dataclass(frozen=True, slots=True)
class LngLat:
    """A position on Earth in degrees, EPSG:4326, already known to be finite and in range."""

    lng: float
    lat: float

    @property
    def ewkt(self) -> str:
        return f"SRID=4326;POINT({self.lng!r} {self.lat!r})"


def parse_lnglat(lng: object, lat: object) -> LngLat:
    """Read two coordinates given as numbers or text.

    Raises Malformed `place.missing`/`place.not_a_number` naming `lat` or `lng`, and Invalid
    `place.out_of_range` for numbers that no place on Earth has.
    """
    y = _number(lat, "lat")
    x = _number(lng, "lng")
    if not -90 <= y <= 90:
        raise Invalid("place.out_of_range", field="lat", value=y)
    if not -180 <= x <= 180:
        raise Invalid("place.out_of_range", field="lng", value=x)
    return LngLat(x, y)


def _number(value: object, field: str) -> float:
    if value is None or value == "":
        raise Malformed("place.missing", field=field)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Malformed("place.not_a_number", field=field)
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise Malformed("place.not_a_number", field=field) from None
    if not math.isfinite(number):
        raise Malformed("place.not_a_number", field=field)
    return number


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of longitudes and latitudes in degrees, EPSG:4326; west < east, south < north."""

    west: float
    south: float
    east: float
    north: float


def parse_box(text: str, *, field: str = "bbox") -> Box:
    """Read `west,south,east,north`. Raises Malformed or Invalid `bbox.*` naming the field."""
    parts = text.split(",")
    if len(parts) != 4:
        raise Malformed("bbox.four_numbers", field=field)
    try:
        west, south, east, north = (float(p) for p in parts)
    except ValueError:
        raise Malformed("bbox.four_numbers", field=field) from None
    if not all(map(math.isfinite, (west, south, east, north))):
        raise Malformed("bbox.four_numbers", field=field)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise Invalid("bbox.empty_or_outside", field=field)
    return Box(west, south, east, north)


RING_LIMIT = 100
RING_KM2 = 100.0
_LEAST_KM2 = 1e-6
_KM_PER_DEGREE = 111.32


def parse_ring(text: str, *, field: str = "polygon") -> str:
    """Read an area drawn on a map, `lng,lat;lng,lat;…` with 3 to RING_LIMIT corners, as WKT.

    A line that crosses itself is refused, and so is an area of more than RING_KM2 square kilometres
    (reckoned on a sphere, flat around its middle). Raises Malformed `area.corners` and Invalid
    `area.crosses` or `area.too_large` naming the field.
    """
    try:
        corners = [parse_lnglat(*corner.split(",")) for corner in text.strip(" ;").split(";")]
    except (DomainError, TypeError, ValueError):
        raise Malformed("area.corners", field=field, limit=RING_LIMIT) from None
    if corners[0] == corners[-1]:
        corners = corners[:-1]
    if not 3 <= len(corners) <= RING_LIMIT:
        raise Malformed("area.corners", field=field, limit=RING_LIMIT)
    ring = [(round(c.lng, 6), round(c.lat, 6)) for c in (*corners, corners[0])]
    area = Polygon(ring)
    squeezed = math.cos(math.radians(sum(c.lat for c in corners) / len(corners)))
    km2 = area.area * _KM_PER_DEGREE**2 * squeezed
    if not area.valid or km2 < _LEAST_KM2:
        raise Invalid("area.crosses", field=field)
    if km2 > RING_KM2:
        raise Invalid("area.too_large", field=field, limit=int(RING_KM2))
    return str(area.wkt)
