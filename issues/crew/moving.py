"""A wrong place is mended by whoever stands at the right one."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction

from geo_central.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query
from issues.lifecycle.operations import Acted, Actor
from issues.lifecycle.states import Role
from layers.queries import Place, place_at

_PLACE = Query(__file__, "place")
_MOVE = Query(__file__, "move")

MOVERS = frozenset({Role.CREW, Role.LEADER, Role.MANAGER, Role.ADMIN})


def move(
    *,
    issue_id: int,
    point: LngLat,
    by: Actor,
    now: datetime,
    learnt_at: datetime,
    client_id: UUID | None = None,
    note: str = "",
) -> Acted:
    """Put an open request where it really is (degrees, EPSG:4326), with its address and areas.

    The team stays: passing the request on is an act of its own. The same `client_id` twice is one
    event. Raises NotFound `issue.unknown`, Forbidden `act.not_allowed`, Conflict `act.not_now` and
    `act.id_taken`, Invalid `place.*`.
    """
    place = place_at(point)
    try:
        with transaction.atomic():
            row = _PLACE.one({"id": issue_id, "client_id": client_id})
            if row is None:
                raise NotFound("issue.unknown", field="protocol")
            if row.again:
                return _again(row)
            _check(row, by)
            event_id = _MOVE.value(
                {
                    "id": issue_id,
                    "lng": point.lng,
                    "lat": point.lat,
                    **_facts(place),
                    "user_id": by.user_id,
                    "client_id": client_id,
                    "note": note.strip(),
                    "at": now,
                    "learnt_at": learnt_at,
                }
            )
    except IntegrityError as error:
        if "event_once" not in str(error):
            raise
        with transaction.atomic():  # a twin of this very act was committed a moment ago
            row = _PLACE.one({"id": issue_id, "client_id": client_id})
        return _again(row)
    return Acted(row.id, row.protocol, row.state, row.is_open, event_id, row.due_at)


def _check(row: Any, by: Actor) -> None:
    roles = by.roles_on(frozenset({row.team_id, *row.step_teams}))
    if not roles:
        raise NotFound("issue.unknown", field="protocol")
    if not roles & MOVERS:
        raise Forbidden("act.not_allowed", action="move")
    if not row.is_open:
        raise Conflict("act.not_now", state=row.state, action="move")
    if not row.geolocated:
        raise Invalid("place.not_asked", field="lat")


def _again(row: Any) -> Acted:
    issue_id, event_id, code = row.again
    if issue_id != row.id or code != "moved":
        raise Conflict("act.id_taken", field="client_id")
    return Acted(row.id, row.protocol, row.state, row.is_open, event_id, row.due_at, created=False)


def _facts(place: Place) -> dict[str, Any]:
    areas = {a.layer: a.code for a in place.areas}
    return {
        "address": place.address,
        "areas": msgspec.json.encode(areas).decode(),
        "district": areas.get(settings.CITY.district_layer, ""),
        "neighbourhood": areas.get(settings.CITY.neighbourhood_layer, ""),
    }
