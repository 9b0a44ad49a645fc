"""What is new of the city for a reader of feeds: requests filed and closed, under the public rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from geo_central.kernel.geo import Box
from geo_central.kernel.sql import load
from maps.filters import HeatFilters

NEWEST = 100
DAYS = 90
_SQL = Path(__file__).parent / "sql" / "feed.sql"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: `what` is opened or closed. `lng` and `lat` (EPSG:4326) are the public point,
    None where there is none; words are empty until somebody has looked at them."""

    what: str
    at: datetime
    protocol: str
    state: str
    service: str
    service_name: str
    address: str
    neighbourhood: str
    description: str
    lng: float | None
    lat: float | None


def entries(filters: HeatFilters, box: Box | None, *, ring: str = "", now: datetime) -> list[Entry]:
    """The newest 100 of the last 90 days, of the services, themes and areas of `filters`, inside `box` and
    inside `ring`, which is a polygon as WKT (EPSG:4326).

    Services whose place is not public are found by neighbourhood and district only, never by a finer area,
    a box or a polygon.
    """
    where = ["true"]
    values: dict[str, Any] = {
        "since": now - timedelta(days=DAYS),
        "limit": NEWEST,
        "neighbourhoods": settings.CITY.neighbourhood_layer,
    }
    if filters.services:
        where.append("s.code = ANY (%(services)s::varchar[])")
        values["services"] = list(filters.services)
    if filters.themes:
        where.append(
            "s.theme_id IN (SELECT h.id FROM issues_theme h WHERE h.slug = ANY (%(themes)s::varchar[]))"
        )
        values["themes"] = list(filters.themes)
    if filters.areas:
        where.append(_inside(filters, values))
    if box is not None:
        where.append("i.public_geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)")
        values |= {"west": box.west, "south": box.south, "east": box.east, "north": box.north}
    if ring:
        where.append("ST_Intersects(ST_GeomFromText(%(ring)s, 4326), i.public_geom)")
        values["ring"] = ring
    with connection.cursor() as cursor:
        cursor.execute(load(_SQL).format(where=" AND ".join(where)), values)
        return [Entry(*row) for row in cursor.fetchall()]


def _inside(filters: HeatFilters, values: dict[str, Any]) -> str:
    coarse = {settings.CITY.neighbourhood_layer: "neighbourhood", settings.CITY.district_layer: "district"}
    terms = []
    for n, (layer, code) in enumerate(filters.areas):
        values |= {f"layer_{n}": layer, f"code_{n}": code}
        if layer in coarse:
            terms.append(f"i.{coarse[layer]} = %(code_{n})s")
        else:
            terms.append(f"(s.precision <> 'area' AND i.areas ->> %(layer_{n})s = %(code_{n})s)")
    return f"({' OR '.join(terms)})"
