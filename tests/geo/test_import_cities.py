"""Other cities in settings of their own: a process each, as an operator would do it."""

import csv
import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import database

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared/data"
ROWS = 3_000

pytestmark = [
    pytest.mark.needs_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not here"),
]
CITIES = {
    "boston": (
        "boston311_2011H2.csv.gz", "boston-311.toml", "boston_neighborhoods.geojson", "neighborhoods", "name",
    ),
    "sao-paulo": (
        "sp156_2019_100k.csv.gz", "sao-paulo-156.toml", "sp_distritos_96.geojson", "districts", "ds_nome",
    ),
}  # fmt: skip


class Town:
    """One city on an empty database of its own."""

    def __init__(self, slug: str, url: str) -> None:
        self.requests, mapping, self.map, self.layer, self.name_field = CITIES[slug]
        self.fixtures = ROOT / "fixtures/cities" / slug
        self.mapping = ROOT / "fixtures/imports" / mapping
        self.environment = {**os.environ, "DATABASE_URL": url, "CITY_FILE": str(self.fixtures / "city.toml")}

    def manage(self, *words: object) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, words)],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module", params=sorted(CITIES))
def town(request, django_db_setup, django_db_blocker):
    """The city with its areas and catalogue, and what loading the areas said."""
    server = database.cluster()
    name = f"town_{os.getpid()}_{request.param.replace('-', '_')}"
    with django_db_blocker.unblock():
        server.drop_database(name)
        made = Town(request.param, server.create_database(name))
        made.manage("migrate", "-v0")
        made.said = made.manage(
            "load_layer", DATA / "territory" / made.map, "--layer", made.layer,
            "--name-field", made.name_field, "--publish",
        )  # fmt: skip
        made.manage(
            "derive_layer", "municipality", "--from", made.layer, "--into", "city", "City", "--publish"
        )
        made.manage("load_city", "--from", made.fixtures)
        yield made
        server.drop_database(name)


@pytest.fixture(scope="module")
def first_rows(town, tmp_path_factory):
    """The beginning of the city's file, and how many rows it has."""
    path = tmp_path_factory.mktemp("rows") / "first.csv"
    with gzip.open(DATA / "requests" / town.requests, "rt", encoding="utf-8", newline="") as whole:
        rows = [row for row, _n in zip(csv.reader(whole), range(ROWS + 1), strict=False)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def totals(said: str) -> tuple[int, ...]:
    found = re.search(r"(\d+) lidas = (\d+) importadas \+ (\d+) já estavam \+ (\d+) recusadas", said)
    assert found, said
    return tuple(map(int, found.groups()))


def test_areas_that_are_invalid_as_published_are_mended_and_named(town):
    if town.layer != "neighborhoods":
        assert "0 consertadas" in town.said
        return
    assert "26 linhas lidas, 0 recusadas, 4 consertadas" in town.said
    for name in ("Hyde Park", "East Boston", "Downtown", "Beacon Hill"):
        assert f"{name}: polígono inválido, consertado" in town.said


def test_requests_come_in_once_and_every_row_is_accounted_for(town, first_rows, tmp_path):
    report = tmp_path / "refused.csv"
    words = ("import_requests", first_rows, "--mapping", town.mapping, "--report", report)
    read, imported, known, refused = totals(town.manage(*words))
    assert (read, known) == (ROWS, 0)
    assert imported > 0.95 * ROWS
    with report.open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) == refused
    assert totals(town.manage(*words)) == (ROWS, 0, imported, refused)


def test_a_mapping_suggested_for_the_file_serves_as_it_is(town, first_rows, tmp_path):
    suggested = tmp_path / "suggested.toml"
    suggested.write_text(town.manage("import_requests", first_rows, "--suggest"), encoding="utf-8")
    read, imported, _known, refused = totals(
        town.manage(
            "import_requests", first_rows, "--mapping", suggested, "--dry-run", "--report", tmp_path / "r.csv"
        )
    )
    assert (read, imported + refused) == (ROWS, ROWS)
    assert imported > 0.95 * ROWS
