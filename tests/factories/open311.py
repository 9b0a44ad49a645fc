"""A client of Open311 in a test's hands."""

import json
from typing import Any
from xml.etree import ElementTree

from django.test import Client

from tests.factories.reports import CENTRE, POTHOLE

ROOT, TEST = "/open311/v2", "/open311/test/v2"
TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}


def read(client: Client, path: str, form: str = "json", root: str = ROOT, **params: Any) -> tuple[Any, Any]:
    """A resource as its response and as what it says."""
    response = client.get(f"{root}/{path}.{form}", params)
    assert response["Content-Type"] == TYPES[form]
    body = b"".join(response) if response.streaming else response.content
    return response, (json.loads(body) if form == "json" else ElementTree.fromstring(body))


def send(client: Client, form: str = "json", root: str = ROOT, **fields: Any) -> Any:
    """A report, as a form."""
    response = client.post(f"{root}/requests.{form}", fields)
    assert response["Content-Type"] == TYPES[form]
    return response


def here(**more: Any) -> dict[str, Any]:
    """A pothole downtown."""
    return {"service_code": POTHOLE, "lat": CENTRE.lat, "long": CENTRE.lng, **more}
