"""Has somebody already told us?"""

from dataclasses import dataclass
from datetime import datetime

from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query
from issues.catalogue.queries import ServiceRow
from issues.catalogue.queries import service as service_of

_SIMILAR = Query(__file__, "similar")


@dataclass(frozen=True, slots=True)
class SimilarIssue:
    """An open request that may be the same one; only what is public of it. Metres, EPSG:4326."""

    protocol: str
    service: str
    service_name: str
    distance_m: float
    opened_at: datetime
    due_at: datetime
    state: str
    address: str
    lng: float
    lat: float
    followers: int


def similar(*, service_code: str, point: LngLat, limit: int = 5) -> list[SimilarIssue]:
    """Open requests of the service within its own radius of `point`, nearest first.

    Services whose requests the public sees only by area offer none. Raises Invalid `service.*`.
    """
    service = service_of(service_code)
    radius_m = similar_radius(service)
    if not radius_m:
        return []
    rows = _SIMILAR.rows(
        {
            "service": service.id,
            "lng": point.lng,
            "lat": point.lat,
            "radius_m": radius_m,
            "limit": limit,
        }
    )
    return [SimilarIssue(*row) for row in rows]


def similar_radius(service: ServiceRow) -> int:
    """How near, in metres, an open request may be the same one; 0 for services that offer none."""
    return 0 if service.precision == "area" else service.duplicate_radius_m
