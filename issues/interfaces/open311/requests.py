"""Reading requests: by number, by period, service, state and place; the rules of 90 days and 1,000 rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, Invalid, NotFound
from geo_central.kernel.geo import LngLat, parse_box, parse_lnglat
from issues.interfaces import params
from issues.interfaces.wording import say_event, say_state
from issues.lifecycle.exchange.queries import Asked, Exchanged, exchanged
from issues.lifecycle.protocol import parse
from layers.queries import address_id

from .door import answer_list
from .rendering import moment

WINDOW = timedelta(days=90)
MOST = 1000
PAGE = 50
RADIUS_M = 10_000
COUNTED_S = 60


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page: `number` from 1, or None for the standard's one answer."""

    number: int | None
    size: int
    after: tuple[datetime, int] | None


def listed(request: HttpRequest, *, form: str) -> HttpResponseBase:
    """GET requests."""
    given = request.GET
    details = params.choice(given, "extensions", ("", "true", "false"), default="") == "true"
    paging = _paging(given)
    asked = _asked(given)
    # To count a quarter of a year costs more than to read a page of it: whoever pages on is told the same.
    counted = f"open311-total:{blake2b(repr(asked).encode(), digest_size=16).hexdigest()}"
    total = cache.get(counted) if paging.number else None
    page = exchanged(
        asked,
        limit=paging.size,
        skip=(paging.number - 1) * paging.size if paging.number and not paging.after else 0,
        after=paging.after,
        counts=paging.number is not None and total is None,
        details=details,
    )
    content = [as_request(r, request, details=details) for r in page.requests]
    response = answer_list("service_requests", content, form)
    if paging.number:
        if total is None:
            cache.set(counted, total := page.total, COUNTED_S)
        response["X-Total-Count"] = str(total)
        response["Access-Control-Expose-Headers"] = "X-Total-Count, Link"
        if page.next_key:
            following = given.dict() | {"page": str(paging.number + 1)}
            following["cursor"] = params.make_cursor(page.next_key) or ""
            if asked.since and not given.get("end_date"):  # the same window on every page
                following["start_date"] = asked.since.isoformat()
            address = request.build_absolute_uri(f"{request.path}?{urlencode(following)}")
            response["Link"] = f'<{address}>; rel="next"'
    return response


def one(request: HttpRequest, number: str, *, form: str) -> HttpResponseBase:
    """GET requests/ID: a list of one. NotFound `issue.unknown`."""
    details = params.choice(request.GET, "extensions", ("", "true", "false"), default="") == "true"
    try:
        protocol = parse(number)
    except DomainError:
        raise NotFound("issue.unknown", field="service_request_id") from None
    found = exchanged(Asked(protocols=(protocol,)), limit=1, details=details).requests
    if not found:
        raise NotFound("issue.unknown", field="service_request_id")
    return answer_list("service_requests", [as_request(found[0], request, details=details)], form)


def as_request(row: Exchanged, request: HttpRequest, *, details: bool) -> dict[str, Any]:
    """The 17 fields of the standard; with `details` those beyond it."""
    photos = [
        request.build_absolute_uri(reverse("citizen:photo", args=[photo, "full"])) for photo in row.photos
    ]
    point = row.point or LngLat(*settings.CITY.centre)
    told: dict[str, Any] = {
        "service_request_id": row.protocol,
        "status": "open" if row.is_open else "closed",
        "status_notes": str(say_state(row.state)),
        "service_name": row.service_name,
        "service_code": row.service_code,
        "description": row.description or None,
        "agency_responsible": row.agency,
        "service_notice": None,
        "requested_datetime": moment(row.opened_at),
        "updated_datetime": moment(row.updated_at if row.is_open else row.closed_at or row.updated_at),
        "expected_datetime": moment(row.due_at),
        # Never empty, which clients break on: at worst somewhere in the city.
        "address": row.address or settings.CITY.name,
        # Only of an address that may be told: elsewhere there is none to name.
        "address_id": address_id(row.address),
        "zipcode": None,
        "lat": round(point.lat, 6),
        "long": round(point.lng, 6),
        "media_url": photos[0] if photos else None,
    }
    if details:
        told["extended_attributes"] = {
            "detailed_status": row.state,
            "channel": row.channel,
            "neighbourhood": row.neighbourhood or None,
            "district": row.district or None,
            "duplicate": row.duplicate_of is not None,
            "parent_service_request_id": row.duplicate_of,
            "media_urls": photos,
        }
        told["notes"] = [
            {"datetime": _noted(e["at"]), "type": e["code"], "summary": str(say_event(e["code"]))}
            for e in row.events
        ]
    return told


def _noted(at: str) -> str | None:
    return moment(datetime.fromisoformat(at))


def _asked(given: QueryDict) -> Asked:
    if numbers := params.text(given, "service_request_id", limit=20_000):
        return Asked(protocols=tuple(filter(None, map(_protocol, numbers.split(",")[:MOST]))))
    codes = [c.strip() for c in params.text(given, "service_code", limit=8000).split(",") if c.strip()]
    lng, lat, radius = (given.get(name) for name in ("long", "lat", "radius"))
    near = parse_lnglat(lng, lat) if lng or lat or radius else None
    box = params.text(given, "bbox")
    updated = params.moment(given, "updated_after"), params.moment(given, "updated_before")
    since, until = _period(given, windowed=not any(updated))
    return Asked(
        since=since,
        until=until,
        updated_after=updated[0],
        updated_before=updated[1],
        services=tuple(codes) if codes else None,
        is_open=_is_open(given),
        box=parse_box(box) if box else None,
        near=near,
        radius_m=params.whole(given, "radius", default=500, low=1, high=RADIUS_M) if near else None,
        words=params.text(given, "q"),
    )


def _protocol(text: str) -> str | None:
    try:
        return parse(text)
    except DomainError:
        return None  # a list tolerates what does not exist


def _period(given: Mapping[str, str], *, windowed: bool) -> tuple[datetime | None, datetime | None]:
    """From when to when: 90 days at most, the last ones unless told; any where `updated_*` says enough."""
    since, until = params.moment(given, "start_date"), params.moment(given, "end_date")
    if since and until:
        if until < since:
            raise Invalid("period.backwards", field="end_date")
        if until - since > WINDOW + timedelta(days=1):
            raise Invalid("period.too_long", field="end_date", limit=WINDOW.days)
        return since, until
    if since:
        return since, since + WINDOW
    if until:
        return until - WINDOW, until
    return (clock.now() - WINDOW, None) if windowed else (None, None)


def _is_open(given: Mapping[str, str]) -> bool | None:
    asked = {s.strip().lower() for s in params.text(given, "status").split(",") if s.strip()}
    if wrong := asked - {"open", "closed"}:
        raise Invalid("field.not_a_choice", field="status", value=min(wrong)[:40])
    return None if len(asked) != 1 else asked == {"open"}


def _paging(given: Mapping[str, str]) -> Paging:
    number = params.whole(given, "page", default=0, low=1, high=10**6) or None
    if not number and not given.get("page_size"):
        return Paging(None, MOST, None)
    size = params.whole(given, "page_size", default=PAGE, low=1, high=MOST)
    return Paging(number or 1, size, params.cursor_at(given))
