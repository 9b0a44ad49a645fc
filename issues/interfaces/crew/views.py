"""/equipe/: the crew's phone. The list is drawn here without JavaScript and by the API with it."""

import json
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, NotFound
from geo_central.kernel.geo import LngLat
from issues.crew import queries
from issues.interfaces import params
from issues.teams.queries import teams_of
from layers import queries as layers

from . import words

RADIUS_M = 3000
RADII_M = (1000, 3000, 10_000, 50_000)
PAGE = 25


@login_required
@never_cache
@require_GET
def near(request: HttpRequest) -> HttpResponse:
    """Open requests of my teams near a point given as coordinates or as an address."""
    query = request.GET
    context = blank_context()
    context["address"] = query.get("endereco", "").strip()[:200]
    context["order"] = "due" if query.get("ordem") == "due" else "distance"
    try:
        centre = _centre(request, context)
        if centre:
            context["centre"] = centre
            context["radius"] = params.whole(
                query, "raio", default=RADIUS_M, low=100, high=queries.RADIUS_LIMIT_M
            )
            _list(request, centre, context)
    except DomainError as error:
        context["error"] = error
    return render(request, "crew/near.html", context, status=422 if context["error"] else 200)


def blank_context() -> dict[str, Any]:
    """What the page needs before anybody has asked for anything."""
    return {
        "address": "",
        "order": "distance",
        "error": None,
        "candidates": [],
        "issues": None,
        "next": "",
        "centre": None,
        "radius": RADIUS_M,
        "radii": RADII_M,
        "now": clock.now(),
        "words": {code: str(text) for code, text in words.SCRIPT.items()},
        "is_shell": False,
    }


def _centre(request: HttpRequest, context: dict[str, Any]) -> LngLat | None:
    if request.GET.get("lat"):
        return params.point(request.GET)
    if not context["address"]:
        return None
    context["candidates"] = list(layers.search_address(context["address"], limit=5))
    if not context["candidates"]:
        raise NotFound("address.not_found", field="address")
    first = context["candidates"][0]
    return LngLat(first.lng, first.lat) if len(context["candidates"]) == 1 else None


def _list(request: HttpRequest, centre: LngLat, context: dict[str, Any]) -> None:
    by_due = context["order"] == "due"
    page = queries.near(
        team_ids=teams_of(request.user),
        point=centre,
        radius_m=context["radius"],
        limit=PAGE,
        by_due=by_due,
        after=params.cursor_at(request.GET) if by_due else params.cursor_metres(request.GET),
        now=clock.now(),
    )
    context["issues"] = [_row(json.loads(text)) for text in page.features]
    context["next"] = params.make_cursor(page.next_key) or ""


def _row(feature: dict[str, Any]) -> dict[str, Any]:
    lng, lat = feature["geometry"]["coordinates"]
    row: dict[str, Any] = {**feature["properties"], "lng": lng, "lat": lat}
    row["due_at"] = datetime.fromisoformat(row["due_at"])
    return row
