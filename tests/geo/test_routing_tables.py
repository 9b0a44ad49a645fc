"""The city's tables: loaded again without harm, and refused whole with a sentence."""

import csv
import io
import shutil

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from issues.routing.models import Rule
from issues.teams.models import Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    """A copy of the fixtures to spoil."""
    return shutil.copytree(settings.FIXTURES_DIR, tmp_path / "fixtures")


def spoil(path, change):
    """Change the rows of a table: `change` gets them as dictionaries."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows, columns = list(reader), reader.fieldnames
    rows = change(rows) or rows
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def load(folder):
    out = io.StringIO()
    call_command("load_city", "--from", str(folder), stdout=out)
    return out.getvalue()


def state():
    rules = Rule.objects.order_by("slug").values("slug", "priority", "is_active", "team__slug", "where_codes")
    teams = Team.objects.order_by("slug").values("slug", "is_active", "territory_codes")
    return list(rules), list(teams)


def test_loading_again_changes_nothing(folder):
    before = state()
    assert "452 services" in load(folder)
    assert state() == before


def test_a_rule_that_is_gone_is_switched_off_and_comes_back(folder):
    kept = (folder / "rules.csv").read_text(encoding="utf-8")
    spoil(folder / "rules.csv", lambda rows: [r for r in rows if r["slug"] != "coleta-nas-ilhas"])
    load(folder)
    assert not Rule.objects.get(slug="coleta-nas-ilhas").is_active
    (folder / "rules.csv").write_text(kept, encoding="utf-8")
    load(folder)
    assert Rule.objects.get(slug="coleta-nas-ilhas").is_active


@pytest.mark.parametrize(
    ("table", "changes", "said"),
    [
        ("rules.csv", {"service": "voar"}, "A regra “buraco-em-viaduto” cita “voar”"),
        ("rules.csv", {"team": "ninguem"}, "A regra “buraco-em-viaduto” cita “ninguem”"),
        ("rules.csv", {"theme": "arvores"}, "“buraco-em-viaduto” está incompleta"),
        ("rules.csv", {"service": ""}, "“buraco-em-viaduto” está incompleta"),
        ("rules.csv", {"distance_m": ""}, "“buraco-em-viaduto” está incompleta"),
        ("rules.csv", {"where_layer": ""}, "“buraco-em-viaduto” está incompleta"),
        ("rules.csv", {"team": ""}, "“buraco-em-viaduto” está incompleta"),
        ("rules.csv", {"team_of_layer": "regions"}, "“buraco-em-viaduto” está incompleta"),
        ("rules.csv", {"where": "nowhere"}, "“buraco-em-viaduto” está incompleta"),
        ("rules.csv", {"priority": "alta"}, "a column is missing or wrong"),
        ("teams.csv", {"department": "nasa"}, "do órgão “nasa”"),
        ("services.csv", {"theme": "voos"}, "“tapa-buracos” cita “voos”"),
        ("services.csv", {"department": "nasa"}, "“tapa-buracos” cita “nasa”"),
        ("questions.csv", {"service": "voar"}, "cita “voar”"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_changes(folder, table, changes, said):
    before = state()
    spoil(folder / table, lambda rows: rows[0].update(changes))
    with pytest.raises(CommandError) as refused:
        load(folder)
    assert said in str(refused.value)
    assert state() == before


def test_two_teams_of_a_department_do_not_share_an_area(folder):
    def claim(rows):
        next(r for r in rows if r["slug"] == "dmae-sul")["territory_codes"] += ";regiao-01"

    spoil(folder / "teams.csv", claim)
    with pytest.raises(CommandError, match=r"dmae-sul.*dmae-norte|dmae-norte.*dmae-sul"):
        load(folder)


def test_a_table_that_is_missing_is_named(folder):
    (folder / "rules.csv").unlink()
    with pytest.raises(CommandError, match=r"rules\.csv"):
        load(folder)


def test_a_column_that_is_missing_is_told(folder):
    path = folder / "rules.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("priority", "prio", 1), encoding="utf-8")
    with pytest.raises(CommandError, match="priority"):
        load(folder)
