"""Heat tiles over HTTP: who may see which, what may be kept, and what other pages never load."""

import subprocess
import sys

import pytest
from django.test import Client

from issues.lifecycle.models import Issue
from tests.factories.acts import person
from tests.factories.mvt import decode
from tests.geo.test_tiles_heat import SOUTH, WEST, file_issues, of_precision

pytestmark = pytest.mark.django_db
PUBLIC = "/tiles/heat/0/0/0.mvt"
STAFF = "/tiles/heat/staff/0/0/0.mvt"


@pytest.fixture
def city(db):
    points = [(WEST + n * 0.0004, SOUTH + n * 0.0003) for n in range(60)]
    file_issues(points, of_precision("exact", "grid_100m", "area"))


def requests_in(response):
    return sum(f.properties["n"] for f in decode(response.content).get("heat", []))


@pytest.mark.parametrize(("role", "status"), [("planner", 200), ("manager", 200), ("admin", 200)])
def test_planners_see_every_request_and_nobody_keeps_it(client: Client, city, role, status):
    client.force_login(person(role))
    response = client.get(STAFF)
    assert response.status_code == status
    assert requests_in(response) == Issue.objects.count()
    assert "private" in response["Cache-Control"]
    assert "Cookie" in response["Vary"]
    again = client.get(STAFF, headers={"if-none-match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("role", [None, "crew", "attendant"])
def test_others_do_not(client: Client, city, role):
    if role:
        client.force_login(person(role))
    response = client.get(STAFF)
    assert response.status_code == 403
    assert response.json()["code"] == ("auth.not_allowed" if role else "auth.needed")


def test_the_public_sees_less_under_another_tag(client: Client, city):
    public = client.get(PUBLIC)
    client.force_login(person("planner"))
    staff = client.get(STAFF)
    assert requests_in(public) < requests_in(staff)
    assert public["ETag"] != staff["ETag"]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("mode=ontem", "mode", "field.not_a_choice"),
        ("mode=open&on=ontem", "on", "field.not_a_date"),
        ("team=nenhuma", "team", "team.unknown"),
        ("area=bairros:nenhum", "area", "area.unknown"),
        ("area=bairros", "area", "area.unknown"),
        ("area=nenhuma:centro-historico", "area", "area.unknown"),
        ("area=%00:x", "area", "area.unknown"),
        ("channel=%00", "channel", "channel.unknown"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_by_name(client: Client, query, field, code):
    response = client.get(f"{PUBLIC}?{query}")
    assert response.status_code == 422
    assert (response.json()["code"], response.json()["field"]) == (code, field)


def test_a_process_that_draws_no_heat_never_loads_the_compiler():
    code = (
        "import django, sys; django.setup()\n"
        "from django.urls import get_resolver; get_resolver().url_patterns\n"
        "import maps.web.views, maps.tiles.views, issues.interfaces.citizen.urls\n"
        "sys.exit('numba' in sys.modules or 'maps.tiles.engine.scan' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
