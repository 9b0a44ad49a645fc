"""Hotspots over HTTP: what anybody may read, what staff may, and the page that shows it."""

import json

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from issues.teams.models import User
from maps.analytics import operations
from maps.analytics.tasks import work_hotspots
from maps.models import HotspotRun
from tests.geo.test_analytics_hotspots import HEART, anywhere, around, file_requests, question, run, service

pytestmark = pytest.mark.django_db
DOOR = "/api/v1/hotspots"
RUN_KEYS = {
    "id", "theme", "services", "from", "to", "requests", "made_at", "current", "parameters", "facts",
}  # fmt: skip
CELL_KEYS = {"kind", "area", "n", "rate", "z", "p", "heat", "pattern", "trend"}
SHAPE_KEYS = {"kind", "area", "n", "rank", "per_km2", "share"}


@pytest.fixture
def edition(db):
    """The public edition of a city with one busy place."""
    file_requests(around(HEART, 150, 150), service("exact"))
    file_requests(anywhere(300), service("exact"), seed=3)
    return run()


@pytest.fixture
def staff(db):
    """Somebody who works for the city."""
    return User.objects.create_user("pessoa", password="uma-senha-longa-1", role=User.Role.MANAGER)


def test_the_collection_has_these_columns_and_no_others(client, edition):
    response = client.get(DOOR)
    assert response["Content-Type"] == "application/geo+json"
    body = json.loads(response.content)
    assert set(body) == {"type", "run", "features"}
    assert set(body["run"]) == RUN_KEYS
    for feature in body["features"]:
        wanted = CELL_KEYS if feature["properties"]["kind"] == "cell" else SHAPE_KEYS
        assert set(feature["properties"]) == wanted
        assert set(feature) == {"type", "id", "geometry", "properties"}


def test_what_has_not_changed_is_not_sent_again(client, edition):
    first = client.get(DOOR)
    again = client.get(DOOR, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == "public, no-cache"
    run()
    assert client.get(DOOR, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_an_older_edition_is_asked_for_by_its_number(client, edition):
    newer = run()
    assert json.loads(client.get(DOOR).content)["run"]["id"] == newer.pk
    older = json.loads(client.get(f"{DOOR}?run={edition.pk}").content)["run"]
    assert (older["id"], older["current"]) == (edition.pk, False)
    listed = client.get(f"{DOOR}/editions").json()["results"]
    assert [e["id"] for e in listed] == [newer.pk, edition.pk]


def test_only_some_kinds_are_sent_where_only_those_are_asked_for(client, edition):
    body = json.loads(client.get(f"{DOOR}?kind=cluster,contour").content)
    assert {f["properties"]["kind"] for f in body["features"]} == {"cluster", "contour"}
    some = len(json.loads(client.get(f"{DOOR}?kind=cell").content)["features"])
    every = len(json.loads(client.get(f"{DOOR}?kind=cell&cells=all").content)["features"])
    assert every >= some > 0


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?theme=no-such-theme", 404, "theme.unknown"),
        ("?run=99999", 404, "hotspots.unknown"),
        ("?run=x", 400, "field.not_a_number"),
        ("?run=0", 422, "field.out_of_range"),
        ("?kind=cells", 422, "field.not_a_choice"),
        ("?cells=some", 422, "field.not_a_choice"),
        ("?theme=agua", 404, "hotspots.none_yet"),
        ("/99999/density.png", 404, "hotspots.unknown"),
    ],
)
def test_a_question_without_an_answer_is_told_why(client, edition, query, status, code):
    response = client.get(f"{DOOR}{query}")
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_what_is_for_staff_is_for_staff(client, staff):
    file_requests(around(HEART, 150, 150), service("area"))
    inner = run(question(audience="staff"), standing=False)
    addresses = [f"{DOOR}?run={inner.pk}", f"{DOOR}/{inner.pk}/density.png", f"{DOOR}/{inner.pk}/density.tif"]
    assert [client.get(a).status_code for a in addresses] == [404] * 3
    assert client.get(f"{DOOR}/editions").json() == {"results": []}
    client.force_login(staff)
    for address in addresses:
        response = client.get(address)
        assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")


