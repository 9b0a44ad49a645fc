"""The board over HTTP: who sees what, what is kept, what is taken away, and what is refused."""

import csv
import io
import sqlite3

import pytest
from django.test import Client
from django.utils.timezone import localdate
from procrastinate.contrib.django.models import ProcrastinateJob

from issues.lifecycle.models import Issue
from issues.teams.models import Membership, Team
from maps.models import HotspotRun, SavedView
from maps.tiles import rows
from tests.factories.acts import person
from tests.geo.test_tiles_heat import SOUTH, WEST, file_issues, of_precision

pytestmark = pytest.mark.django_db
BOARD, VIEWS, REQUESTS = "/planejamento/", "/planejamento/visoes/", "/planejamento/chamados/"
EVERY = "?period=all"


@pytest.fixture
def city(db, settings, tmp_path):
    """Two teams' requests; no heat store."""
    settings.HEAT_ROOT = tmp_path
    rows._read.clear()
    points = [(WEST + (n % 12) * 0.0012, SOUTH + (n // 12) * 0.001) for n in range(96)]
    file_issues(points, of_precision("exact", "area"))
    other = Team.objects.order_by("-id").first()
    Issue.objects.filter(protocol__endswith="7").update(team=other)
    return other


@pytest.fixture
def planner(client: Client, city) -> Client:
    client.force_login(person("planner"))
    return client


def leader_of(team: Team):
    user = person("crew")
    Membership.objects.create(user=user, team=team, is_leader=True)
    return user


@pytest.mark.parametrize("role", ["planner", "manager", "admin"])
def test_who_plans_sees_the_whole_city(client: Client, city, role):
    client.force_login(person(role))
    response = client.get(BOARD + EVERY)
    assert response.status_code == 200
    assert response.context["found"].counted.n == Issue.objects.filter(geom__isnull=False).count()
    assert "/tiles/heat/staff/" in response.context["tiles"]
    assert "no-store" in response["Cache-Control"] or "no-cache" in response["Cache-Control"]


@pytest.mark.parametrize("role", ["crew", "attendant"])
@pytest.mark.parametrize("room", ["", "paineis/", "chamados/", "visoes/", "exportar/csv/", "focos/"])
def test_others_do_not(client: Client, city, role, room):
    client.force_login(person(role))
    assert client.get(f"{BOARD}{room}{EVERY}").status_code == 403


@pytest.mark.parametrize("room", ["", "paineis/", "chamados/", "visoes/", "exportar/csv/", "focos/", "v/x/"])
def test_strangers_are_asked_to_sign_in(client: Client, db, room):
    response = client.get(f"{BOARD}{room}{EVERY}")
    assert response.status_code == 302
    assert response["Location"].startswith("/entrar/")


def test_a_leader_sees_the_own_team_and_public_heat(client: Client, city):
    client.force_login(leader_of(city))
    own = Issue.objects.filter(team=city, geom__isnull=False).count()
    response = client.get(f"{BOARD}{EVERY}", follow=True)
    assert 0 < response.context["found"].counted.n == own
    assert "/tiles/heat/staff/" not in response.context["tiles"]
    assert client.get(REQUESTS + EVERY).context["found"].n == own
    other = Team.objects.exclude(pk=city.pk).first()
    assert client.get(f"{BOARD}{EVERY}&team={other.slug}").status_code == 403
    assert client.get(f"{REQUESTS}{EVERY}&team={other.slug}").status_code == 403
    assert client.get(f"{BOARD}focos/").status_code == 403


def test_without_a_question_the_last_year_is_shown_at_its_own_address(planner: Client):
    response = planner.get(BOARD)
    assert response.status_code == 302
    assert f"to={localdate()}" in response["Location"]
    assert planner.get(response["Location"]).status_code == 200
    untidy = planner.get(f"{BOARD}?measure=n&to=2026-11-01&from=2026-01-01&layer=regions")
    assert untidy["Location"] == f"{BOARD}?from=2026-01-01&to=2026-11-01&layer=regions"


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("show=tudo", "show", "field.not_a_choice"),
        ("layer=ruas", "layer", "field.not_a_choice"),
        ("measure=x", "measure", "field.not_a_choice"),
        ("classes=99", "classes", "field.not_a_choice"),
        ("step=hora", "step", "field.not_a_choice"),
        ("versus=dates&vfrom=ontem", "from", "field.not_a_date"),
        ("from=2026-02-01&to=2026-01-01", "to", "period.backwards"),
        ("theme=nenhum", "theme", "theme.unknown"),
        ("area=bairros:nenhum", "area", "area.unknown"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_the_board_stays(planner: Client, query, field, code):
    piece = planner.get(f"{BOARD}paineis/?{query}")
    assert (piece.status_code, piece.json()["code"], piece.json()["field"]) == (422, code, field)
    page = planner.get(f"{BOARD}?{query}")
    assert page.status_code == 422
    assert "Quadro de planejamento" in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "from=2030-01-01&to=2030-02-01",
        "from=1900-01-01&to=1900-02-28",
        "mode=open&on=1999-01-01",
        "channel=sms",
    ],
)
def test_a_board_of_nothing_says_so(planner: Client, query):
    response = planner.get(f"{BOARD}paineis/?{query}")
    assert response.status_code == 200
    assert "Nenhum pedido com estes filtros." in response.content.decode()


def test_a_period_of_three_centuries_holds_every_request(planner: Client):
    for query in ("from=1900-01-01&to=2199-12-31", "to=2199-12-31&step=day", "from=1900-02-28&versus=year"):
        found = planner.get(f"{BOARD}paineis/?{query}").context["found"]
        assert found.counted.n == Issue.objects.filter(geom__isnull=False).count()


def test_the_requests_behind_a_number_are_listed_page_by_page(planner: Client):
    found = planner.get(REQUESTS + EVERY).context["found"]
    assert (found.n, len(found.rows)) == (Issue.objects.filter(geom__isnull=False).count(), 50)
    following = planner.get(f"{REQUESTS}{EVERY}&page=2").context["found"]
    assert not {r.protocol for r in found.rows} & {r.protocol for r in following.rows}
    for strange in ("0", "-1", "x", "99999999999999999999", "²"):
        assert planner.get(f"{REQUESTS}{EVERY}&page={strange}").status_code == 200
    lines = list(csv.DictReader(io.StringIO(planner.get(f"{REQUESTS}{EVERY}&format=csv").content.decode())))
    assert len(lines) == found.n
    assert set(lines[0]) == {
        "protocol", "service", "address", "team", "state", "opened_at", "due_at", "closed_at",
    }  # fmt: skip


# ---- kept


def keep(client: Client, **changes: str):
    given = {"name": "Centro", "query": "from=2026-01-01&to=2026-01-31&layer=regions", **changes}
    return client.post(f"{VIEWS}guardar/", {k: v for k, v in given.items() if v is not ...})


def test_a_kept_view_opens_by_its_link_for_whoever_plans(planner: Client):
    assert keep(planner, place="12.5/-30.03/-51.2").status_code == 302
    view = SavedView.objects.get()
    link = f"/planejamento/v/{view.token}/"
    assert link in planner.get(VIEWS).content.decode()
    other = Client()
    other.force_login(person("manager"))
    there = f"{BOARD}?from=2026-01-01&to=2026-01-31&layer=regions#12.5/-30.03/-51.2"
    assert other.get(link)["Location"] == there
    assert link not in other.get(VIEWS).content.decode()


def test_a_view_whose_period_moves_ends_today(planner: Client):
    keep(planner, rolling="on")
    view = SavedView.objects.get()
    assert view.days == 31
    assert f"to={localdate()}" in planner.get(f"/planejamento/v/{view.token}/")["Location"]


def test_only_who_kept_a_view_takes_it_away(planner: Client):
    keep(planner)
    view = SavedView.objects.get()
    other = Client()
    other.force_login(person("planner"))
    assert other.post(f"{VIEWS}{view.token}/apagar/").status_code == 404
    assert planner.post(f"{VIEWS}{view.token}/apagar/").status_code == 302
    assert planner.get(f"/planejamento/v/{view.token}/").status_code == 404


@pytest.mark.parametrize(
    "changes", [{"name": " "}, {"name": "x" * 81}, {"query": "theme=nenhum"}, {"query": "from=x"}]
)
def test_what_cannot_be_kept_is_told(planner: Client, changes):
    assert keep(planner, **changes).status_code == 422
    assert not SavedView.objects.exists()


def test_a_place_that_is_none_is_left_out(planner: Client):
    keep(planner, place="javascript:alert(1)")
    assert SavedView.objects.get().place == ""


# ---- taken away


def file(client: Client, kind: str, query: str = "") -> bytes:
    response = client.get(f"{BOARD}exportar/{kind}/{EVERY}{query}")
    assert response.status_code == 200, response.content[:300]
    assert "attachment" in response["Content-Disposition"]
    return response.content


def test_the_table_is_the_one_on_the_screen(planner: Client):
    rows = list(csv.DictReader(io.StringIO(file(planner, "csv", "&layer=regions&at=1").decode())))
    page = planner.get(f"{BOARD}{EVERY}&layer=regions").context["found"]
    assert [(r["code"], int(r["requests"])) for r in rows] == [(a.code, a.served.n) for a in page.areas]
    assert rows[0]["step_first"] == page.counted.steps.each[0].first.isoformat()


def test_the_geopackage_holds_the_areas_and_their_tables(planner: Client, tmp_path):
    path = tmp_path / "quadro.gpkg"
    path.write_bytes(file(planner, "gpkg", "&layer=regions"))
    with sqlite3.connect(path) as package:
        layers = dict(package.execute("SELECT table_name, data_type FROM gpkg_contents"))
        (n,) = package.execute("SELECT sum(requests) FROM areas").fetchone()
    package.close()
    assert layers["areas"] == "features"
    assert {"steps", "themes", "teams", "regions"} <= set(layers)
    inside = planner.get(f"{BOARD}{EVERY}&layer=regions").context["found"].areas
    assert n == sum(a.served.n for a in inside if a.code)


@pytest.mark.parametrize("show", ["areas", "heat", "swipe", "difference"])
def test_the_picture_is_a_png_of_its_size(planner: Client, show):
    image = file(planner, "png", f"&show={show}&bbox=-51.3,-30.2,-51.0,-29.9")
    assert image.startswith(b"\x89PNG")
    assert (int.from_bytes(image[16:20]), int.from_bytes(image[20:24])) == (1870, 1323)


def test_the_document_has_a_page_for_the_map_one_for_time_and_tables(planner: Client):
    document = file(planner, "pdf")
    assert document.startswith(b"%PDF")
    assert document.count(b"/Type /Page ") + document.count(b"/Type /Page\n") >= 4


def test_the_map_that_opens_alone_asks_nobody_for_anything(planner: Client):
    for show in ("areas", "swipe"):
        page = file(planner, "html", f"&show={show}").decode()
        assert "<script src=" not in page
        assert "<link rel=" not in page
        assert "Bairros" in page or show == "swipe"


@pytest.mark.parametrize(
    ("room", "status"),
    [("doc/", 404), ("png/?bbox=1,2", 400), ("png/?bbox=a,b,c,d", 400), ("csv/?theme=nenhum", 422)],
)
def test_a_file_that_cannot_be_is_refused(planner: Client, room, status):
    assert planner.get(f"{BOARD}exportar/{room}").status_code == status


# ---- hotspots that are asked for


def test_a_run_is_asked_for_and_watched(planner: Client):
    response = planner.post(f"{BOARD}focos/", {"from": "2026-09-01", "to": "2026-11-20", "cell_m": "400,5"})
    assert response.status_code == 302
    run = HotspotRun.objects.get()
    assert (run.audience, run.parameters["cell_m"]) == ("staff", 400.5)
    assert ProcrastinateJob.objects.filter(task_name__endswith="work_hotspots", args={"run": run.pk}).exists()
    page = planner.get(response["Location"]).content.decode()
    assert 'hx-trigger="load delay:1s"' in page
    piece = planner.get(response["Location"], headers={"HX-Request": "true"})
    assert piece.content.decode().startswith('<div class="card stack" id="progress"')
    HotspotRun.objects.update(state="failed", failure="hotspots.no_exposure")
    over = planner.get(response["Location"], headers={"HX-Request": "true"})
    assert (over.status_code, over["HX-Refresh"]) == (204, "true")
    assert "O cálculo não terminou." in planner.get(response["Location"]).content.decode()


@pytest.mark.parametrize(
    "given", [{"cell_m": "x"}, {"rings": "9"}, {"grid": "tri"}, {"from": "ontem"}, {"theme": "x"}]
)
def test_a_run_that_cannot_be_begins_no_job(planner: Client, given):
    response = planner.post(f"{BOARD}focos/", given)
    assert response.status_code == 422
    assert next(iter(given.values())) in response.content.decode()
    assert not HotspotRun.objects.exists()


@pytest.mark.parametrize("number", ["999", "99999999999999999999"])
def test_a_run_that_is_not_there_is_not_found(planner: Client, number):
    assert planner.get(f"{BOARD}focos/{number}/").status_code == 404


# ---- the public map's own filters


def test_the_public_form_offers_days_areas_and_channels_but_no_teams(client: Client, city):
    page = client.get("/mapa/?mode=open&on=2026-11-01&area=bairros:azenha&channel=web")
    text = page.content.decode()
    assert page.status_code == 200
    assert 'name="mode" value="open" checked' in text
    assert '<option value="bairros:azenha" selected>' in text
    assert 'name="team"' not in text
    assert client.get("/mapa/?mode=ontem").status_code == 422
    client.force_login(person("planner"))
    assert 'name="team"' in client.get("/mapa/").content.decode()
