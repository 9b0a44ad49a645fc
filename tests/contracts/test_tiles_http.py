"""Tiles and map pages over HTTP: what is kept, what is refused, and what the report may reach."""

import gzip
import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from issues.catalogue.models import Service
from maps.filters import HeatFilters
from maps.tiles.grid import MEDIA_TYPE
from tests.factories.mvt import decode
from tests.geo.test_tiles_heat import SOUTH, WEST, file_issues, of_precision

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BASE = "/tiles/base/14/5862/9626.mvt"
HEAT = "/tiles/heat/0/0/0.mvt"


@pytest.fixture
def city(db):
    points = [(WEST + n * 0.0004, SOUTH + n * 0.0003) for n in range(60)]
    file_issues(points, of_precision("exact", "grid_100m", "area"))


@pytest.mark.parametrize("path", [BASE, HEAT])
def test_a_tile_is_a_vector_tile_and_is_asked_for_again_by_its_tag(client: Client, city, path):
    first = client.get(path)
    assert first.status_code == 200
    assert first["Content-Type"] == MEDIA_TYPE
    assert decode(first.content)
    assert "public" in first["Cache-Control"]
    again = client.get(path, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again["Cache-Control"] == first["Cache-Control"]


def test_a_basemap_tile_may_be_shown_while_a_newer_one_is_fetched(client: Client):
    assert re.fullmatch(
        r"public, max-age=\d{2}, stale-while-revalidate=\d+", client.get(BASE)["Cache-Control"]
    )


def test_a_tile_is_zipped_for_who_can_unzip(client: Client):
    plain, zipped = client.get(BASE), client.get(BASE, headers={"accept-encoding": "gzip, br"})
    assert not plain.has_header("Content-Encoding")
    assert zipped["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.content) == plain.content
    assert "Accept-Encoding" in zipped["Vary"]


def test_outside_the_city_a_tile_is_empty_and_not_an_error(client: Client):
    response = client.get("/tiles/base/14/0/0.mvt")
    assert (response.status_code, response.content, response["Content-Type"]) == (200, b"", MEDIA_TYPE)


@pytest.mark.parametrize("kind", ["base", "heat"])
@pytest.mark.parametrize(
    "address", ["21/0/0", "3/8/0", "3/0/8", "a/b/c", "-1/0/0", "1/1e0/0", "9" * 400 + "/0/0"]
)
def test_a_tile_that_does_not_exist_is_a_problem_document(client: Client, kind, address):
    response = client.get(f"/tiles/{kind}/{address}.mvt", headers={"accept": "text/html"})
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "tile.outside"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("service=nenhum", "service"),
        ("service=tapa-buracos,nenhum", "service"),
        ("service=%00", "service"),
        ("theme=nenhum", "theme"),
        ("theme=%ED%A0%80", "theme"),
        ("state=tarde", "state"),
        ("from=ontem", "from"),
        ("to=2026-13-01", "to"),
        ("from=2026-02-02&to=2026-02-01", "to"),
    ],
)
@pytest.mark.parametrize("path", [HEAT, "/mapa/tabelas/", "/mapa/folium/", "/mapa/relatorio/"])
def test_a_filter_that_cannot_be_is_refused_by_name(client: Client, path, query, field):
    response = client.get(f"{path}?{query}")
    assert response.status_code == 422
    assert response.json()["field"] == field
    assert response.json()["title"] != response.json()["code"]


