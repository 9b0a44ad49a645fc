"""/gestao/cobertura/: which services have no team of their own in which areas."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from geo_central.kernel import clock
from issues.interfaces import params
from issues.routing import coverage as routing
from layers.queries import layers_published

from .access import for_managers

SHOWN = 300


@for_managers
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The gaps as a table. Raises NotFound `layer.unknown`."""
    layer = _layer(request)
    found = routing.coverage(layer=layer, at=clock.now())
    context = {
        "found": found,
        "gaps": found.gaps[:SHOWN],
        "more": max(0, len(found.gaps) - SHOWN),
        "layers": [(slug, name) for slug, name, kind, *_ in layers_published() if kind == "area"],
        "layer": layer,
        "error": None,
    }
    return render(request, "manager/coverage.html", context)


@for_managers
@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The same as CSV (RFC 4180, UTF-8)."""
    layer = _layer(request)
    found = routing.coverage(layer=layer, at=clock.now())
    response = HttpResponse(routing.write_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="cobertura-{found.layer}-{localdate()}.csv"'
    return response


def _layer(request: HttpRequest) -> str:
    return params.text(request.GET, "camada", limit=50) or settings.CITY.district_layer
