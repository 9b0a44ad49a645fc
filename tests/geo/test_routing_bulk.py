"""Deciding in bulk and deciding one at a time are the same: on borders, in holes, beside assets."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection

from geo_central.kernel.errors import Invalid
from geo_central.kernel.geo import LngLat
from issues.routing.facts import ServiceFact, service_facts, teams
from issues.routing.matching import RuleRow
from issues.routing.placing import Side
from issues.routing.queries import RuleBook
from layers.queries import Place, place_at, published_versions
from tests.geo.grid import Grid, assets_from, layer_from

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
POINTS = 10_000
RULE_SETS = 20
ART = """
    A-----B-----E
    |  s  |     |
    | a-b |  t  |
    | | | |     |
    | d-c |  u  |
    |     |     |
    D-----C-----F
"""
AREAS = {"west": "ABCD/abcd", "east": "BEFC"}
BOUNDARY = """
SELECT ST_X(p.geom), ST_Y(p.geom)
  FROM layers_feature f CROSS JOIN LATERAL ST_DumpPoints(f.geom) p
 WHERE f.version_id = %s ORDER BY f.id, p.path LIMIT 20000
"""


def scenery(chance: random.Random) -> list[LngLat]:
    """Points on vertices and borders, in and around a hole, beside assets, anywhere and outside."""
    grid = Grid(ART)
    layer_from(grid, AREAS)
    assets_from(grid, "stu", near_m=60)
    corners = list(grid.points.values())
    borders = [("B", "C"), ("A", "D"), ("a", "b"), ("b", "c"), ("E", "F"), ("D", "C")]
    points: list[LngLat] = []
    while len(points) < POINTS // 2:
        start, end = (grid.points[letter] for letter in chance.choice(borders))
        share = chance.random()
        points.append(
            LngLat(start.lng + (end.lng - start.lng) * share, start.lat + (end.lat - start.lat) * share)
        )
        points.append(chance.choice(corners))
        asset = grid.points[chance.choice("stu")]
        step = chance.choice((20, 29.99, 30.01, 49.9, 50.1, 59.9, 60.1)) / 111_000
        points.append(LngLat(asset.lng, asset.lat + chance.choice((-1, 1)) * step))
        west, north = grid.points["A"].lng, grid.points["A"].lat
        points.append(LngLat(west + chance.uniform(-0.001, 0.008), north - chance.uniform(-0.001, 0.005)))
    with connection.cursor() as cursor:
        cursor.execute(BOUNDARY, [published_versions()[settings.CITY.boundary_layer]])
        edge = [LngLat(*row) for row in cursor.fetchall()]
    lngs, lats = [p.lng for p in edge], [p.lat for p in edge]
    points += chance.choices(edge, k=POINTS // 10)
    while len(points) < POINTS:
        points.append(
            LngLat(
                chance.uniform(min(lngs) - 0.02, max(lngs) + 0.02),
                chance.uniform(min(lats) - 0.02, max(lats) + 0.02),
            )
        )
    return points[:POINTS]


def rule_set(chance: random.Random, facts: list[ServiceFact], team_ids: list[int]) -> list[RuleRow]:
    """Rules of every kind in no order: priorities that tie, windows open at either end."""
    rules = []
    for n in range(1, chance.randint(4, 25)):
        subject = chance.choice(facts).subject
        about = chance.choice(("service_id", "theme_id", "department_id"))
        where, layer, codes, metres = chance.choice((
            ("anywhere", "", (), None), ("in_area", "zones", ("west",), None), ("in_area", "zones", (), None),
            ("in_area", "zones", ("east", "west"), None), ("near_asset", "stops", (), 30),
            ("near_asset", "stops", ("s", "t"), 50), ("near_asset", "stops", (), 60),
        ))  # fmt: skip
        starts = NOW + timedelta(days=chance.randint(-60, 60))
        rules.append(
            RuleRow(
                id=n, slug=f"regra-{n}", priority=chance.randint(1, 4), where=where, where_layer=layer,
                where_codes=frozenset(codes), distance_m=metres, team_id=chance.choice(team_ids),
                valid_from=chance.choice((None, starts)),
                valid_until=chance.choice((None, starts + timedelta(days=chance.randint(1, 90)))),
                **{about: getattr(subject, about)},
            )
        )  # fmt: skip
    return rules


def single(point: LngLat) -> Place | None:
    """The place that one report would get; None outside the city."""
    try:
        return place_at(point)
    except Invalid as refused:
        if refused.code not in ("place.outside_city", "place.swapped"):
            raise
        return None


def test_bulk_and_single_agree_on_ten_thousand_points_under_random_rules():
    chance = random.Random(20261123)
    points = scenery(chance)
    facts, known = list(service_facts().values()), teams()
    sets = [rule_set(chance, facts[:6], [t.id for t in known]) for _ in range(RULE_SETS)]
    books = [RuleBook(rules, known) for rules in sets]
    bulk = Side(sets[0], books[0]).places(points, assets=True)
    placed = outside = ruled = 0
    for n, (point, found) in enumerate(zip(points, bulk, strict=True)):
        alone = single(point)
        assert (found is None) == (alone is None), point
        if found is None or alone is None:
            outside += 1
            continue
        placed += 1
        asked = {
            "subject": chance.choice(facts[:6]).subject, "at": NOW + timedelta(days=chance.randint(-90, 90)),
        }  # fmt: skip
        book = books[n % RULE_SETS]
        one, many = book.decide(place=alone, **asked), book.decide(place=found, **asked)
        assert one == many, point
        ruled += one.rule_id is not None
    assert placed > POINTS // 2
    assert outside > 100
    assert ruled > 500
