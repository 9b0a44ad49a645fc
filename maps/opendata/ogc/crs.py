"""Coordinate reference systems by their URIs, and the order of their axes (OGC 18-058r1, 19-014r3)."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.contrib.gis.gdal import SpatialReference

from geo_central.kernel.errors import Malformed
from geo_central.kernel.geo import WGS84

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"
_WEB = 3857


@dataclass(frozen=True, slots=True)
class Crs:
    """`turned`: latitude (northing) comes first."""

    uri: str
    srid: int
    turned: bool
    digits: int
    """Decimals that a coordinate is worth: centimetres."""


@cache
def known() -> dict[str, Crs]:
    """By URI, the default first: longitude and latitude, WGS 84, the city's metric one, the web's."""
    metric = int(settings.CITY.metric_srid)
    each = [
        Crs(CRS84, WGS84, turned=False, digits=7),
        Crs(_EPSG.format(WGS84), WGS84, turned=True, digits=7),
        Crs(_EPSG.format(metric), metric, turned=bool(SpatialReference(metric).geographic), digits=2),
        Crs(_EPSG.format(_WEB), _WEB, turned=False, digits=2),
    ]
    return {c.uri: c for c in each}


def parse_crs(value: str, *, field: str) -> Crs:
    """The system of a URI, CRS84 for nothing. Raises Malformed `crs.unknown` naming the field."""
    found = known().get(value.strip("[]<>") or CRS84)
    if found is None:
        raise Malformed("crs.unknown", field=field, known=", ".join(known()))
    return found
