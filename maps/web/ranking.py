"""The public ranking of services: a page, a JSON document and a CSV file of the same lines."""

from collections.abc import Iterator
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from geo_central.kernel.errors import DomainError
from issues.catalogue.queries import themes
from layers.queries import areas_of
from maps.opendata import scoring
from maps.opendata.ranking import KINDS, Asked, Ranking, Row, parse_asked, ranking

from .periods import Choice, offered
from .sheets import sheet

PAGE = 25
COLUMNS = (
    "position", "code", "name", "ratings", "score", "low", "high", "fair_score",
    "change", "change_is_clear", "score_2021",
)  # fmt: skip


@gzip_page
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The ranking as a page; a filter that does not serve is told above the ranking without it."""
    error: DomainError | None = None
    try:
        asked = parse_asked(request.GET, today=localdate())
    except DomainError as refused:
        error, asked = refused, parse_asked({}, today=localdate())
    number = request.GET.get("page", "")
    start = (int(number) - 1) * PAGE if number.isdecimal() and int(number[:4]) > 0 else 0
    found = ranking(asked, start=start, count=PAGE)
    context = {
        "ranking": found,
        "before": asked.query(page=str(start // PAGE)) if start else "",
        "after": asked.query(page=str(start // PAGE + 2)) if start + PAGE < found.scored else "",
        "asked": asked,
        "error": error,
        "kinds": _kinds(asked),
        "periods": offered(asked, localdate(), Asked.query),
        "themes": themes() if asked.by == "service" else [],
        "districts": areas_of(settings.CITY.district_layer) if asked.by != "district" else [],
        "query": asked.query(),
        "least": scoring.LEAST_RATED,
        "weight": int(scoring.PRIOR_WEIGHT),
    }
    return render(request, "maps/ranking.html", context, status=422 if error else 200)


@gzip_page
@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """The same lines as JSON. Raises what `parse_asked` raises."""
    found = ranking(parse_asked(request.GET, today=localdate()))
    body = {
        "by": found.asked.by,
        "from": f"{found.asked.first:%Y-%m}",
        "to": f"{found.asked.last:%Y-%m}",
        "district": found.asked.district or None,
        "theme": found.asked.theme or None,
        "scale": [scoring.SCALE[0], scoring.SCALE[-1]],
        "least_ratings_for_a_score": scoring.LEAST_RATED,
        "all": _fields(found.all),
        "rows": [{**_fields(row), "faces": row.faces} for row in found.rows],
    }
    return HttpResponse(msgspec.json.encode(body), content_type="application/json")


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The same lines as CSV (RFC 4180, UTF-8). Raises what `parse_asked` raises."""
    found = ranking(parse_asked(request.GET, today=localdate()))
    name = f"ranking-{found.asked.by}-{found.asked.first:%Y-%m}-{found.asked.last:%Y-%m}.csv"
    return sheet(name, _lines(found))


def _lines(found: Ranking) -> Iterator[list[Any]]:
    yield list(COLUMNS)
    for row in found.rows:
        fields = _fields(row)
        yield [fields[c] for c in COLUMNS]


def _fields(row: Row) -> dict[str, Any]:
    values = {
        "position": row.position,
        "code": row.code,
        "name": row.name,
        "ratings": row.n,
        "score": row.score,
        "low": row.interval.low if row.interval else None,
        "high": row.interval.high if row.interval else None,
        "fair_score": row.fair,
        "change": row.change.by if row.change else None,
        "change_is_clear": row.change.is_clear if row.change else None,
        "score_2021": row.baseline,
    }
    return {k: round(v, 2) if isinstance(v, float) else v for k, v in values.items()}


def _kinds(asked: Asked) -> list[Choice]:
    names = {
        "service": gettext("Serviços"),
        "theme": gettext("Temas"),
        "department": gettext("Órgãos"),
        "district": gettext("Regiões"),
    }
    return [Choice(k, names[k], asked.query(by=k, theme="", district=""), k == asked.by) for k in KINDS]
