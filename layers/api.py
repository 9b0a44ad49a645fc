"""Where, over HTTP: the place of a point, addresses, and the published layers."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from geo_central.kernel.errors import Invalid, Malformed, NotFound
from geo_central.kernel.geo import LngLat, parse_lnglat

from . import queries

QUERY_LIMIT = 200
MOST_RESULTS = 20
SLUG = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 50}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "One sentence for a person."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; branch on this."},
        "field": {"type": "string", "description": "The parameter at fault."},
        "data": {"type": "object"},
    },
}
FEATURES = {
    "type": "object",
    "required": ["type", "features"],
    "properties": {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": {"type": "object"}},
    },
}


def problems(*statuses: int) -> dict[Any, Any]:
    """The documented failures of an operation."""
    return {(status, "application/problem+json"): PROBLEM for status in statuses}


def _number(name: str, low: float, high: float, text: str, *, required: bool = False) -> OpenApiParameter:
    schema = {"type": "number", "minimum": low, "maximum": high}
    return OpenApiParameter(name, schema, description=text, required=required)


class AreaSerializer(serializers.Serializer[queries.Area]):
    layer = serializers.CharField(help_text="Slug of the layer.")
    code = serializers.CharField(help_text="Stable code in the layer.")
    name = serializers.CharField()


class AssetSerializer(serializers.Serializer[queries.Asset]):
    layer = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()
    distance_m = serializers.FloatField()


class PlaceSerializer(serializers.Serializer[queries.Place]):
    lat = serializers.FloatField(source="point.lat")
    lng = serializers.FloatField(source="point.lng")
    address = serializers.CharField(help_text="Street and number in one line; may be empty.")
    street = serializers.CharField()
    number = serializers.IntegerField(allow_null=True, help_text="Interpolated along the street.")
    postcode = serializers.CharField()
    street_distance_m = serializers.FloatField(allow_null=True)
    areas = AreaSerializer(many=True)
    assets = AssetSerializer(many=True)


class AddressMatchSerializer(serializers.Serializer[queries.AddressMatch]):
    label = serializers.CharField()  # type: ignore[assignment]
    lat = serializers.FloatField()
    lng = serializers.FloatField()
    street = serializers.CharField()
    number = serializers.IntegerField(allow_null=True)
    postcode = serializers.CharField()
    precision = serializers.ChoiceField(["point", "interpolated", "crossing", "street", "postcode"])
    score = serializers.FloatField()


class AddressesSerializer(serializers.Serializer[Any]):
    results = AddressMatchSerializer(many=True)


class LayerSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    version = serializers.IntegerField()
    features = serializers.IntegerField()


class LayersSerializer(serializers.Serializer[Any]):
    results = LayerSerializer(many=True)


class GeoJSONRenderer(JSONRenderer):
    """Passes on the text that PostgreSQL wrote."""

    media_type = "application/geo+json"
    format = "geojson"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return data.encode() if isinstance(data, str) else super().render(data, *args, **kwargs)


@extend_schema(
    operation_id="place",
    summary="The place of a point: areas, address and things near.",
    parameters=[
        _number("lat", -90, 90, "Latitude in degrees (EPSG:4326).", required=True),
        _number("lng", -180, 180, "Longitude in degrees.", required=True),
    ],
    responses={200: PlaceSerializer, **problems(400, 422, 503)},
)
@api_view(["GET"])
def place(request: Request) -> Response:
    given = request.query_params
    found = queries.place_at(parse_lnglat(given.get("lng"), given.get("lat")))
    return Response(PlaceSerializer(found).data)


@extend_schema(
    operation_id="addresses",
    summary="Addresses that a text may mean, best first.",
    parameters=[
        OpenApiParameter(
            "q",
            {"type": "string", "maxLength": QUERY_LIMIT},
            required=True,
            description="Street, number, CEP; abbreviations and small mistakes are understood.",
        ),
        _number("lat", -90, 90, "With lng: what is near comes first."),
        _number("lng", -180, 180, "With lat: what is near comes first."),
        OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST_RESULTS, "default": 8}),
    ],
    responses={200: AddressesSerializer, **problems(400, 422)},
)
@api_view(["GET"])
def addresses(request: Request) -> Response:
    given = request.query_params
    found = queries.search_address(_text(given), _near(given), _limit(given))
    return Response({"results": [asdict(match) for match in found]})


@extend_schema(operation_id="layers", summary="The published layers.", responses={200: LayersSerializer})
@api_view(["GET"])
def layers(request: Request) -> Response:
    names = ("slug", "name", "kind", "version", "features")
    return Response({"results": [dict(zip(names, row, strict=True)) for row in queries.layers_published()]})


@extend_schema(
    operation_id="layer",
    summary="The areas or assets of one layer as GeoJSON.",
    parameters=[
        OpenApiParameter("slug", SLUG, OpenApiParameter.PATH, description="Slug of the layer."),
        _number("simplify", 0, 1000, "Thin the lines to this many metres."),
    ],
    responses={(200, "application/geo+json"): FEATURES, 304: None, **problems(400, 404, 422)},
)
@api_view(["GET"])
@renderer_classes([GeoJSONRenderer, JSONRenderer])
def layer(request: Request, slug: str) -> HttpResponse:
    simplify = _simplify(request.query_params)
    version = queries.published_version(slug)
    if version is None:
        raise NotFound("layer.unknown", field="layer", layer=slug)
    etag = f'"{version}-{simplify:g}"'
    unchanged = get_conditional_response(request._request, etag=etag)
    if unchanged is not None:
        return unchanged
    response = Response(queries.area_geojson(slug, simplify), content_type="application/geo+json")
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache"
    return response


def _text(given: Mapping[str, str]) -> str:
    text = given.get("q", "")
    if not text.strip():
        raise Malformed("field.required", field="q")
    if len(text) > QUERY_LIMIT:
        raise Invalid("field.too_long", field="q", limit=QUERY_LIMIT)
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise Malformed("field.bad_text", field="q")
    return text


def _near(given: Mapping[str, str]) -> LngLat | None:
    if given.get("lat") is None and given.get("lng") is None:
        return None
    return parse_lnglat(given.get("lng"), given.get("lat"))


def _limit(given: Mapping[str, str]) -> int:
    text = given.get("limit", "8")
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise Malformed("field.not_a_number", field="limit")
    if not 1 <= int(text) <= MOST_RESULTS:
        raise Invalid("field.out_of_range", field="limit", low=1, high=MOST_RESULTS)
    return int(text)


def _simplify(given: Mapping[str, str]) -> float:
    try:
        metres = float(given.get("simplify", "0"))
    except ValueError:
        raise Malformed("field.not_a_number", field="simplify") from None
    if not 0 <= metres <= 1000:
        raise Invalid("field.out_of_range", field="simplify", low=0, high=1000)
    return metres