def test_the_density_is_a_picture_and_a_geotiff(client, edition):
    png = client.get(f"{DOOR}/{edition.pk}/density.png")
    tif = client.get(f"{DOOR}/{edition.pk}/density.tif")
    assert (png["Content-Type"], tif["Content-Type"]) == ("image/png", "image/tiff")
    assert png.content.startswith(b"\x89PNG")
    assert tif.content.startswith(b"II*\x00")
    again = client.get(f"{DOOR}/{edition.pk}/density.tif", headers={"if-none-match": tif["ETag"]})
    assert again.status_code == 304


def test_the_page_has_the_same_in_tables(client, edition):
    page = client.get("/mapa/").content.decode()
    assert 'id="focos"' in page
    assert "Focos por bairro" in page
    assert "Como os focos são calculados" in page
    assert f'data-hotspots="{DOOR}?kind=cell,cluster"' in page
    assert "Pedidos de todos os temas." in page


def test_a_theme_without_an_edition_shows_the_one_of_all_and_says_so(client, edition):
    page = client.get("/mapa/?theme=agua").content.decode()
    assert "não mudam com os outros filtros" in page
    run(question(theme="agua"))
    page = client.get("/mapa/?theme=agua").content.decode()
    assert "não mudam com os outros" not in page
    assert "theme=agua&amp;kind=cell,cluster" in page
    assert "Nenhum foco" in page


def test_before_the_first_job_the_page_says_nothing_of_hotspots(client):
    page = client.get("/mapa/").content.decode()
    assert 'id="focos"' not in page
    assert 'value="hotspots"' not in page
    assert not HotspotRun.objects.exists()


def ask(client, **body):
    return client.post(f"{DOOR}/runs", json.dumps(body), content_type="application/json")


def test_a_planner_asks_and_the_job_answers(client, staff, edition):
    client.force_login(staff)
    asked = ask(client, audience="staff", exposure="streets", cell_m=400, steps=6, **{"from": "2026-01-01"})
    assert (asked.status_code, asked.json()["state"]) == (202, "running")
    number = asked.json()["run"]
    job = ProcrastinateJob.objects.get(task_name="maps.analytics.tasks.work_hotspots")
    assert job.args == {"run": number}
    work_hotspots(**job.args)
    assert client.get(f"{DOOR}/runs/{number}").json() == {"run": number, "state": "done", "progress": 100}
    found = json.loads(client.get(f"{DOOR}?run={number}").content)["run"]
    assert (found["from"], found["facts"]["unit"], found["current"]) == ("2026-01-01", "km", False)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"grid": "triangle"}, 422, "field.not_a_choice"),
        ({"theme": "no-such"}, 422, "theme.unknown"),
        ({"from": "2026-13-01"}, 422, "field.not_a_date"),
        ({"rings": "many"}, 400, "body.bad_value"),
        ({"cell": 3}, 400, "body.bad_value"),
        ([], 400, "body.not_object"),
    ],
)
def test_a_question_that_cannot_be_worked_on_begins_no_job(client, staff, body, status, code):
    client.force_login(staff)
    response = client.post(f"{DOOR}/runs", json.dumps(body), content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not HotspotRun.objects.exists()


def test_asking_is_for_planners(client, db):
    assert ask(client).json()["code"] == "auth.needed"
    client.force_login(User.objects.create_user("campo", password="uma-senha-longa-1", role=User.Role.CREW))
    assert ask(client).json()["code"] == "auth.not_allowed"
    assert client.get(f"{DOOR}/runs/1").status_code == 403


def test_too_many_runs_at_once_wait(client, staff):
    client.force_login(staff)
    answers = [ask(client).status_code for _ in range(operations.MOST_AT_ONCE + 1)]
    assert answers == [202] * operations.MOST_AT_ONCE + [429]
