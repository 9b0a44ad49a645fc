"""/planejamento/: the planners' board, its panels, and the requests behind each of its numbers."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from maps.filters import HeatFilters
from maps.web.asked import Range, ranges

from . import classes
from .access import Scope, for_planners
from .asked import CLASSES, MEASURES, SCHEMES, SHOWS, STEP_NAMES, VERSUS, Board, board, joined_query
from .drawn import drawn, payload

YEAR = timedelta(days=364)


@for_planners
@gzip_page
@require_safe
def page(request: HttpRequest, *, scope: Scope) -> HttpResponseBase:
    """The board. Its address is canonical, so that it can be kept; without a query, the last year."""
    classes.warm()
    seen = board(request.GET, scope)
    given = request.META.get("QUERY_STRING", "")
    if not given:
        year = replace(seen.filters, first=localdate() - YEAR, last=localdate())
        return _to(joined_query(year, seen.look))
    if seen.asked.error is None and given != seen.query:
        return _to(seen.query)
    context = {**_found(seen, scope, localdate()), **_choices()}
    return render(request, "maps/planning.html", context, status=422 if seen.asked.error else 200)


@for_planners
@gzip_page
@require_safe
def panels(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """The part of the board that changes with the form. Raises what the form's reading raises."""
    seen = board(request.GET, scope)
    if seen.asked.error is not None:
        raise seen.asked.error
    return render(request, "maps/planning_panels.html", _found(seen, scope, localdate()))


def _found(seen: Board, scope: Scope, today: date) -> dict[str, Any]:
    found = drawn(seen, today=today)
    tiles = "maps:staff-heat-tile" if scope is None else "maps:heat-tile"
    return {
        "asked": seen.asked,
        "board": seen,
        "look": seen.look,
        "found": found,
        "data": payload(found),
        "query": seen.query,
        "tiles": reverse(tiles, args=["0", "1", "2"]).replace("/0/1/2", "/{z}/{x}/{y}"),
        "tile_query": replace(seen.filters, first=None, last=None).query(),
        "ranges": _ranges(seen, today),
        "today": today,
        "whole_city": scope is None,
    }


def _ranges(seen: Board, today: date) -> list[Range]:
    def kept(one: Range) -> Range:
        filters: HeatFilters = replace(seen.filters, first=one.first, last=one.last)
        return replace(one, query=joined_query(filters, seen.look))

    return [kept(one) for one in ranges(seen.filters, today)]


def _choices() -> dict[str, Any]:
    return {
        "shows": SHOWS,
        "measures": MEASURES,
        "schemes": SCHEMES,
        "versus": VERSUS,
        "step_names": STEP_NAMES,
        "class_numbers": CLASSES,
    }


def _to(query: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('maps:planning')}?{query}")
