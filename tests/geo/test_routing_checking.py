"""A rule that can never decide is named, with why; and the proof holds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issues.catalogue.models import Service
from issues.routing.checking import NEVER, PARTLY, World, findings, shadowed
from issues.routing.facts import ServiceFact
from issues.routing.maps import MapFact
from issues.routing.matching import Directory, match
from issues.routing.rows import active_rows, parse_row, rule_rows
from issues.teams.models import Team
from tests.factories.routing import POTHOLE, asset, place, rule, team

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def found(**changes):
    """Findings about one more rule beside the city's own."""
    given_ = {"slug": "mine", "service": "tapa-buracos", "priority": 1, "team": "smoi-viadutos", **changes}
    rules = rule_rows([*active_rows(), parse_row({k: v for k, v in given_.items() if v is not None})])
    return [f for f in findings(rules, now=NOW) if f.rule == "mine"]


@pytest.mark.django_db
def test_the_citys_own_rules_are_sound():
    assert findings(now=NOW) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code", "extent", "data"),
    [
        ({"where": "in_area", "where_layer": "regions", "where_codes": "regiao-71"},
         "area_unknown", NEVER, {"codes": ["regiao-71"]}),
        ({"where": "in_area", "where_layer": "regions", "where_codes": "regiao-71;regiao-01"},
         "area_unknown", PARTLY, {"codes": ["regiao-71"]}),
        ({"where": "in_area", "where_layer": "parishes"}, "layer_unpublished", NEVER, {"layer": "parishes"}),
        ({"where": "in_area", "where_layer": "viaducts"}, "not_areas", NEVER, {"layer": "viaducts"}),
        ({"where": "near_asset", "where_layer": "regions", "distance_m": 30}, "not_assets", NEVER, {}),
        ({"where": "near_asset", "where_layer": "stops", "distance_m": 30}, "layer_unpublished", NEVER, {}),
        ({"where": "near_asset", "where_layer": "viaducts", "distance_m": 300},
         "distance_too_large", PARTLY, {"distance_m": 300, "near_m": 60}),
        ({"valid_until": "2026-11-01"}, "validity_ended", NEVER, {}),
        ({"team": None, "team_of_layer": "bairros"}, "areas_without_team", NEVER, {"layer": "bairros"}),
        ({"priority": 200, "where": "in_area", "where_layer": "regions", "where_codes": "regiao-01"},
         "shadowed", NEVER, {"by": ["smsurb-por-regiao"]}),
        ({"priority": 11, "where": "near_asset", "where_layer": "viaducts", "distance_m": 30},
         "shadowed", NEVER, {"by": ["buraco-em-viaduto"]}),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_decide_is_named_with_why(changes, code, extent, data):
    (finding,) = found(**changes)
    assert (finding.code, finding.extent) == (code, extent)
    assert data.items() <= finding.data.items()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"priority": 200},  # the place may lie in a hole of the regions
        {"priority": 11, "where": "near_asset", "where_layer": "viaducts", "distance_m": 50},
        {"valid_from": "2027-01-01"},
    ],
)
def test_a_rule_that_may_decide_is_not_accused(changes):
    assert found(**changes) == []


@pytest.mark.django_db
def test_a_retired_service_and_a_team_that_is_gone_are_named():
    Service.objects.filter(code="tapa-buracos").update(is_active=False)
    Team.objects.filter(slug="smoi-viadutos").update(is_active=False)
    assert {f.code for f in found()} == {"service_retired", "team_inactive"}


@pytest.mark.django_db
def test_several_earlier_rules_together_leave_nothing():
    codes = ["regiao-01", "regiao-02"]
    area = {"service": "tapa-buracos", "where": "in_area", "where_layer": "regions", "team": "smoi-viadutos"}
    rows = [{**area, "slug": f"of-{c}", "priority": 1, "where_codes": [c]} for c in codes]
    rows.append({**area, "slug": "both", "priority": 2, "where_codes": codes})
    (finding,) = findings(rule_rows([*active_rows(), *map(parse_row, rows)]), now=NOW)
    assert (finding.rule, finding.code, finding.data) == (
        "both",
        "shadowed",
        {"by": ["of-regiao-01", "of-regiao-02"]},
    )


# ---- the proof, against every place and time of a small world

CODES = ("a", "b", "c")
MAPS = {
    "regions": MapFact("regions", "R", "area", 0, {c: c for c in CODES}, frozenset()),
    "stops": MapFact("stops", "S", "asset", 60, {"x": "x", "y": "y"}, frozenset()),
}
TEAMS = [team(1), team(2, areas={"a", "b"}), team(3, areas={"c"}), team(9, is_triage=True)]
TIMES = [None, NOW, NOW + timedelta(days=1), NOW + timedelta(days=2)]
PLACES = [None] + [
    place(assets=near, **({"regions": code} if code else {}))
    for code in (None, *CODES)
    for near in ((), (asset("stops", "x", 20),), (asset("stops", "y", 20),), (asset("stops", "x", 50),))
]


@st.composite
def rules(draw, number):
    where = draw(st.sampled_from(["anywhere", "in_area", "near_asset"]))
    fields = {"priority": draw(st.integers(1, 3)), "where": where}
    fields |= draw(st.sampled_from([{"service_id": 1}, {"theme_id": 10}, {"department_id": 100}]))
    fields |= draw(st.sampled_from([{"team_id": 1}, {"team_id": 7}, {"team_of_layer": "regions"}]))
    if where == "in_area":
        fields |= {"where_layer": "regions", "where_codes": frozenset(draw(st.sets(st.sampled_from(CODES))))}
    if where == "near_asset":
        codes = frozenset(draw(st.sets(st.sampled_from(["x", "y"]))))
        fields |= {
            "where_layer": "stops",
            "where_codes": codes,
            "distance_m": draw(st.sampled_from([30, 60])),
        }
    fields["valid_from"], fields["valid_until"] = draw(st.sampled_from(TIMES)), draw(st.sampled_from(TIMES))
    return rule(number, **fields)


@settings(max_examples=400)
@given(st.tuples(*(rules(n) for n in range(1, 6))), st.booleans())
def test_what_is_called_shadowed_never_decides_anywhere(drawn, geolocated):
    active = Directory(TEAMS)
    world = World({1: ServiceFact(POTHOLE, True, geolocated)}, MAPS, {t.id: t for t in TEAMS}, active, NOW)
    ordered = sorted(drawn, key=lambda r: r.order)
    silent = {r.id for n, r in enumerate(ordered) if shadowed(r, ordered[:n], world)}
    for where in PLACES if geolocated else [None]:
        if geolocated and where is None:
            continue
        for at in (NOW - timedelta(days=1), NOW, NOW + timedelta(hours=30), NOW + timedelta(days=9)):
            decision = match(drawn, active, subject=POTHOLE, place=where, at=at)
            assert decision.rule_id not in silent
