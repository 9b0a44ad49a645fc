"""Open data: files, what stays when nothing changes or a job dies, pages, catalogue, ranges."""

import csv
import hashlib
import io
import json
import sqlite3
from datetime import datetime, timedelta

import geopandas
import pyarrow.parquet as pq
import pyogrio
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from issues.lifecycle.models import Issue
from issues.teams.models import Team
from maps.opendata.collections import COLLECTIONS, EVENTS, ISSUES, SERVICES
from maps.opendata.files import shelf
from maps.opendata.files.exporting import export
from tests.factories.reports import issue

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _shelf(settings, tmp_path):
    settings.DADOS_ROOT = tmp_path


@pytest.fixture
def team() -> Team:
    return Team.objects.order_by("slug")[0]


def make(of=ISSUES, now: datetime = NOW, **kw) -> shelf.Edition:
    return export(of, now=now, tell=lambda what, n: None, **kw)


def path(edition, form: str, of=ISSUES):
    return shelf.path(of.slug, edition.whole, edition.whole.file(form))


def rows_of_csv(edition, of=ISSUES) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path(edition, "csv", of).read_text())))


def test_every_format_has_the_same_requests(team):
    made = [issue(team, opened_at=NOW - timedelta(days=40 * i)).protocol for i in range(3)]
    edition = make()
    parquet = geopandas.read_parquet(path(edition, "parquet"))
    assert parquet.crs.to_string() == "OGC:CRS84"
    assert list(parquet.columns) == [*(c.name for c in ISSUES.columns), "geometry"]
    everywhere = [
        set(parquet["protocol"]),
        {r["protocol"] for r in rows_of_csv(edition)},
        {f["properties"]["protocol"] for f in json.loads(path(edition, "geojson").read_text())["features"]},
        set(geopandas.read_file(path(edition, "gpkg"))["protocol"]),
        set(pyogrio.read_dataframe(path(edition, "pmtiles"))["protocol"]),
    ]
    assert everywhere == [set(made)] * 5


def test_the_months_add_up_and_each_file_is_what_its_checksum_says(team):
    for days in (1, 40, 41, 80):
        issue(team, opened_at=NOW - timedelta(days=days))
    edition = make()
    assert sum(p.rows for p in edition.months) == edition.whole.rows == 4
    assert [p.month for p in edition.months] == sorted((p.month for p in edition.months), reverse=True)
    for part in edition.parts:
        for file in part.files:
            body = shelf.path("issues", part, file).read_bytes()
            assert (len(body), hashlib.sha256(body).hexdigest()) == (file.bytes, file.sha256)


def test_geoparquet_says_its_version_and_frame(team):
    row = issue(team)
    facts = json.loads(pq.read_metadata(path(make(), "parquet")).metadata[b"geo"])
    column = facts["columns"]["geometry"]
    assert (facts["version"], column["encoding"], column["geometry_types"]) == ("1.1.0", "WKB", ["Point"])
    assert column["bbox"] == pytest.approx([*row.public_geom.coords] * 2)


def test_what_a_spreadsheet_would_run_is_only_text_in_csv(team):
    row = issue(team)
    for text in ("=1+1", "+55 51", "-cmd", "@SUM(A1)", "\tx", "fine = fine"):
        Issue.objects.filter(pk=row.pk).update(address=text)
        (line,) = rows_of_csv(make())
        assert line["address"] == (text if text.startswith("fine") else f"'{text}")
        assert float(line["longitude"]) < 0, "numbers stay numbers"


def test_nothing_changed_is_no_new_edition_and_a_changed_month_is_the_only_one_written(team):
    old, new = (issue(team, opened_at=NOW - timedelta(days=d)) for d in (60, 1))
    first = make()
    assert make(now=NOW + timedelta(days=1)) == first
    assert shelf.index("issues").checked_at == NOW + timedelta(days=1)
    Issue.objects.filter(pk=new.pk).update(followers=7)
    second = make(now=NOW + timedelta(days=2))
    assert second.months[-1] == first.months[-1], old
    assert second.months[0].digest != first.months[0].digest
    assert [e.name for e in shelf.index("issues").editions] == [second.name, first.name]


def test_old_editions_go_with_their_files(team, monkeypatch):
    monkeypatch.setattr(shelf, "KEPT", 2)
    row = issue(team)
    made = []
    for n in range(3):
        Issue.objects.filter(pk=row.pk).update(followers=n)
        made.append(make(now=NOW + timedelta(days=n)))
    assert not path(made[0], "csv").exists()
    assert path(made[1], "csv").exists()
    assert path(made[2], "csv").exists()


