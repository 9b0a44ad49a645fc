"""Services and areas without a team of their own; and the commands that try and apply rules."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from geo_central.kernel.errors import NotFound
from geo_central.kernel.geo import LngLat
from issues.catalogue.queries import service
from issues.lifecycle.models import Issue
from issues.routing.coverage import coverage, write_csv
from issues.routing.models import Rule
from issues.routing.queries import active_rules
from issues.teams.models import Team
from layers.models import Feature
from tests.factories import reports
from tests.geo.grid import Grid, layer_from

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LAMP = "luminaria-apagada"
# The east zone ends two metres before the city's areas do: a strip that no grid would meet.
STRIP = Grid(
    """
    A-----------------B
    |                 |
    D-----------------C
    """,
    step=0.0001,
)

pytestmark = pytest.mark.django_db


def run(*words, **options):
    out = io.StringIO()
    call_command(*words, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def table(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def gaps_of(code, layer, rules=None):
    return [g for g in coverage(layer=layer, at=NOW, rules=rules).gaps if g.service == code]


def rules_without(code):
    found = service(code)
    return [
        r
        for r in active_rules()
        if {r.service_id, r.theme_id, r.department_id} - {None, found.id}
        and r.service_id != found.id
        and r.theme_id is None
        and r.department_id is None
    ]


def test_the_city_as_delivered_has_a_team_for_every_lamp():
    assert gaps_of(LAMP, settings.CITY.district_layer) == []


def test_a_service_without_rules_has_a_gap_in_every_area():
    layer = settings.CITY.district_layer
    gaps = gaps_of(LAMP, layer, rules_without(LAMP))
    assert len(gaps) == Feature.objects.filter(version__layer__slug=layer, version__state="active").count()
    assert all(g.whole for g in gaps)


def test_a_strip_of_two_metres_without_a_team_is_found():
    layer_from(STRIP, {"all": "ABCD"}, slug="wholes")
    short = Grid("A", origin=(0, 0))
    (_west, east), south = STRIP.xy("AB"), STRIP.points["C"].lat
    cut = east[0] - 0.00002
    short.points = {k: STRIP.points[k] for k in "AD"} | {"E": LngLat(cut, east[1]), "F": LngLat(cut, south)}
    layer_from(short, {"most": "AEFD"}, slug="mosts")
    Rule.objects.filter(is_active=True).update(is_active=False)
    Rule.objects.create(
        slug="quase-tudo", priority=1, service_id=service(LAMP).id, where="in_area", where_layer="mosts",
        where_codes=["most"], team=Team.objects.get(slug="smoi-viadutos"),
    )  # fmt: skip
    (gap,) = gaps_of(LAMP, "wholes")
    assert (gap.area, gap.whole) == ("all", False)


def test_an_unknown_layer_is_not_found():
    with pytest.raises(NotFound, match=r"layer\.unknown"):
        coverage(layer="nada", at=NOW)


def test_the_command_counts_and_writes_the_whole_list(tmp_path):
    path = tmp_path / "gaps.csv"
    said = run("coverage", csv=path)
    count = int(re.search(r"(\d+) sem equipe própria", said).group(1))
    lines = table(path)
    assert len(lines) == count
    assert path.read_text(encoding="utf-8") == write_csv(coverage(layer=settings.CITY.district_layer, at=NOW))
    with pytest.raises(CommandError):
        run("coverage", layer="nada")


def test_a_simulation_from_a_file_says_who_gains_and_who_loses(tmp_path):
    team = Team.objects.get(slug="smoi-viadutos")
    reports.issue(team, reports.CENTRE, service=LAMP, opened_at=NOW, rule_id=None)
    rules = tmp_path / "rules.csv"
    lines = table(settings.FIXTURES_DIR / "rules.csv")
    new = {
        **dict.fromkeys(lines[0], ""),
        "slug": "todas",
        "priority": "1",
        "service": LAMP,
        "team": team.slug,
    }
    new["where"] = "anywhere"
    with rules.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, lines[0])
        writer.writeheader()
        writer.writerows([new, *lines])
    said = run("simulate", rules=rules, since="2026-11-01", until="2026-11-30")
    assert re.search(r"1 pedidos, 1 mudam de equipe", said), said
    assert team.name in said
    with pytest.raises(CommandError):
        run("simulate", draft=0)


def test_rerouting_is_told_first_and_done_after(db):
    (rule, team) = None, Team.objects.get(slug="smoi-viadutos")
    issue = reports.issue(
        Team.objects.exclude(pk=team.pk).filter(department=team.department).first(),
        reports.CENTRE, service=LAMP, opened_at=NOW, state="assigned",
    )  # fmt: skip
    rule = Rule.objects.create(slug="todas", priority=1, service_id=service(LAMP).id, team=team)
    assert "1 abertos vistos, 1 mudam" in run("reroute", dry_run=True)
    assert Issue.objects.get(pk=issue.pk).team_id != team.pk
    assert "1 abertos vistos, 1 mudam" in run("reroute")
    moved = Issue.objects.get(pk=issue.pk)
    assert (moved.team_id, moved.rule_id) == (team.pk, rule.pk)
    assert "1 abertos vistos, 0 mudam" in run("reroute")
    with pytest.raises(CommandError):
        run("reroute", batch=0)
