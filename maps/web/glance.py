"""`/transparencia/`: the city at a glance, as a page, a JSON document and a CSV file of the same lines."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from issues.catalogue.queries import themes
from layers.queries import areas_of
from maps.filters import HeatFilters
from maps.opendata.glance import Glance, Line, parse_asked, query_of
from maps.opendata.kept import kept_glance
from maps.opendata.ranking import Asked, add_months

from .periods import offered
from .sheets import sheet

KEPT = "public, max-age=300"
COLUMNS = ("kind", "code", "name", "received", "resolved", "on_time", "days", "reopened", "ratings", "score")


@gzip_page
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The page; a filter that does not serve is told above the numbers without it."""
    error: DomainError | None = None
    try:
        asked = parse_asked(request.GET, today=localdate())
    except DomainError as refused:
        error, asked = refused, parse_asked({}, today=localdate())
    now = clock.now()
    found, counted_at = kept_glance(asked, now=now)
    context = {
        "error": error,
        "found": found,
        "asked": asked,
        "now": counted_at,
        "query": query_of(asked),
        "periods": offered(asked, localdate(), query_of),
        "themes": themes(),
        "districts": areas_of(settings.CITY.district_layer),
        "tables": _tables(found),
        "map": f"{reverse('maps:heat')}?{_map(asked)}",
        "ranking": f"{reverse('maps:ranking')}?{asked.query()}",
    }
    response = render(request, "maps/glance.html", context, status=422 if error else 200)
    response["Cache-Control"] = KEPT
    return response


@gzip_page
@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """The same as JSON. Raises what `parse_asked` raises."""
    found, counted_at = kept_glance(parse_asked(request.GET, today=localdate()), now=clock.now())
    period = found.period
    body = {
        "from": f"{period.first:%Y-%m}",
        "to": f"{period.last:%Y-%m}",
        "theme": period.theme or None,
        "district": period.district or None,
        "counted_at": counted_at.isoformat(timespec="seconds"),
        "all": _fields(found.all),
        "themes": [_fields(x) for x in found.themes],
        "districts": [_fields(x) for x in found.districts],
        "months": [_fields(x) for x in found.months],
    }
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = KEPT
    return response


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The same as CSV (RFC 4180, UTF-8). Raises what `parse_asked` raises."""
    found, _ = kept_glance(parse_asked(request.GET, today=localdate()), now=clock.now())
    kinds = {"all": (found.all,), "theme": found.themes, "district": found.districts, "month": found.months}
    lines = ({"kind": kind, **_fields(line)} for kind, each in kinds.items() for line in each)
    name = f"transparencia-{found.period.first:%Y-%m}-{found.period.last:%Y-%m}.csv"
    response = sheet(name, [COLUMNS, *([line[c] for c in COLUMNS] for line in lines)])
    response["Cache-Control"] = KEPT
    return response


def _fields(line: Line) -> dict[str, Any]:
    return {k: round(v, 2) if isinstance(v, float) else v for k, v in asdict(line).items()}


def _tables(found: Glance) -> list[dict[str, Any]]:
    """What the page shows by theme, district and month; each line leads to its map."""
    made: list[dict[str, Any]] = []
    asked = found.period
    district = settings.CITY.district_layer
    for kind, lines in (("month", found.months), ("theme", found.themes), ("district", found.districts)):
        rows = []
        for line in lines:
            month = date.fromisoformat(line.code) if kind == "month" else None
            theme = line.code if kind == "theme" else ""
            area = (district, line.code) if kind == "district" else None
            query = _map(asked, month=month, theme=theme, area=area)
            rows.append({"line": line, "month": month, "map": f"{reverse('maps:heat')}?{query}"})
        made.append({"kind": kind, "rows": rows, "top": max((x.received for x in lines), default=0)})
    return made


def _map(
    asked: Asked, *, month: date | None = None, theme: str = "", area: tuple[str, str] | None = None
) -> str:
    theme = theme or asked.theme
    if asked.district and area is None:
        area = (settings.CITY.district_layer, asked.district)
    return HeatFilters(
        first=month or asked.first,
        last=(add_months(month, 1) if month else asked.end) - timedelta(days=1),
        themes=(theme,) if theme else (),
        areas=(area,) if area else (),
    ).query()
