"""Every service, everywhere in the city, has a team; and says why."""

import logging
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.conf import settings
from django.db import connection

from geo_central.kernel.errors import Unready
from geo_central.kernel.geo import LngLat
from issues.catalogue.queries import service, services
from issues.routing.checking import broken_rules
from issues.routing.models import Rule
from issues.routing.queries import RuleBook, decide, subject_of
from issues.teams.models import Department, Team
from layers.queries import Place, areas_of, place_at, places_at

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WITHIN = """
    SELECT f.code, ST_X(p.geom), ST_Y(p.geom)
      FROM layers_feature f
      JOIN layers_layerversion v ON v.id = f.version_id AND v.state = 'active'
      JOIN layers_layer l ON l.id = v.layer_id AND l.slug = %s
     CROSS JOIN LATERAL (SELECT ST_PointOnSurface(f.geom) AS geom) p
     ORDER BY f.code
"""
NEAR_AN_ASSET = """
    SELECT ST_X(p.geom), ST_Y(p.geom)
      FROM layers_feature f
      JOIN layers_layerversion v ON v.id = f.version_id AND v.state = 'active'
      JOIN layers_layer l ON l.id = v.layer_id AND l.slug = %s
     CROSS JOIN LATERAL (SELECT ST_Project(ST_PointOnSurface(f.geom)::geography, %s, 0)::geometry AS geom) p
     ORDER BY f.code
"""


