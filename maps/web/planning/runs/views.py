"""/planejamento/focos/: a planner asks for hotspots of any period and grid, and watches them being found."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, Invalid
from issues.catalogue.queries import themes
from maps.analytics import hotspots, operations
from maps.analytics.api_runs import question_of
from maps.analytics.asking import CELL_M, STEPS, standing_period
from maps.analytics.tasks import work_hotspots
from maps.models import HotspotRun
from maps.web.hotspots import Shown
from maps.web.planning.access import for_whole_city

LISTED = 30
TEXTS = ("from", "to", "theme", "audience", "grid", "exposure")
WHOLE = ("rings", "steps", "least")
NUMBERS = ("cell_m", "alpha", "bandwidth_m", "radius_m")
GRIDS = {"hex": gettext_lazy("Hexágonos"), "square": gettext_lazy("Quadrados")}
AUDIENCES = {
    "staff": gettext_lazy("Só a equipe: todos os pedidos, onde estão"),
    "public": gettext_lazy("Qualquer pessoa: com as regras do mapa público"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One run as the list shows it."""

    id: int
    theme: str
    first: date
    last: date
    state: str
    progress: int
    n: int
    audience: str


@for_whole_city
@gzip_page
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The form and the latest runs; a form that is sent begins a job and leads to its page."""
    error: DomainError | None = None
    if request.method == "POST":
        try:
            run = operations.ask(question_of(_body(request.POST), localdate()), now=clock.now())
        except DomainError as refused:
            error = refused
        else:
            work_hotspots.configure().defer(run=run)
            return HttpResponseRedirect(reverse("maps:planning-run", args=[run]))
    first, last = standing_period(localdate())
    usual = {
        "from": first.isoformat(), "to": last.isoformat(), "theme": "", "audience": "staff", "grid": "hex",
        "cell_m": f"{CELL_M:g}", "rings": "1", "alpha": "0.05", "exposure": "", "steps": str(STEPS),
        "bandwidth_m": "", "least": "30", "radius_m": "",
    }  # fmt: skip
    context = {
        "values": {name: request.POST.get(name, value) for name, value in usual.items()},
        "error": error,
        "themes": themes(),
        "grids": GRIDS,
        "audiences": AUDIENCES,
        "runs": _latest(),
    }
    return render(request, "maps/planning_runs.html", context, status=422 if error else 200)


@for_whole_city
@gzip_page
@require_safe
def run(request: HttpRequest, number: int) -> HttpResponse:
    """One run: how far it is, asked again each second, or what it found.

    Raises NotFound `hotspots.unknown`.
    """
    told = hotspots.progress(number)
    piece = bool(getattr(request, "htmx", False))
    if piece and told["state"] == "running":
        return render(request, "maps/planning_progress.html", {"told": told})
    if piece:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    context: dict[str, Any] = {"told": told, "error": None, "hotspots": None}
    if told["state"] == "done":
        found = hotspots.edition(number, for_staff=True)
        data = f"{reverse('analytics:hotspots')}?run={found.id}"
        context["hotspots"] = Shown(
            found, tuple(hotspots.by_area(found)), tuple(hotspots.clusters(found)), data, fits=True
        )
        context["theme_name"] = _theme_names().get(found.theme, found.theme)
    return render(request, "maps/planning_run.html", context)


def _latest() -> list[Told]:
    names = _theme_names()
    return [
        Told(r.pk, names.get(r.theme, r.theme), r.first, r.last, r.state, r.progress, r.n, r.audience)
        for r in HotspotRun.objects.order_by("-started_at", "-id")[:LISTED]
    ]


def _theme_names() -> dict[str, str]:
    return {theme.slug: theme.name for theme in themes()}


def _body(given: QueryDict) -> dict[str, Any]:
    """The form as the API's body; what is left empty is left out. Raises Invalid `field.not_a_number`."""
    body: dict[str, Any] = {name: given[name][:80] for name in TEXTS if given.get(name)}
    for names, kind in ((WHOLE, int), (NUMBERS, float)):
        for name in names:
            if text := given.get(name, "").strip().replace(",", "."):
                try:
                    body[name] = kind(text[:12])
                except ValueError:
                    raise Invalid("field.not_a_number", field=name) from None
    return body
