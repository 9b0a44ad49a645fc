"""The OpenAPI document: it builds without a warning, every address in it exists, and the server keeps it."""

import io
import json
import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import Resolver404, resolve

from geo_central.http.openapi import document

SAMPLE = {"protocol": "2026-0000001-2", "code": "tapa-buracos", "slug": "bairros"}
CORE = {
    ("post", "/api/v1/issues"),
    ("get", "/api/v1/issues"),
    ("get", "/api/v1/issues/{protocol}"),
    ("get", "/api/v1/issues/similar"),
    ("get", "/api/v1/services"),
    ("get", "/api/v1/place"),
    ("get", "/api/v1/addresses"),
    ("put", "/api/v1/uploads/{photo_id}"),
    ("get", "/api/v1/crew/issues"),
    ("get", "/api/v1/crew/me"),
    ("get", "/api/v1/crew/area"),
    ("post", "/api/v1/crew/sync"),
}

ALL = CORE | {
    ("get", "/api/v1/services/{code}"),
    ("post", "/api/v1/crew/issues/{protocol}/acts/"),
    ("post", "/api/v1/requests/{token}/acts/"),
    ("get", "/api/v1/requests/{token}/events"),
    ("get", "/api/v1/crew/events"),
    ("get", "/api/v1/layers"),
    ("get", "/api/v1/layers/{slug}"),
    ("get", "/api/v1/hotspots"),
    ("get", "/api/v1/hotspots/editions"),
    ("post", "/api/v1/hotspots/runs"),
    ("get", "/api/v1/hotspots/runs/{run}"),
    ("get", "/api/v1/hotspots/{run}/density.png"),
    ("get", "/api/v1/hotspots/{run}/density.tif"),
}


def operations():
    for path, verbs in document()["paths"].items():
        for verb, operation in verbs.items():
            if verb in {"get", "post", "put", "patch", "delete"}:
                yield verb, path, operation


def test_the_document_is_valid_and_builds_without_a_warning():
    out = io.StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", "--format", "openapi-json", stdout=out)
    assert json.loads(out.getvalue())["openapi"].startswith("3.")


def test_the_documented_operations_are_these():
    assert {(verb, path) for verb, path, _ in operations()} == ALL


def test_every_documented_address_exists():
    for _, path, _ in operations():
        address = re.sub(r"\{photo_id\}", "6f1c1c5e-6e0b-4a55-9f6e-0d8f3f0f8a01", path)
        address = re.sub(r"\{(\w+)\}", lambda m: SAMPLE.get(m.group(1), "1"), address)
        try:
            resolve(address)
        except Resolver404:
            pytest.fail(f"{path} leads nowhere")


def test_every_operation_has_a_name_a_summary_and_its_failures():
    for verb, path, operation in operations():
        assert operation["operationId"], path
        assert operation.get("summary"), path
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (verb, path, status)


@pytest.mark.django_db
def test_the_document_is_served_and_a_person_can_read_it(client):
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "GeoCentral"
    page = client.get("/api/v1/docs/", headers={"accept": "text/html"}).content.decode()
    assert all(path in page for _, path in CORE)


def test_the_settings_leave_the_limits_on():
    assert all(settings.RATE_LIMITS.values())
