"""/planejamento/: the planners' board, its panels, and the requests behind each of its numbers."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, NotFound
from geo_central.kernel.geo import parse_box
from issues.teams.models import User
from maps.analytics import classes
from maps.analytics.wording import in_words
from maps.filters import HeatFilters
from maps.web.asked import Range, ranges
from maps.web.sheets import sheet

from . import exporting, saved
from .access import Scope, for_planners
from .asked import CLASSES, MEASURES, SCHEMES, SHOWS, STEP_NAMES, VERSUS, Board, board, joined_query
from .drawn import drawn, payload
from .requests import FILE_ROWS, PAGE, Request, requests
from .seen import seen

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


@for_planners
@gzip_page
@require_safe
def listed(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """The requests behind the board's numbers, page by page; `format=csv` sends them as a file."""
    seen = board(request.GET, scope)
    if seen.asked.error is not None:
        raise seen.asked.error
    if request.GET.get("format") == "csv":
        return _file(requests(seen.filters, limit=FILE_ROWS).rows)
    number = request.GET.get("page", "1")
    start = (int(number) - 1) * PAGE if number.isdecimal() and 0 < int(number[:6]) < 100_000 else 0
    found = requests(seen.filters, start=start)
    context = {
        "found": found,
        "lines": in_words(seen.filters),
        "query": seen.query,
        "before": start // PAGE if start else 0,
        "after": start // PAGE + 2 if found.last < found.n else 0,
    }
    return render(request, "maps/planning_requests.html", context)


@for_planners
@require_safe
def views(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """The boards that somebody has kept."""
    return _views(request, None)


@for_planners
@require_POST
def keep(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """Keep the board of a query under a name."""
    given = request.POST
    try:
        view = saved.keep(
            _user(request),
            scope,
            name=given.get("name", ""),
            query=given.get("query", ""),
            place=given.get("place", ""),
            rolling="rolling" in given,
            now=clock.now(),
        )
    except DomainError as refused:
        return _views(request, refused)
    messages.success(request, gettext("A visão “%(name)s” está guardada.") % {"name": view.name})
    return HttpResponseRedirect(reverse("maps:planning-views"))


@for_planners
@require_POST
def forget(request: HttpRequest, token: str, *, scope: Scope) -> HttpResponse:
    """Take a kept board away. Raises NotFound `planning.no_view`."""
    saved.forget(_user(request), token)
    messages.success(request, gettext("A visão foi apagada."))
    return HttpResponseRedirect(reverse("maps:planning-views"))


@for_planners
@require_safe
def kept(request: HttpRequest, token: str, *, scope: Scope) -> HttpResponse:
    """The permanent link of a kept board. Raises NotFound `planning.no_view`."""
    return _to(saved.opened(token, localdate()))


@for_planners
@require_safe
def export(request: HttpRequest, kind: str, *, scope: Scope) -> HttpResponse:
    """What is on the screen as a file; `at` is the slider's step from 1, `bbox` the map's window.

    Raises NotFound `not_found` for a kind that is not offered, what the board's form raises, and Malformed
    or Invalid `bbox.*`.
    """
    if kind not in exporting.KINDS:
        raise NotFound("not_found")
    seen_board = board(request.GET, scope)
    if seen_board.asked.error is not None:
        raise seen_board.asked.error
    box = parse_box(request.GET["bbox"]) if request.GET.get("bbox") else None
    at = request.GET.get("at", "0")
    screen = seen(
        drawn(seen_board, today=localdate()),
        at=int(at) if at.isdecimal() and len(at) < 5 else 0,
        box=box,
        now=clock.now(),
        shapes=kind != "csv",
    )
    media, ending = exporting.KINDS[kind]
    response = HttpResponse(exporting.made(screen, kind), content_type=media)
    response["Content-Disposition"] = f'attachment; filename="quadro-{localdate()}.{ending}"'
    return response


def _views(request: HttpRequest, error: DomainError | None) -> HttpResponse:
    context = {"views": saved.views_of(_user(request)), "error": error}
    return render(request, "maps/planning_views.html", context, status=422 if error else 200)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the decorators let nobody else in
    return request.user


def _file(rows: tuple[Request, ...]) -> HttpResponse:
    names = tuple(Request.__dataclass_fields__)
    return sheet(f"chamados-{localdate()}.csv", [names, *([getattr(r, n) for n in names] for r in rows)])


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
        "area_query": _without(seen, areas=()),
        "team_query": _without(seen, teams=()) + "team=",
        "region_query": f"{_without(seen, areas=())}area={settings.CITY.district_layer}:",
        "ranges": _ranges(seen, today),
        "today": today,
        "whole_city": scope is None,
    }


def _without(seen: Board, **narrower: Any) -> str:
    """The query of the same requests to which one more filter may be added."""
    return joined_query(replace(seen.filters, **narrower), seen.look) + "&"


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
        "files": exporting.NAMES,
    }


def _to(query: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('maps:planning')}?{query}")
