"""The OpenAPI document, and a page that shows it to a person without a script."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

VERBS = ("get", "post", "put", "patch", "delete")


@cache
def document() -> dict[str, Any]:
    """The whole document; it changes only with the code."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


def docs(request: HttpRequest) -> HttpResponse:
    """Every operation with its parameters and answers."""
    operations = [
        {
            "verb": verb.upper(),
            "path": path,
            "anchor": operation["operationId"],
            "summary": operation.get("summary") or operation["operationId"],
            "parameters": [
                {"required": False, "description": "", **p} for p in operation.get("parameters", ())
            ],
            "body": _shape(operation.get("requestBody", {})),
            "answers": [
                {"status": status, "shape": _shape(answer)}
                for status, answer in sorted(operation["responses"].items())
            ],
        }
        for path, verbs in document()["paths"].items()
        for verb, operation in verbs.items()
        if verb in VERBS
    ]
    return render(request, "api_docs.html", {"operations": operations})


def _shape(holder: dict[str, Any]) -> dict[str, Any]:
    """The media types and the fields of a body: (name, type, required, help) in order."""
    content = holder.get("content", {})
    schema: dict[str, Any] = next((media.get("schema", {}) for media in content.values()), {})
    name = schema.get("$ref", "").rpartition("/")[2]
    resolved = document()["components"]["schemas"].get(name, schema)
    required = set(resolved.get("required", ()))
    fields = [
        {
            "name": field,
            "type": facts.get("format") or facts.get("type") or _reference(facts),
            "required": field in required,
            "help": facts.get("description", ""),
        }
        for field, facts in resolved.get("properties", {}).items()
    ]
    return {"name": name, "media": ", ".join(content), "fields": fields}


def _reference(facts: dict[str, Any]) -> str:
    target = facts.get("$ref") or next((r.get("$ref", "") for r in facts.get("allOf", ())), "")
    return str(target).rpartition("/")[2] or "any"
