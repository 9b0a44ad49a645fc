"""The pages that only read: home, follow, look-up, around, Carta de Serviços."""

import json
import math
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from geo_central.kernel.errors import DomainError, NotFound
from geo_central.kernel.geo import Box, LngLat
from issues.catalogue import queries as catalogue
from issues.intake.operations import public_reasons
from issues.interfaces import params
from issues.interfaces.answers import answers_in_words
from issues.interfaces.limits import check_rate
from issues.interfaces.refusal import page_status
from issues.interfaces.wording import DONE, FACES, STATES, say_reason
from issues.lifecycle import protocol as protocols
from issues.lifecycle import queries as lifecycle
from issues.routing.queries import Reason
from layers import queries as layers

from .offers import choices

AROUND_M = 600
AROUND_LIMIT = 50


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What the site is for, and the ways in."""
    return render(request, "citizen/home.html", {"services": catalogue.popular(8)})


@never_cache
@require_GET
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """The private page of one request: a receipt just after it was filed, its story after that."""
    check_rate(request, "lookup")
    return follow_page(request, token)


def follow_page(request: HttpRequest, token: str, *, problem: DomainError | None = None) -> HttpResponse:
    """The page of one request, with what went wrong where the reporter has just tried something.

    Raises NotFound `issue.unknown`.
    """
    tracked = lifecycle.tracked_issue(token[:64])
    timeline = lifecycle.timeline(token[:64])
    reasons = public_reasons(
        tuple(Reason(r["code"], {k: v for k, v in r.items() if k != "code"}) for r in tracked.reasons)
    )
    context = {
        "tracked": tracked,
        "issue": tracked.public,
        "is_new": "novo" in request.GET,
        "reasons": [say_reason(r) for r in reasons],
        "answers": answers_in_words(tracked.public.service, tracked.answers),
        "drawing": _drawing(tracked.point),
        "timeline": timeline,
        "choices": choices(tracked, timeline),
        "faces": [(face, str(name)) for face, name in FACES.items()],
        "problem": problem,
        "done": next((str(words) for key, words in DONE.items() if key in request.GET), ""),
    }
    response = render(request, "citizen/follow.html", context, status=page_status(problem))
    response["Referrer-Policy"] = "same-origin"  # the address is the secret; its own forms need it
    return response


@require_GET
def issue(request: HttpRequest, protocol: str) -> HttpResponse:
    """What anybody may see of one request."""
    check_rate(request, "lookup")
    given = lifecycle.public_issue(protocol)
    if given.protocol != protocol:
        return redirect("citizen:issue", given.protocol, permanent=True)
    context = {
        "issue": given,
        "timeline": lifecycle.public_timeline(given.protocol),
        "drawing": _drawing(given.point),
    }
    return render(request, "citizen/issue.html", context)


@require_GET
def lookup(request: HttpRequest) -> HttpResponse:
    """Find a request by its protocol; a mistyped one is told apart from an unknown one."""
    text = request.GET.get("protocolo", "").strip()[:64]
    error: DomainError | None = None
    if "protocolo" in request.GET:
        check_rate(request, "lookup")
        try:
            found = lifecycle.public_issue(protocols.parse(text))
            return redirect("citizen:issue", found.protocol)
        except DomainError as refused:
            error = refused
    context = {"text": text, "error": error}
    return render(request, "citizen/lookup.html", context, status=404 if error else 200)


@require_GET
def around(request: HttpRequest) -> HttpResponse:
    """Open requests around a place, as a list that needs no JavaScript and as a map on demand."""
    address = request.GET.get("endereco", "").strip()[:200]
    context: dict[str, Any] = {"address": address, "error": None, "candidates": [], "issues": None}
    centre: LngLat | None = None
    try:
        if request.GET.get("lat"):
            centre = params.point(request.GET)
        elif address:
            check_rate(request, "search")
            context["candidates"] = list(layers.search_address(address, limit=5))
            if not context["candidates"]:
                raise NotFound("address.not_found", field="address")
            if len(context["candidates"]) == 1:
                centre = LngLat(context["candidates"][0].lng, context["candidates"][0].lat)
        if centre:
            context["issues"] = _open_around(centre)
    except DomainError as error:
        context["error"] = error
    context["centre"] = centre or LngLat(*settings.CITY.centre)
    context["has_place"] = centre is not None
    context["states"] = {code: str(text) for code, text in STATES.items()}
    status = 422 if context["error"] else 200
    return render(request, "citizen/around.html", context, status=status)


@require_GET
def carta(request: HttpRequest) -> HttpResponse:
    """The Carta de Serviços: themes, one theme's services, or what some words find."""
    words = request.GET.get("q", "").strip()[: catalogue.SEARCH_LIMIT]
    slug = request.GET.get("tema", "")
    themes = catalogue.themes()
    theme = next((t for t in themes if t.slug == slug), None)
    services: list[Any] = []
    if words:
        check_rate(request, "search")
        services = list(catalogue.search(words, limit=30))
    elif theme:
        services = list(catalogue.services(theme=theme.slug))
    elif slug:
        raise NotFound("not_found", field="tema")
    context = {
        "words": words,
        "themes": themes,
        "theme": theme,
        "services": services,
        "total": sum(t.services for t in themes),
    }
    partial = request.headers.get("HX-Request") == "true"
    return render(request, "citizen/_carta_results.html" if partial else "citizen/carta.html", context)


@require_GET
def service(request: HttpRequest, code: str) -> HttpResponse:
    """One service: what it is, by when, who does it, and the button that asks for it."""
    try:
        row = catalogue.service(code)
    except DomainError as error:
        raise NotFound(error.code, field="service") from None
    return render(request, "citizen/service.html", {"service": row})


@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """What the site does for everybody, and whom to tell when it fails."""
    return render(request, "citizen/accessibility.html")


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept, why, for how long, and what the public sees."""
    return render(request, "citizen/privacy.html")


def _open_around(centre: LngLat) -> list[dict[str, Any]]:
    """Open requests in a window around a point, newest first, as the map's own features."""
    page = lifecycle.public_page(
        box=_window(centre),
        services=None,
        states=lifecycle.OPEN_STATES,
        since=None,
        after=None,
        limit=AROUND_LIMIT,
    )
    found = [json.loads(feature)["properties"] for feature in page.features]
    for each in found:
        for name in ("opened_at", "due_at"):
            each[name] = datetime.fromisoformat(each[name])
    return found


def _window(centre: LngLat) -> Box:
    """A window to look through, about AROUND_M metres to each side: not a measure."""
    high = AROUND_M / 111_000
    wide = high / max(0.1, math.cos(math.radians(centre.lat)))
    return Box(centre.lng - wide, centre.lat - high, centre.lng + wide, centre.lat + high)


def _drawing(point: LngLat | None) -> str:
    return layers.street_svg(point) if point else ""
