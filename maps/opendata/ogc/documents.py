"""The documents of the API: landing page, conformance, collections, one collection."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from maps.opendata.collections import Column

from .asking import DEFAULT_LIMIT, MOST
from .crs import CRS84, known
from .published import Published

Document = dict[str, Any]

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"

CONFORMS = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
]
_TYPES: dict[str, Document] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
}


def link(href: str, rel: str, kind: str, title: str = "") -> Document:
    """A link object (RFC 8288)."""
    made = {"href": href, "rel": rel, "type": kind}
    return {**made, "title": title} if title else made


def landing(root: str) -> Document:
    """`/ogc/`."""
    city = settings.CITY
    return {
        "title": f"{city.service_name} · {city.name}",
        "description": "Public collections: requests, areas, hotspots, ratings and services.",
        "links": [
            link(root, "self", JSON),
            link(f"{root}?f=html", "alternate", HTML),
            link(f"{root}api", "service-desc", OPENAPI, "OpenAPI"),
            link(f"{root}?f=html", "service-doc", HTML),
            link(f"{root}conformance", "conformance", JSON),
            link(f"{root}collections", "data", JSON),
        ],
    }


def conformance() -> Document:
    """`/ogc/conformance`."""
    return {"conformsTo": CONFORMS}


def collections(root: str, each: list[Published], begins: datetime | None) -> Document:
    """`/ogc/collections`."""
    here = f"{root}collections"
    return {
        "links": [link(here, "self", JSON), link(f"{here}?f=html", "alternate", HTML)],
        "crs": list(known()),
        "collections": [collection(root, one, begins) for one in each],
    }


def collection(root: str, one: Published, begins: datetime | None) -> Document:
    """`/ogc/collections/<slug>`."""
    here = f"{root}collections/{one.slug}"
    document: Document = {
        "id": one.slug,
        "title": str(one.title),
        "description": str(one.of.help_text),
        "itemType": "feature",
        "crs": list(known()),
        "storageCrs": CRS84,
        "extent": {"spatial": {"bbox": [list(settings.CITY.bounds)], "crs": CRS84}},
        "links": [
            link(here, "self", JSON),
            link(f"{here}?f=html", "alternate", HTML),
            link(f"{here}/items", "items", GEOJSON),
            link(f"{here}/items?f=html", "items", HTML),
            link(f"{here}/schema", "http://www.opengis.net/def/rel/ogc/1.0/schema", SCHEMA),
        ],
    }
    if one.of.time:
        start = begins.astimezone(UTC).isoformat().replace("+00:00", "Z") if begins else None
        document["extent"]["temporal"] = {"interval": [[start, None]]}
    return document


def schema(root: str, one: Published) -> Document:
    """`/ogc/collections/<slug>/schema`: the columns as JSON Schema (OGC 23-058r1)."""
    properties: Document = {c.name: _property(c) for c in one.of.columns}
    if one.of.geometry:
        properties["geometry"] = {
            "x-ogc-role": "primary-geometry",
            "format": f"geometry-{one.of.geometry.lower()}",
        }
    if one.id_column in properties:
        properties[one.id_column]["x-ogc-role"] = "id"
    if one.of.time:
        properties[one.of.time]["x-ogc-role"] = "primary-instant"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{root}collections/{one.slug}/schema",
        "type": "object",
        "title": str(one.title),
        "properties": properties,
    }


def _property(column: Column) -> Document:
    return {"title": str(column.title), "description": str(column.help_text), **_TYPES[column.kind]}


def parameters(one: Published) -> list[Document]:
    """What `…/items` understands, for the OpenAPI document."""
    said = [
        _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT}),
        _query("crs", {"type": "string", "format": "uri", "enum": list(known())}),
        _query("cursor", {"type": "string"}),
        _query("resultType", {"type": "string", "enum": ["hits", "results"], "default": "results"}),
        _query("f", {"type": "string", "enum": ["json", "html"]}),
        _query("datetime", {"type": "string"}),
        _query("bbox-crs", {"type": "string", "format": "uri", "enum": list(known())}),
        {
            **_query("bbox", {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}),
            "style": "form",
            "explode": False,
        },
    ]
    return said + [{**_query(c.name, _TYPES[c.kind]), "description": str(c.help_text)} for c in one.filters]


def _query(name: str, of: Document) -> Document:
    return {"name": name, "in": "query", "required": False, "schema": of}