def rows(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def inside_every(layer: str) -> dict[str, Place]:
    """A place inside each area of a layer, by code."""
    found = rows(WITHIN, layer)
    places = places_at([LngLat(x, y) for _, x, y in found])
    return {code: place for (code, _, _), place in zip(found, places, strict=True)}


def scattered(count: int, seed: int = 7) -> list[Place]:
    """Places at random points inside the municipality."""
    west, south, east, north = settings.CITY.bounds
    chance = np.random.default_rng(seed)
    points = zip(chance.uniform(west, east, count * 4), chance.uniform(south, north, count * 4), strict=True)
    return [p for p in places_at([LngLat(float(x), float(y)) for x, y in points]) if p][:count]


# ---- all of them, everywhere


def test_there_are_452_services_and_each_has_a_department_with_a_triage_team():
    carta = services()
    assert len(carta) == 452
    triage = set(
        Team.objects.filter(is_triage=True, is_active=True).values_list("department__code", flat=True)
    )
    assert {s.department for s in carta} <= triage


@pytest.mark.parametrize("layer", [settings.CITY.neighbourhood_layer, settings.CITY.district_layer])
def test_every_geolocated_service_has_a_team_in_every_area(layer):
    book, places = RuleBook.load(), inside_every(layer)
    assert set(places) == {a.code for a in areas_of(layer)}
    placed = [s for s in services() if s.geolocated]
    assert len(placed) > 150
    undecided = [
        (s.code, code)
        for s in placed
        for code, place in places.items()
        if (d := book.decide(subject=subject_of(s), place=place, at=NOW)).rule_id is None or d.failures
    ]
    assert not undecided


def test_every_service_without_a_place_has_a_team():
    book = RuleBook.load()
    for s in services():
        if not s.geolocated:
            decision = book.decide(subject=subject_of(s), place=None, at=NOW)
            assert decision.team.department_id == s.department_id
            assert not decision.failures


def test_the_team_belongs_to_the_responsible_department_unless_a_rule_says_otherwise():
    book, elsewhere = RuleBook.load(), set()
    for place in inside_every(settings.CITY.district_layer).values():
        for s in services():
            if s.geolocated:
                decision = book.decide(subject=subject_of(s), place=place, at=NOW)
                if decision.team.department_id != s.department_id:
                    elsewhere.add(Rule.objects.get(pk=decision.rule_id).slug)
    assert elsewhere <= {"buraco-em-viaduto"}


def test_no_rule_is_broken():
    assert broken_rules(NOW) == []


def test_a_misspelt_area_and_an_area_without_a_team_are_found_by_the_doctor():
    Rule.objects.filter(slug="coleta-nas-ilhas").update(where_codes=["regiao-71"])
    Team.objects.filter(slug="dmae-leste").update(territory_codes=["regiao-03", "regiao-04"])
    assert broken_rules(NOW) == [
        "coleta-nas-ilhas: regions has no regiao-71",
        "dmae-por-regiao: no team in regiao-07",
    ]


def test_one_report_and_the_book_decide_the_same():
    carta = [s for s in services() if s.geolocated]
    book = RuleBook.load()
    for n, place in enumerate(scattered(60)):
        chosen = carta[n * 37 % len(carta)]
        assert decide(service=chosen, place=place, at=NOW) == book.decide(
            subject=subject_of(chosen), place=place, at=NOW
        )


def test_one_report_and_the_book_decide_the_same_in_every_bairro():
    lamp, book = service("tapa-buracos"), RuleBook.load()
    for place in inside_every(settings.CITY.neighbourhood_layer).values():
        assert decide(service=lamp, place=place, at=NOW) == book.decide(
            subject=subject_of(lamp), place=place, at=NOW
        )


def test_a_decision_takes_one_statement(statements):
    pothole, place = service("tapa-buracos"), scattered(1)[0]
    with statements() as seen:
        decide(service=pothole, place=place, at=NOW)
    assert len(seen) == 1


# ---- special rules


def test_on_the_islands_the_boat_collects():
    island = inside_every(settings.CITY.district_layer)["regiao-17"]
    cleaning = next(s for s in services(theme="limpeza-urbana") if s.geolocated and s.department == "dmlu")
    decision = decide(service=cleaning, place=island, at=NOW)
    assert decision.team.slug == "dmlu-ilhas"
    assert [r.code for r in decision.reasons] == ["theme_rule", "in_area", "fixed_team"]


@pytest.mark.parametrize(("metres", "special"), [(0, True), (30, True), (45, False), (300, False)])
def test_a_pothole_on_a_viaduct_is_for_who_keeps_viaducts(metres, special):
    found = []
    for x, y in rows(NEAR_AN_ASSET, "viaducts", metres)[:6]:
        place = place_at(LngLat(x, y))
        nearest = [a.distance_m for a in place.assets if a.layer == "viaducts"]
        team = decide(service=service("tapa-buracos"), place=place, at=NOW).team.slug
        assert (team == "smoi-viadutos") == bool(nearest and nearest[0] <= 40)
        found.append(team == "smoi-viadutos")
    assert found
    assert all(found) if special else not all(found)


# ---- holes and failures


def test_a_hole_of_the_regions_goes_to_triage_and_somebody_is_told(caplog):
    somewhere = scattered(1)[0]
    hole = Place(
        somewhere.point, tuple(a for a in somewhere.areas if a.layer != settings.CITY.district_layer)
    )
    with caplog.at_level(logging.ERROR):
        decision = decide(service=service("tapa-buracos"), place=hole, at=NOW)
    assert decision.team.slug == "smsurb-triagem"
    assert decision.rule_id is None
    assert [r.code for r in decision.reasons] == ["triage", "rule_failed"]
    assert decision.failures[0].data["why"] == "no_area"
    assert "smsurb-por-regiao" in caplog.text


def test_a_rule_for_a_team_that_is_gone_fails_loudly_and_the_next_one_decides(caplog):
    gone = Team.objects.create(
        slug="gone", name="Gone", department=Department.objects.get(code="smsurb"), is_active=False
    )
    pothole = service("tapa-buracos")
    Rule.objects.create(slug="to-nobody", priority=1, service_id=pothole.id, team=gone)
    place = scattered(1)[0]
    decision = decide(service=pothole, place=place, at=NOW)
    assert decision.team.slug.startswith("smsurb-conservacao-")
    assert [f.data["rule"] for f in decision.failures] == ["to-nobody"]
    assert "to-nobody" in caplog.text
    assert RuleBook.load().decide(subject=subject_of(pothole), place=place, at=NOW) == decision
    assert any("to-nobody" in line for line in broken_rules(NOW))


def test_a_rule_holds_from_its_first_moment_to_just_before_its_last():
    pothole, place = service("tapa-buracos"), scattered(1)[0]
    team = Team.objects.get(slug="smoi-viadutos")
    rule = Rule.objects.create(
        slug="works", priority=1, service_id=pothole.id, team=team,
        valid_from=NOW, valid_until=NOW + timedelta(hours=1),
    )  # fmt: skip
    for at, holds in ((0, True), (3599, True), (3600, False), (-1, False)):
        decision = decide(service=pothole, place=place, at=NOW + timedelta(seconds=at))
        assert (decision.rule_id == rule.pk) is holds


def test_a_department_without_triage_is_an_error_not_a_lost_request():
    pothole, place = service("tapa-buracos"), scattered(1)[0]
    Rule.objects.update(is_active=False)
    Team.objects.filter(slug="smsurb-triagem").update(is_active=False)
    with pytest.raises(Unready, match=r"routing\.no_team"):
        decide(service=pothole, place=place, at=NOW)
