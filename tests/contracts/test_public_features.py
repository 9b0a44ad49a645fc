"""The public list is written by PostgreSQL and documented by a serializer: both say the same."""

import json
from datetime import datetime

import pytest
from django.test import Client
from rest_framework.renderers import JSONRenderer

from issues.interfaces.citizen.documents import PublicFeature
from issues.lifecycle.models import Issue
from tests.factories.reports import NOON, draft, service_with

pytestmark = pytest.mark.django_db
MOMENTS = ("opened_at", "due_at", "updated_at", "closed_at")


def _plain(feature: dict) -> dict:
    """Moments as moments, degrees to the sixth decimal."""
    properties = {
        k: datetime.fromisoformat(v) if k in MOMENTS and v else v for k, v in feature["properties"].items()
    }
    degrees = [round(x, 6) for x in feature["geometry"]["coordinates"]]
    return {**feature, "properties": properties, "geometry": {"type": "Point", "coordinates": degrees}}


@pytest.mark.parametrize("precision", ["exact", "grid_100m"])
def test_a_feature_of_the_list_is_what_its_document_says(client: Client, precision: str) -> None:
    from issues.intake.operations import report

    receipt = report(draft=draft(service=service_with(precision=precision).code), now=NOON)
    listed = client.get("/api/v1/issues", {"bbox": "-51.4,-30.4,-50.9,-29.8"}).json()["features"]
    (written,) = [f for f in listed if f["id"] == receipt.protocol]
    issue = Issue.objects.select_related("service__theme", "department").get(protocol=receipt.protocol)
    documented = json.loads(JSONRenderer().render(PublicFeature(issue).data))
    assert _plain(written) == _plain(documented)
