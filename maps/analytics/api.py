"""Hotspots over HTTP: one edition as GeoJSON, the list of editions, the density as a raster."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from geo_central.kernel.errors import Invalid, Malformed, NotFound
from issues.catalogue.queries import themes
from layers.api import GeoJSONRenderer, problems

from . import hotspots

SLUG = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 50}
NUMBER = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
THEME = OpenApiParameter("theme", SLUG, description="Slug of a theme; without it, every request.")
RUN = OpenApiParameter("run", NUMBER, OpenApiParameter.PATH, description="Number of an edition.")
ABOUT = {
    "type": "object",
    "required": ["id", "from", "to", "requests", "parameters", "facts"],
    "description": "Period, number of requests, grid, neighbours, correction, bandwidth and what was found.",
}
FEATURES = {
    "type": "object",
    "required": ["type", "run", "features"],
    "properties": {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "run": ABOUT,
        "features": {"type": "array", "items": {"type": "object"}},
    },
}
EDITIONS = {
    "type": "object",
    "required": ["results"],
    "properties": {"results": {"type": "array", "items": ABOUT}},
}
KEPT = "public, no-cache"


@extend_schema(
    operation_id="hotspots",
    summary="Where requests concentrate beyond chance: cells with p-values and histories, contours, clusters",
    parameters=[
        THEME,
        OpenApiParameter("run", NUMBER, description="An older edition instead of the current one."),
        OpenApiParameter(
            "kind",
            {"type": "array", "items": {"type": "string", "enum": list(hotspots.KINDS)}},
            explode=False,
            description="Comma separated; all without it.",
        ),
        OpenApiParameter(
            "cells",
            {"type": "string", "enum": ["significant", "all"]},
            description="Those that say something (without it), or every one that is kept.",
        ),
    ],
    responses={(200, "application/geo+json"): FEATURES, 304: None, **problems(400, 404, 422)},
)
@api_view(["GET"])
@renderer_classes([GeoJSONRenderer, JSONRenderer])
def collection(request: Request) -> HttpResponse:
    given = request.query_params
    kinds, every = _kinds(given), _choice(given, "cells", ("significant", "all")) == "all"
    found = _asked(request)
    etag = f'"hotspots-{found.id}-{found.is_current:d}-{"".join(k[:2] for k in kinds)}-{every:d}"'
    unchanged = get_conditional_response(request._request, etag=etag)
    if unchanged is not None:
        return unchanged
    text = hotspots.geojson(found, kinds=kinds, every=every)
    return _kept(Response(text, content_type="application/geo+json"), found, etag)


@extend_schema(
    operation_id="hotspot_editions",
    summary="The editions of a theme's hotspots, the newest first.",
    parameters=[THEME],
    responses={200: EDITIONS, **problems(404)},
)
@api_view(["GET"])
def editions(request: Request) -> Response:
    found = hotspots.editions(_theme(request.query_params))
    return Response({"results": [one.about() for one in found]})


@extend_schema(
    operation_id="hotspot_density",
    summary="The density of an edition as a picture.",
    parameters=[RUN],
    responses={(200, "image/png"): bytes, 304: None, **problems(404)},
)
@api_view(["GET"])
def picture(request: Request, run: str) -> HttpResponse:
    return _raster(request, run, "png", "image/png")


@extend_schema(
    operation_id="hotspot_density_tiff",
    summary="The density of an edition as GeoTIFF, requests per km².",
    parameters=[RUN],
    responses={(200, "image/tiff"): bytes, 304: None, **problems(404)},
)
@api_view(["GET"])
def geotiff(request: Request, run: str) -> HttpResponse:
    return _raster(request, run, "tif", "image/tiff")


def _raster(request: Request, run: str, kind: str, media: str) -> HttpResponse:
    found = hotspots.edition(
        number(run), for_staff=request.user is not None and request.user.is_authenticated
    )
    etag = f'"density-{found.id}-{kind}"'
    unchanged = get_conditional_response(request._request, etag=etag)
    if unchanged is not None:
        return unchanged
    response = HttpResponse(hotspots.raster(found, kind), content_type=media)
    response["Content-Disposition"] = f'inline; filename="densidade-{found.id}.{kind}"'
    return _kept(response, found, etag)


def _kept(response: HttpResponse, found: hotspots.Edition, etag: str) -> HttpResponse:
    response["ETag"] = etag
    response["Cache-Control"] = KEPT if found.audience == "public" else "private, no-store"
    return response


def _asked(request: Request) -> hotspots.Edition:
    given = request.query_params
    if "run" in given:
        staff = request.user is not None and request.user.is_authenticated
        return hotspots.edition(number(given["run"]), for_staff=staff)
    found = hotspots.current(_theme(given))
    if found is None:
        raise NotFound("hotspots.none_yet")
    return found


def _theme(given: Mapping[str, str]) -> str:
    theme = given.get("theme", "")
    if theme and theme not in {t.slug for t in themes()}:
        raise NotFound("theme.unknown", field="theme", value=theme[:64])
    return theme


def number(text: str) -> int:
    """A run's number from an address. Raises Malformed `field.not_a_number`, Invalid `field.out_of_range`."""
    if not text.isascii() or not text.isdecimal() or len(text) > 10:
        raise Malformed("field.not_a_number", field="run")
    if not 1 <= int(text) < 2**31:
        raise Invalid("field.out_of_range", field="run", low=1, high=2**31 - 1)
    return int(text)


def _kinds(given: Mapping[str, str]) -> tuple[str, ...]:
    asked = [k for k in given.get("kind", "").split(",") if k] or list(hotspots.KINDS)
    bad = next((k for k in asked if k not in hotspots.KINDS), None)
    if bad is not None:
        raise Invalid("field.not_a_choice", field="kind", value=bad[:40])
    return tuple(k for k in hotspots.KINDS if k in asked)


def _choice(given: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value: Any = given.get(name, choices[0])
    if value not in choices:
        raise Invalid("field.not_a_choice", field=name, value=value[:40])
    return str(value)
