"""Public pages that show where requests are: the heatmap with its tables, and the report."""

import hashlib
from typing import Any

import numpy as np
from csp.decorators import csp
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from geo_central.kernel import clock
from geo_central.kernel.clock import city_zone
from geo_central.kernel.sql import Query
from layers.queries import published_versions
from maps.analytics.classes import classified
from maps.analytics.queries import counts
from maps.filters import HeatFilters, parse_filters
from maps.steps import steps
from maps.tiles.heat import heat_edition

from .asked import Asked, asked, ranges
from .hotspots import shown as hotspots_shown
from .legend import legend

MOST_CLASSES = 5
SIMPLIFY_M = 20

_FIRST_DAY = Query(__file__, "first_day")

# The report is one file that needs nothing: it may run what is written in it and reach nothing else.
REPORT_POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'unsafe-inline'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
}


@gzip_page
@require_safe
def heat(request: HttpRequest) -> HttpResponseBase:
    """The heatmap page. Its address is canonical, so that it can be sent to somebody."""
    seen = asked(request.GET, staff=request.user.is_authenticated)
    if seen.error is None and request.META.get("QUERY_STRING", "") != seen.filters.query():
        return HttpResponseRedirect(_address("maps:heat", seen.filters.query()))
    return _page(request, "maps/heat.html", seen)


@gzip_page
@require_safe
def results(request: HttpRequest) -> HttpResponseBase:
    """The part of the page that changes with the filters. Raises what `parse_filters` raises."""
    seen = asked(request.GET, staff=request.user.is_authenticated)
    if seen.error is not None:
        raise seen.error
    return _page(request, "maps/_results.html", seen)


@gzip_page
@require_safe
def areas(request: HttpRequest) -> HttpResponseBase:
    """The neighbourhoods of the table in classes, for the map, and their legend. Raises what `parse_filters`
    raises."""
    found = [a for a in counts(parse_filters(request.GET)).areas if a.code]
    values = np.array([a.n for a in found], dtype=np.float64)
    classes = classified(values, "natural", MOST_CLASSES)
    layer = reverse("layers:layer", args=[settings.CITY.neighbourhood_layer])
    body = {
        "layer": f"{layer}?simplify={SIMPLIFY_M}",
        "codes": [a.code for a in found],
        "names": [a.name for a in found],
        "numbers": [a.n for a in found],
        "classes": classes.of(values).tolist(),
        "legend": [{"class": k.index, "shade": k.shade, "words": k.words} for k in legend(classes)],
    }
    response = JsonResponse(body)
    response["Cache-Control"] = "public, no-cache"
    return response


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The report of these filters in a frame of its own, and its download."""
    query = parse_filters(request.GET).query()
    return render(request, "maps/report.html", {"query": query})


@csp(REPORT_POLICY)
@xframe_options_sameorigin
@require_safe
def folium(request: HttpRequest) -> HttpResponseBase:
    """The report's document itself; `download` sends it as a file."""
    filters = parse_filters(request.GET)
    version = f"{filters} {heat_edition()} {published_versions()} {get_language()} {localdate()}"
    etag = f'W/"{hashlib.blake2b(version.encode(), digest_size=12).hexdigest()}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        # folium takes a second to import and serves nothing else.
        from maps.analytics.folium_map import report as written

        response = HttpResponse(written(filters, now=clock.now()))
        if "download" in request.GET:
            name = f"mapa-de-pedidos-{localdate().isoformat()}.html"
            response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache"
    return response


def _page(request: HttpRequest, template: str, seen: Asked) -> HttpResponse:
    context = {
        "asked": seen,
        "query": seen.filters.query(),
        "counts": counts(seen.filters) if seen.error is None else None,
        "hotspots": hotspots_shown(seen.filters) if seen.error is None else None,
        "ranges": ranges(seen.filters, localdate()),
        "steps": _steps(seen.filters) if seen.error is None else {},
        "tiles": f"{_template('maps:heat-tile')}?{seen.filters.query()}",
        "feed_query": HeatFilters(
            services=seen.filters.services, themes=seen.filters.themes, areas=seen.filters.areas
        ).query(),
        "areas_url": _address("maps:heat-areas", seen.filters.query()),
    }
    return render(request, template, context, status=422 if seen.error else 200)


def _steps(filters: HeatFilters) -> dict[str, Any]:
    """The steps of the time slider, and which filters a step sets: its days, or the end of its last day."""
    last = filters.last or localdate()
    oldest = _FIRST_DAY.value()
    first = filters.first or (min(oldest.astimezone(city_zone()).date(), last) if oldest else last)
    each = [
        {"name": s.name, "from": s.first.isoformat(), "to": s.last.isoformat()}
        for s in steps(first, last).each
    ]
    return {"by": "days" if filters.mode == "opened" else "on", "each": each}


def _address(name: str, query: str) -> str:
    return reverse(name) + (f"?{query}" if query else "")


def _template(name: str) -> str:
    """The address of a tile with {z}, {x} and {y} in it."""
    return reverse(name, args=["0", "1", "2"]).replace("/0/1/2", "/{z}/{x}/{y}")
