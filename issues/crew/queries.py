"""Work around a crew: only that of its own teams."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query

_NEAR = Query(__file__, "near")
_BY_DUE = Query(__file__, "near_by_due")

RADIUS_LIMIT_M = 50_000
PAGE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class NearPage:
    """GeoJSON features as text, and the key of the last one where there may be more."""

    features: tuple[str, ...]
    next_key: tuple[float | datetime, int] | None


def near(
    *,
    team_ids: Sequence[int],
    point: LngLat,
    radius_m: float,
    limit: int,
    by_due: bool = False,
    after: tuple[float | datetime, int] | None = None,
    now: datetime,
) -> NearPage:
    """Open requests of these teams within `radius_m` metres of `point`, nearest or soonest first.

    `after` is the `next_key` of the page before: (metres, id), or (due_at, id) with `by_due`.
    """
    rows = (_BY_DUE if by_due else _NEAR).rows(
        {
            "teams": list(team_ids),
            "lng": point.lng,
            "lat": point.lat,
            "radius_m": radius_m,
            "after": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
            "now": now,
        }
    )
    last = rows[-1] if len(rows) == limit else None
    key = (last[2] if by_due else last[1], last[3]) if last else None
    return NearPage(tuple(r[0] for r in rows), key)
