"""The OpenAPI document of these addresses."""

from typing import Any

from .documents import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, parameters
from .published import Published

Document = dict[str, Any]

_FORMAT = {
    "name": "f",
    "in": "query",
    "required": False,
    "schema": {"type": "string", "enum": ["json", "html"]},
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "field": {"type": "string"},
    },
}
_FEATURE = {
    "type": "object",
    "required": ["type", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        "geometry": {"type": "object", "nullable": True},
        "properties": {"type": "object"},
    },
}
_FEATURES = {
    "type": "object",
    "required": ["type", "features", "links", "numberReturned", "timeStamp"],
    "properties": {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": _FEATURE},
        "links": {"type": "array", "items": {"type": "object"}},
        "numberReturned": {"type": "integer"},
        "numberMatched": {"type": "integer"},
        "timeStamp": {"type": "string", "format": "date-time"},
    },
}


def document(root: str, each: list[Published]) -> Document:
    """The whole document: the fixed addresses, and those of every collection."""
    paths: Document = {
        "/": _get("landing", {JSON: {"type": "object"}}, [_FORMAT], 400, 406),
        "/conformance": _get("conformance", {JSON: {"type": "object"}}, [_FORMAT], 400, 406),
        "/api": _get("api", {OPENAPI: {"type": "object"}}, [], 400),
        "/collections": _get("collections", {JSON: {"type": "object"}}, [_FORMAT], 400, 406),
    }
    crs = [p for p in parameters(each[0]) if p["name"] in ("crs", "f")]
    feature_id = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    for one in each:
        here, name = f"/collections/{one.slug}", one.slug.replace("-", "_")
        paths[here] = _get(f"collection_{name}", {JSON: {"type": "object"}}, [_FORMAT], 400, 404, 406)
        paths[f"{here}/schema"] = _get(f"schema_{name}", {SCHEMA: {"type": "object"}}, [], 400, 404)
        paths[f"{here}/items"] = _get(f"items_{name}", {GEOJSON: _FEATURES}, parameters(one), 400, 404, 406)
        paths[f"{here}/items/{{featureId}}"] = _get(
            f"item_{name}", {GEOJSON: _FEATURE}, [feature_id, *crs], 400, 404, 406
        )
    return {
        "openapi": "3.0.3",
        "info": {"title": "GeoCentral · OGC API - Features", "version": "1.0.0"},
        "servers": [{"url": root.rstrip("/")}],
        "paths": paths,
    }


def _get(name: str, content: Document, said: list[Document], *errors: int) -> Document:
    answers: Document = {
        "200": {
            "description": "The resource",
            "content": {
                **{k: {"schema": v} for k, v in content.items()},
                HTML: {"schema": {"type": "string"}},
            },
        }
    }
    for status in errors:
        problem = {"application/problem+json": {"schema": _PROBLEM}}
        answers[str(status)] = {"description": "A problem, which names the parameter", "content": problem}
    return {"get": {"operationId": f"ogc_{name}", "parameters": said, "responses": answers}}
