"""Requests as other systems read them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from geo_central.kernel.errors import NotFound
from geo_central.kernel.geo import Box, LngLat
from geo_central.kernel.sql import Query
from layers.queries import area_middles

# The best plan depends on what is asked: a week, a street, a handful of numbers.
_EXCHANGED = Query(__file__, "exchanged", planned=True)
_WITH = Query(__file__, "with_teams")
_UPDATES = Query(__file__, "updates", planned=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to read; None does not filter. Periods are closed; `words` are looked for in what
    is public of a request; `radius_m` are metres around `near`."""

    protocols: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    services: tuple[str, ...] | None = None
    is_open: bool | None = None
    box: Box | None = None
    near: LngLat | None = None
    radius_m: float | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What anybody may know of a request. `point` is the middle of the neighbourhood where a service is
    shown by area alone, and None where not even that is known; `events` are given only where asked for."""

    id: int
    protocol: str
    state: str
    is_open: bool
    service_code: str
    service_name: str
    agency: str
    opened_at: datetime
    updated_at: datetime
    due_at: datetime
    closed_at: datetime | None
    channel: str
    address: str
    point: LngLat | None
    description: str
    photos: tuple[UUID, ...]
    duplicate_of: str | None
    neighbourhood: str
    district: str
    events: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first; `next_key` is where the next page begins, `total` how many there are where counted."""

    requests: list[Exchanged]
    next_key: tuple[datetime, int] | None
    total: int | None


def exchanged(
    asked: Asked,
    *,
    limit: int,
    skip: int = 0,
    after: tuple[datetime, int] | None = None,
    counts: bool = False,
    details: bool = False,
) -> Page:
    """One page of the requests asked for; in one statement."""
    box, near = asked.box, asked.near
    found = _EXCHANGED.rows(
        {
            "protocols": list(asked.protocols) if asked.protocols is not None else None,
            "since": asked.since,
            "until": asked.until,
            "updated_after": asked.updated_after,
            "updated_before": asked.updated_before,
            "services": list(asked.services) if asked.services is not None else None,
            "is_open": asked.is_open,
            "west": box.west if box else None,
            "south": box.south if box else None,
            "east": box.east if box else None,
            "north": box.north if box else None,
            "lng": near.lng if near else None,
            "lat": near.lat if near else None,
            "radius_m": asked.radius_m if near else None,
            "words": f"%{_plain(asked.words)}%" if asked.words else None,
            "before": after[0] if after else None,
            "before_id": after[1] if after else None,
            "skip": skip,
            "limit": limit + 1,
            "counts": counts,
            "details": details,
        }
    )
    rows = [r for r in found if r.id is not None]
    following = (rows[limit - 1].opened_at, rows[limit - 1].id) if len(rows) > limit else None
    areas = area_middles(settings.CITY.neighbourhood_layer) if rows else {}
    return Page([_value(r, areas) for r in rows[:limit]], following, found[0].total)


def _value(row: Any, areas: dict[str, tuple[str, LngLat]]) -> Exchanged:
    """Where only the neighbourhood may be told, that is where it is."""
    facts = row._asdict()
    lng, lat = facts.pop("lng"), facts.pop("lat")
    del facts["total"]
    name, middle = areas.get(row.neighbourhood, ("", None))
    facts["address"] = row.address or name
    facts["point"] = LngLat(lng, lat) if lng is not None else middle
    facts["photos"], facts["events"] = tuple(facts["photos"]), tuple(facts["events"] or ())
    return Exchanged(**facts)


def _plain(words: str) -> str:
    """Words of which none is a wildcard."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass(frozen=True, slots=True)
class Told:
    """One public event: the state in which it left its request, and when we learnt of it."""

    id: int
    protocol: str
    code: str
    at: datetime
    recorded_at: datetime
    state: str
    photos: tuple[UUID, ...]


def updates(
    *,
    since: datetime,
    until: datetime,
    protocol: str | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int,
) -> tuple[list[Told], tuple[datetime, int] | None]:
    """What we learnt from `since` to `until`, oldest first, and the key after which the next page begins."""
    rows = _UPDATES.rows(
        {
            "since": since,
            "until": until,
            "protocol": protocol,
            "after": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit + 1,
        }
    )
    told = [Told(**{**r._asdict(), "photos": tuple(r.photos)}) for r in rows[:limit]]
    return told, (told[-1].recorded_at, told[-1].id) if len(rows) > limit else None


@dataclass(frozen=True, slots=True)
class Held:
    """A request that is with somebody."""

    id: int
    opened_at: datetime


def held(protocol: str, teams: frozenset[int]) -> Held | None:
    """The request, if it or an open step of it is with one of these teams. NotFound `issue.unknown`."""
    row = _WITH.one({"protocol": protocol})
    if row is None:
        raise NotFound("issue.unknown", field="protocol")
    return Held(row.id, row.opened_at) if teams & set(row.teams) else None