def test_a_job_that_dies_leaves_the_older_edition_in_service(team, client):
    issue(team)
    first = make()

    def die(what: str, rows: int) -> None:
        raise KeyboardInterrupt

    issue(team)
    with pytest.raises(KeyboardInterrupt):
        export(ISSUES, now=NOW + timedelta(days=1), tell=die)
    assert shelf.index("issues").editions == (first,)
    assert not list(shelf.root("issues").glob(".draft-*"))
    assert client.get("/dados/issues/issues.csv").status_code == 200


def test_two_jobs_at_once_are_one():
    with shelf.writing("services"), pytest.raises(shelf.Busy):
        make(SERVICES)


@pytest.mark.parametrize("slug", COLLECTIONS)
def test_every_dataset_is_made_even_of_nothing_and_its_pages_answer(slug, client):
    assert client.get(f"/dados/{slug}/").status_code == 200
    edition = make(COLLECTIONS[slug])
    assert client.get(f"/dados/{slug}/").status_code == 200
    for file in edition.whole.files:
        answer = client.get(f"/dados/{slug}/{file.name}")
        assert hashlib.sha256(answer.getvalue()).hexdigest() == file.sha256
    schema = client.get(f"/dados/{slug}/dicionario.json").json()
    assert [f["name"] for f in schema["fields"]] == [c.name for c in COLLECTIONS[slug].columns]
    assert len(client.get(f"/dados/{slug}/dicionario.csv").content.splitlines()) > len(schema["fields"])


def test_a_dataset_without_a_place_is_a_table_of_a_geopackage():
    edition = make(SERVICES)
    with sqlite3.connect(path(edition, "gpkg", SERVICES)) as file:
        assert file.execute("SELECT count(*) FROM services").fetchone()[0] == edition.whole.rows > 100
        assert file.execute("SELECT data_type FROM gpkg_contents").fetchall() == [("attributes",)]


def test_what_is_not_there_is_a_404(client):
    make(SERVICES)
    for address in (
        "nada/",
        "nada/nada.csv",
        "services/services.xls",
        "events/events.csv",
        "services/edicoes/20200101T000000Z/services.csv",
        "services/..%2Findex.json",
    ):
        assert client.get(f"/dados/{address}").status_code == 404, address


def test_an_older_edition_is_served_under_its_name(team, client):
    row = issue(team)
    first = make()
    Issue.objects.filter(pk=row.pk).update(followers=3)
    make(now=NOW + timedelta(days=1))
    old = client.get(f"/dados/issues/edicoes/{first.name}/issues.csv")
    assert old.getvalue() == path(first, "csv").read_bytes()
    assert b"edicoes" in client.get("/dados/issues/").content


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=999999999-", 416, slice(0, 0)),
        ("bytes=9-2", 200, slice(None)),
        ("rows=1-2", 200, slice(None)),
    ],
)
def test_files_are_read_by_ranges(client, asked, status, part):
    body = path(make(SERVICES), "csv", SERVICES).read_bytes()
    answer = client.get("/dados/services/services.csv", headers={"Range": asked})
    assert (answer.status_code, answer.getvalue()) == (status, body[part])


def test_a_copy_that_is_good_is_not_sent_again(client):
    make(SERVICES)
    tag = client.head("/dados/services/services.csv")["ETag"]
    assert client.get("/dados/services/services.csv", headers={"If-None-Match": tag}).status_code == 304
    other = {"Range": "bytes=0-1", "If-Range": '"other"'}
    assert client.get("/dados/services/services.csv", headers=other).status_code == 200


def test_the_catalogue_names_every_file_with_its_checksum(team, client, settings):
    issue(team)
    edition = make()
    answer = client.get("/dados/catalogo.jsonld")
    assert answer["Content-Type"] == "application/ld+json"
    (one,) = answer.json()["dcat:dataset"]
    assert one["dct:license"]["@id"] == settings.CITY.licence_url
    assert one["dct:accrualPeriodicity"]["@id"].endswith("/DAILY")
    assert one["dct:temporal"]["dcat:startDate"]["@value"] == edition.months[-1].month
    assert one["dct:spatial"]["dcat:bbox"]["@value"].startswith("POLYGON((")
    sums = {d["spdx:checksum"]["spdx:checksumValue"]["@value"] for d in one["dcat:distribution"]}
    assert sums == {f.sha256 for p in edition.parts for f in p.files}
    for each in one["dcat:distribution"]:
        assert client.get("/" + each["dcat:downloadURL"]["@id"].split("/", 3)[3]).status_code == 200


def test_the_command_exports_one_dataset_and_says_how_fast(capsys):
    call_command("export_data", "--dataset", "services", "--watch-progress")
    said = capsys.readouterr().out
    assert "a second" in said
    assert "services:" in said
    with pytest.raises(CommandError):
        call_command("export_data", "--month", "2026-13")


def test_the_first_page_before_the_first_job_says_so(client):
    assert "próxima madrugada" in client.get("/dados/").content.decode()
    make(EVENTS)
    assert "próxima madrugada" not in client.get("/dados/").content.decode()
