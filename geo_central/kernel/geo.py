"""Points as plain values. WGS 84 degrees (EPSG:4326); x is longitude, y is latitude."""

import math
from dataclasses import dataclass

from .errors import Invalid, Malformed

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
