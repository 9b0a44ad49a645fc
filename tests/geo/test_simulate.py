"""What a change would have done: both sides decided alike, nothing moved."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from django.conf import settings

from geo_central.kernel.errors import Invalid, NotFound
from geo_central.kernel.geo import LngLat
from issues.lifecycle.models import Event, Issue
from issues.routing import staging
from issues.routing.facts import service_facts
from issues.routing.models import Simulation
from issues.routing.queries import RuleBook
from issues.routing.rows import rule_rows
from issues.routing.simulating import Change, explain, moved_page, simulate, simulated
from issues.teams.models import Team
from layers.models import LayerVersion
from layers.operations import StagedFeature, stage
from layers.queries import place_at, places_at
from tests.factories import reports
from tests.geo.grid import ewkb
from tests.geo.test_routing_everywhere import NEAR_AN_ASSET, rows, scattered

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
YEAR = (NOW - timedelta(days=365), NOW)
PLACELESS = "cremacao"
CODES = ("tapa-buracos", "luminaria-apagada", "arvore-plantio")


def draft_with(*changed, drop=()):
    """A draft of the active rules with these put in (over those of the same name) and some left out."""
    draft = staging.start_draft(title="Teste", by=None, now=NOW)
    for row in changed:
        there = row["slug"] in {r["slug"] for r in draft.rows}
        base = draft.row(row["slug"]) if there else {}
        replaces = row["slug"] if there else ""
        draft = staging.put_rule(
            draft.id, {**base, **row}, revision=draft.revision, now=NOW, replaces=replaces
        )
    for slug in drop:
        draft = staging.drop_rule(draft.id, slug, revision=draft.revision, now=NOW)
    return draft


def reported(points, *, stale=False):
    """Requests at points, with the areas that the door would have stored (or none)."""
    team = Team.objects.get(slug="smsurb-triagem")
    made = []
    for n, (point, place) in enumerate(zip(points, places_at(points), strict=True)):
        areas = {} if stale else {a.layer: a.code for a in place.areas}
        opened = NOW - timedelta(days=n % 200, hours=1)
        made.append(
            reports.issue(
                team, point, service=CODES[n % len(CODES)], areas=areas, opened_at=opened, state="confirmed"
            )
        )
    return made


def expected(draft, issues):
    """The moves, decided one request at a time."""
    before, after = RuleBook.load(), RuleBook(rule_rows(draft.rows), RuleBook.load()._teams._by_id.values())
    facts, moves = service_facts(), {}
    for issue in issues:
        place = place_at(LngLat(issue.geom.x, issue.geom.y)) if issue.geom else None
        asked = {"subject": facts[issue.service_id].subject, "place": place, "at": issue.opened_at}
        was, will = before.decide(**asked).team.slug, after.decide(**asked).team.slug
        if was != will:
            moves[issue.protocol] = (was, will)
    return moves


def moved(outcome, limit=7):
    """Every move, page by page."""
    found, after = {}, 0
    while after is not None:
        page = moved_page(outcome.id, after=after, limit=limit)
        for f in json.loads(page.geojson)["features"]:
            assert f["properties"]["protocol"] not in found
            found[f["properties"]["protocol"]] = (f["properties"]["from"], f["properties"]["to"])
        after = page.next
    return found


@pytest.fixture
def city():
    """Requests all over the city, some of them near viaducts, one without a place."""
    near = [LngLat(x, y) for metres in (10, 35, 45) for x, y in rows(NEAR_AN_ASSET, "viaducts", metres)[:8]]
    inside = [p for p, found in zip(near, places_at(near), strict=True) if found]
    points = [p for p in inside for _ in CODES] + [p.point for p in scattered(120)]
    nowhere = reports.issue(
        Team.objects.get(slug="caf-triagem"), None, service=PLACELESS, opened_at=NOW - timedelta(days=1)
    )
    return [*reported(points), nowhere]


CHANGES = {
    "an area less": ({"slug": "iluminacao-norte", "where_codes": "regiao-01"},),
    "a nearer asset": ({"slug": "buraco-em-viaduto", "distance_m": 20},),
    "a wider asset": ({"slug": "buraco-em-viaduto", "distance_m": 50},),
    "from a day on": ({"slug": "novo", "service": "tapa-buracos", "priority": 1, "team": "smoi-viadutos",
                       "valid_from": "2026-09-01", "valid_until": "2026-11-01"},),
}  # fmt: skip


@pytest.mark.parametrize("look_again", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_a_simulation_moves_exactly_those_whom_one_decision_at_a_time_would_move(city, change, look_again):
    draft = draft_with(*CHANGES[change])
    outcome = simulate(change=Change(draft.id), period=YEAR, now=NOW, look_again=look_again)
    wanted = expected(draft, city)
    assert wanted
    assert moved(outcome) == wanted
    assert (outcome.total, outcome.moved, outcome.outside) == (len(city), len(wanted), 0)
    assert sum(t.before for t in outcome.teams) == sum(t.after for t in outcome.teams) == len(city)
    assert sum(t.arrive for t in outcome.teams) == sum(t.leave for t in outcome.teams) == len(wanted)
    for t in outcome.teams:
        assert t.after - t.before == t.arrive - t.leave


def test_nothing_is_moved_by_trying(city):
    def state():
        return list(Issue.objects.order_by("id").values("id", "team", "rule", "areas", "updated_at"))

    before, events = state(), Event.objects.count()
    simulate(change=Change(draft_with(drop=["smsurb-por-regiao"]).id), period=YEAR, now=NOW)
    assert state() == before
    assert Event.objects.count() == events


def test_the_active_rules_against_themselves_move_nobody(city):
    outcome = simulate(change=Change(), period=YEAR, now=NOW)
    assert (outcome.total, outcome.moved) == (len(city), 0)


def test_what_no_rule_places_any_more_is_counted_as_triage(city):
    outcome = simulate(change=Change(draft_with(drop=["smsurb-por-regiao"]).id), period=YEAR, now=NOW)
    assert outcome.triage_after > outcome.triage_before
    gone = next(r for r in outcome.rules if r.slug == "smsurb-por-regiao")
    assert (gone.before > 0, gone.after) == (True, 0)


def test_the_period_is_half_open():
    point = scattered(1)
    (issue,) = reported([p.point for p in point])
    at = issue.opened_at
    for period, seen in (((at, at + timedelta(seconds=1)), 1), ((at - timedelta(seconds=1), at), 0)):
        assert simulate(change=Change(), period=period, now=NOW).total == seen


def test_stale_areas_are_noticed_and_looked_up_again():
    issues = reported([p.point for p in scattered(40)], stale=True)
    draft = draft_with({"slug": "iluminacao-norte", "where_codes": "regiao-01"})
    outcome = simulate(change=Change(draft.id), period=YEAR, now=NOW)
    assert outcome.looked_up
    assert moved(outcome) == expected(draft, issues)


def test_the_reasons_of_one_request_before_and_after(city):
    draft = draft_with({"slug": "buraco-em-viaduto", "distance_m": 20})
    outcome = simulate(change=Change(draft.id), period=YEAR, now=NOW)
    protocol, (was, will) = next(iter(moved(outcome).items()))
    found = explain(change=outcome.change, protocol=protocol)
    assert (found.before.team.slug, found.after.team.slug) == (was, will)
    assert [r.code for r in found.before.reasons] == ["service_rule", "near_asset", "fixed_team"]
    assert [r.code for r in found.after.reasons] == ["department_rule", "team_of_area"]


def test_an_outcome_is_kept_for_a_week_and_says_when_the_draft_has_changed():
    draft = draft_with()
    first = simulate(change=Change(draft.id), period=YEAR, now=NOW)
    assert simulated(first.id) == first
    assert first.is_current
    staging.drop_rule(draft.id, "coleta-nas-ilhas", revision=draft.revision, now=NOW)
    assert not simulated(first.id).is_current
    simulate(change=Change(), period=YEAR, now=NOW + timedelta(days=8))
    assert not Simulation.objects.filter(pk=first.id).exists()
    with pytest.raises(NotFound, match=r"simulation\.unknown"):
        simulated(first.id)


def test_what_cannot_be_tried_is_refused():
    with pytest.raises(Invalid, match=r"period\.backwards"):
        simulate(change=Change(), period=(NOW, NOW), now=NOW)
    with pytest.raises(NotFound, match=r"draft\.unknown"):
        simulate(change=Change(0), period=YEAR, now=NOW)
    with pytest.raises(NotFound, match=r"layer\.unknown_version"):
        simulate(change=Change(versions=(0,)), period=YEAR, now=NOW)
    with pytest.raises(NotFound, match=r"issue\.unknown"):
        explain(change=Change(), protocol="2026-0000000-0")


def test_a_staged_boundary_moves_those_on_the_other_side_of_it(city):
    """All regions become one: the first of them owns every point."""
    west, south, east, north = settings.CITY.bounds
    whole = ewkb(shapely.box(west - 1, south - 1, east + 1, north + 1))
    version = stage(
        slug="regions", title="", kind="area", source="test", now=NOW,
        features=[StagedFeature("regiao-09", "Tudo", whole)],
    )  # fmt: skip
    outcome = simulate(change=Change(versions=(version.pk,)), period=YEAR, now=NOW)
    gone = next(t for t in outcome.teams if t.slug == "smsurb-iluminacao-norte")
    assert outcome.looked_up
    assert (gone.before > 0, gone.after, outcome.outside) == (True, 0, 0)
    protocol, (was, will) = next(iter(moved(outcome).items()))
    found = explain(change=outcome.change, protocol=protocol)
    assert (found.before.team.slug, found.after.team.slug) == (was, will)
    assert LayerVersion.objects.get(pk=version.pk).state == "draft"


def test_a_staged_map_of_assets_is_refused_by_name(db):
    version = stage(
        slug="viaducts", title="", kind="asset", source="test", now=NOW,
        features=[StagedFeature("v-1", "Um", ewkb(shapely.Point(-51.2, -30.05)))],
    )  # fmt: skip
    with pytest.raises(Invalid, match=r"layer\.not_areas"):
        simulate(change=Change(versions=(version.pk,)), period=YEAR, now=NOW)