def test_a_request_just_filed_is_in_the_next_tile(client: Client, city):
    first = client.get(HEAT)
    file_issues([(WEST, SOUTH)], of_precision("exact"), seed=5, opened_at=NOW)
    again = client.get(HEAT, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 200
    assert total(again) == total(first) + 1


def total(response) -> int:
    return sum(f.properties["n"] for f in decode(response.content)["heat"])


def test_the_page_has_one_address_for_equal_filters(client: Client, city):
    service = of_precision("exact")[0]
    asked = client.get("/mapa/", {"from": "", "to": "", "theme": "", "service": service.name, "state": "all"})
    assert asked.status_code == 302
    assert asked["Location"] == f"/mapa/?service={service.code}"
    assert client.get(asked["Location"]).status_code == 200


def test_the_tables_need_no_script(client: Client, city):
    page = client.get("/mapa/").content.decode()
    for count in ("Por bairro", "Por tema", ">60<"):
        assert count in page
    assert page.count('<th scope="row">') > 3


def test_a_bad_filter_is_said_beside_its_field_and_nothing_is_lost(client: Client):
    response = client.get("/mapa/?service=qualquer+coisa&from=2026-01-01")
    page = response.content.decode()
    assert response.status_code == 422
    assert "Este serviço não existe." in page
    assert 'value="qualquer coisa"' in page
    assert 'value="2026-01-01"' in page


def test_nothing_found_is_said_in_words(client: Client):
    assert "Nenhum pedido com estes filtros." in client.get("/mapa/").content.decode()


@pytest.mark.parametrize("name", ["heat", "report"])
def test_the_pages_run_no_inline_style_or_script(client: Client, city, name):
    page = client.get(reverse(f"maps:{name}")).content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    for script in re.findall(r"<script([^>]*)>", page):
        assert "src=" in script or "nonce=" in script or 'type="application/json"' in script


def test_the_report_may_reach_nothing(client: Client, city):
    response = client.get("/mapa/folium/")
    page = response.content.decode()
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert not re.search(r"""<(script|link|img|iframe)[^>]*\b(src|href)=""", page)
    assert not re.search(r"""(url\(|@import)\s*["']?(https?:)?//""", page)
    assert '<html lang="pt-br">' in page
    assert client.get("/mapa/folium/", headers={"if-none-match": response["ETag"]}).status_code == 304


def test_the_report_is_downloaded_as_a_file(client: Client, city):
    response = client.get("/mapa/folium/?download")
    assert re.fullmatch(
        r'attachment; filename="mapa-de-pedidos-\d{4}-\d\d-\d\d\.html"', response["Content-Disposition"]
    )


def test_a_name_from_the_data_cannot_become_a_script(client: Client, city):
    evil = "</script><script>alert(1)</script>"
    Service.objects.filter(pk=of_precision("exact")[0].pk).update(name=evil)
    from layers.models import Feature

    Feature.objects.filter(version__layer__slug="bairros").update(name="<img src=x onerror=alert(1)>")
    for path in ("/mapa/", "/mapa/folium/"):
        page = client.get(path).content.decode()
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page


def test_an_address_left_in_the_report_is_refused(monkeypatch):
    from maps.analytics import folium_map

    for page in (
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/x.css"/>',
        "<img src='http://cdn.example/x.png'>",
        "<style>@import '//cdn.example/x.css'</style>",
    ):
        with pytest.raises(folium_map.RemoteAddress):
            folium_map._alone(page)


def test_the_report_is_written_by_a_command(city, tmp_path):
    out = tmp_path / "map.html"
    call_command("export_folium", out, "--state", "open", verbosity=0)
    assert "Só os abertos." in out.read_text("utf-8")


@pytest.mark.parametrize("given", [["--service", "nenhum"], ["--from", "ontem"]])
def test_the_command_names_what_it_cannot_read(given, tmp_path):
    with pytest.raises(CommandError, match=given[0]):
        call_command("export_folium", tmp_path / "map.html", *given)
    assert not (tmp_path / "map.html").exists()


def test_web_workers_do_not_carry_folium():
    code = (
        "import django, sys; django.setup(); import geo_central.urls, maps.web.views; "
        "sys.exit(any(m.split('.')[0] in ('folium', 'branca', 'geopandas', 'pandas') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_filters_have_a_name_in_the_report(db):
    from maps.analytics.wording import in_words

    service = of_precision("exact")[0]
    lines = in_words(HeatFilters(services=(service.code,), state="closed"))
    assert lines == ["Todo o período.", f"Serviço: {service.name}.", "Só os encerrados."]
