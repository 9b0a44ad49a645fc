"""Discovery, the list of services, and what each of them asks."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from geo_central.kernel.errors import Invalid, NotFound
from geo_central.kernel.geo import parse_lnglat
from issues.catalogue import queries as catalogue
from layers.queries import place_at

from .door import answer, answer_list, door
from .rendering import moment

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGED = datetime(2026, 11, 23, tzinfo=UTC)
ENDPOINTS = (("production", "open311"), ("test", "open311-test"))


@door("GET")
def discovery(request: HttpRequest, *, form: str) -> HttpResponseBase:
    """Where the production and the test endpoints are, and in which forms."""
    city = settings.CITY
    page = request.build_absolute_uri(reverse("open311:help"))
    endpoints = [
        {
            "specification": SPECIFICATION,
            "url": request.build_absolute_uri(reverse(f"{room}:root")).rstrip("/"),
            "changeset": moment(CHANGED),
            "type": kind,
            "formats": ["text/xml", "application/json"],
        }
        for kind, room in ENDPOINTS
    ]
    told = {
        "changeset": moment(CHANGED),
        "contact": f"{city.service_name}, {city.name}: {city.phone}",
        "key_service": page,
        "endpoints": endpoints,
    }
    return answer("discovery", told, form)


@door("GET")
def services(request: HttpRequest, *, form: str) -> HttpResponseBase:
    """Every service that may be asked for, or those for a place (`lat`, `long`): none outside the city."""
    given = request.GET
    listed = catalogue.services()
    if given.get("lat") or given.get("long"):
        point = parse_lnglat(given.get("long"), given.get("lat"))
        try:
            place_at(point)
        except Invalid:  # outside the city, where nothing can be asked for
            listed = []
        listed = [s for s in listed if s.geolocated]
    asking, types = catalogue.services_with_questions(), catalogue.open311_types()
    told = [_service(s, s.id in asking, types.get(s.code, "realtime")) for s in listed]
    return answer_list("services", told, form)


@door("GET")
def definition(request: HttpRequest, code: str, *, form: str) -> HttpResponseBase:
    """What a service asks: its attributes in order. NotFound `service.unknown`."""
    try:
        service = catalogue.service(code)
    except Invalid as error:
        raise NotFound(error.code, field="service_code") from None
    attributes = [
        {
            # What is only read has no answer; the standard has no datatype of its own for it.
            "variable": q.is_asked,
            "code": q.code,
            "datatype": q.datatype if q.is_asked else "text",
            "required": q.required,
            "datatype_description": q.hint or q.text,
            "order": order,
            "description": q.text,
            "values": [{"key": key, "name": name} for key, name in q.values],
        }
        for order, q in enumerate(service.questions, 1)
    ]
    return answer("service_definition", {"service_code": service.code, "attributes": attributes}, form)


def _service(row: catalogue.ServiceRow, asks: bool, kind: str) -> dict[str, Any]:
    return {
        "service_code": row.code,
        "service_name": row.name,
        "description": row.description,
        "metadata": asks,
        "type": kind,
        "keywords": ",".join(row.keywords),
        "group": row.theme_name,
    }
