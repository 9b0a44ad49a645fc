"""Reports as citizens send them, and requests as they lie in the database."""

import io
import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from PIL import Image

from geo_central.kernel.geo import LngLat
from issues.catalogue.queries import ServiceRow, service, services
from issues.intake.drafts import IssueDraft, parse_draft
from issues.lifecycle.models import Issue
from issues.lifecycle.protocol import format_protocol
from issues.teams.models import Team

NOON = datetime(2026, 11, 23, 15, tzinfo=UTC)
CENTRE = LngLat(-51.2287, -30.0277)
OUTSIDE = LngLat(-51.2287, -29.70)
POTHOLE = "tapa-buracos"
_numbers = itertools.count(9_000_000)


def body(**changes: Any) -> dict[str, Any]:
    """A report of a pothole downtown as JSON; `key=...` (Ellipsis) leaves the key out."""
    given = {"client_id": str(uuid.uuid4()), "service": POTHOLE, "lat": CENTRE.lat, "lng": CENTRE.lng}
    return {k: v for k, v in {**given, **changes}.items() if v is not ...}


def draft(**changes: Any) -> IssueDraft:
    """The same as a draft."""
    return parse_draft(body(**changes))


def service_with(**facts: Any) -> ServiceRow:
    """A geolocated service with these facts that asks nothing that must be answered."""
    for row in services():
        if row.geolocated and all(getattr(row, k) == v for k, v in facts.items()):
            found = service(row.code)
            if not any(q.required for q in found.questions):
                return found
    raise LookupError(f"no such service: {facts}")


def photo_bytes(colour: str = "red") -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


def issue(team: Team, point: LngLat | None = CENTRE, **fields: Any) -> Issue:
    """A pothole of that team, opened at NOON and due in ten days, unless told otherwise."""
    row = service(fields.pop("service", POTHOLE))
    geom = Point(point.lng, point.lat, srid=4326) if point else None
    given = {
        "client_id": uuid.uuid4(),
        "protocol": format_protocol(2026, next(_numbers)),
        "token": uuid.uuid4().hex,
        "service_id": row.id,
        "channel": "web",
        "state": "assigned",
        "geom": geom,
        "public_geom": geom if row.precision == "exact" else None,
        "department_id": team.department_id,
        "team": team,
        "opened_at": NOON,
        "due_at": NOON + timedelta(days=10),
        "updated_at": NOON,
    }
    return Issue.objects.create(**{**given, **fields})
