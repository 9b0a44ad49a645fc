"""The narrow door to the city's geography: every read that other rooms may make, as frozen values.

Points are EPSG:4326. Nothing here is cached: a version published now is read by the next query.
"""

from datetime import datetime
from functools import lru_cache

from geo_central.kernel.errors import NotFound
from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query

from .address_ids import address_by_id, address_id
from .addresses import AddressMatch, search_address
from .area import Area
from .minimap import street_svg
from .models import LayerVersion
from .places import Asset, Place, areas_at, areas_everywhere, place_at, places_at

__all__ = [
    "AddressMatch",
    "Area",
    "Asset",
    "Place",
    "address_by_id",
    "address_id",
    "area_geojson",
    "areas_at",
    "areas_everywhere",
    "areas_of",
    "layers_published",
    "place_at",
    "places_at",
    "published_version",
    "published_versions",
    "search_address",
    "staged_versions",
    "street_svg",
]

AREA_GEOJSON = Query(__file__, "area_geojson")
AREA_MIDDLES = Query(__file__, "area_middles")


def areas_of(layer: str) -> list[Area]:
    """The areas (or assets) of a layer's published version, by name; empty where none is published."""
    rows = LayerVersion.objects.filter(layer__slug=layer, state=LayerVersion.State.ACTIVE)
    pairs = rows.values_list("features__code", "features__name").order_by("features__name", "features__code")
    return [Area(layer, code, name) for code, name in pairs if code is not None]


def area_middles(layer: str) -> dict[str, tuple[str, LngLat]]:
    """The name of each area of the published version and a point inside it, by code; read once a version."""
    version = published_version(layer)
    return {} if version is None else _middles(version)


@lru_cache(maxsize=8)
def _middles(version: int) -> dict[str, tuple[str, LngLat]]:
    rows = AREA_MIDDLES.rows({"version": version})
    return {r.code: (r.name, LngLat(r.lng, r.lat)) for r in rows}


def area_geojson(layer: str, simplify_m: float = 0) -> str:
    """A FeatureCollection (RFC 7946) of the published version with `code`, `name` and `area_m2`.

    Written by PostGIS; `simplify_m` thins lines to that many metres. Raises NotFound
    `layer.unknown` where the layer has no published version with features.
    """
    text = AREA_GEOJSON.value({"layer": layer, "simplify": float(simplify_m)})
    if text is None:
        raise NotFound("layer.unknown", field="layer", layer=layer)
    return str(text)


def published_version(layer: str) -> int | None:
    """The id of the version that everybody reads."""
    return published_versions().get(layer)


def published_versions() -> dict[str, int]:
    """The published version's id of every layer."""
    active = LayerVersion.objects.filter(state=LayerVersion.State.ACTIVE)
    return dict(active.order_by("layer__position", "layer__slug").values_list("layer__slug", "id"))


def layers_published() -> list[tuple[str, str, str, int, int]]:
    """(slug, name, kind, version, number of features) of every published layer, in the order of lists."""
    active = LayerVersion.objects.filter(state=LayerVersion.State.ACTIVE)
    return list(
        active.order_by("layer__position", "layer__slug").values_list(
            "layer__slug", "layer__name", "layer__kind", "id", "feature_count"
        )
    )


def staged_versions() -> list[tuple[int, str, str, datetime, int]]:
    """(id, layer's slug, layer's name, staged_at, number of features) of staged boundaries."""
    drafts = LayerVersion.objects.filter(state=LayerVersion.State.DRAFT, layer__kind="area")
    return list(
        drafts.order_by("-staged_at", "-id").values_list(
            "id", "layer__slug", "layer__name", "staged_at", "feature_count"
        )
    )
