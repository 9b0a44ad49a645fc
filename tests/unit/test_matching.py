"""Which team, and why: rules as values, without a database."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_central.kernel.errors import Unready
from issues.routing.matching import Directory, match
from tests.factories.routing import POTHOLE, asset, place, rule, team

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TRIAGE = team(99, name="Triage", is_triage=True)
TEAMS = Directory([team(1), team(2), team(3), team(4, areas={"r-1", "r-2"}), TRIAGE])
CENTRE = place(regions="r-1", bairros="centro")


def decide(*rules, teams=TEAMS, where=CENTRE, at=NOW):
    return match(rules, teams, subject=POTHOLE, place=where, at=at)


def codes(decision):
    return [r.code for r in decision.reasons]


# ---- the order


def test_the_lowest_priority_number_decides_before_anything_else():
    precise = rule(1, priority=20, where="near_asset", where_layer="stops", distance_m=100, team_id=1)
    blunt = rule(2, priority=10, department_id=100, team_id=2)
    where = place(regions="r-1", assets=(asset("stops", "s", 5),))
    assert decide(precise, blunt, where=where).rule_id == 2


def test_a_service_comes_before_a_theme_before_a_department():
    about_department, about_theme = rule(1, department_id=100), rule(2, theme_id=10)
    about_service = rule(3, service_id=1)
    assert decide(about_department, about_theme, about_service).rule_id == 3
    assert decide(about_department, about_theme).rule_id == 2


def test_near_comes_before_in_an_area_before_anywhere():
    anywhere = rule(1)
    inside = rule(2, where="in_area", where_layer="regions", where_codes=frozenset({"r-1"}))
    near = rule(3, where="near_asset", where_layer="stops", distance_m=50)
    where = place(regions="r-1", assets=(asset("stops", "s", 5),))
    assert decide(anywhere, inside, near, where=where).rule_id == 3
    assert decide(anywhere, inside, where=where).rule_id == 2


def test_a_service_anywhere_comes_before_a_theme_near_something():
    theme_near = rule(1, theme_id=10, where="near_asset", where_layer="stops", distance_m=50)
    where = place(assets=(asset("stops", "s", 5),))
    assert decide(theme_near, rule(2, service_id=1), where=where).rule_id == 2


def test_the_older_rule_decides_between_equals():
    assert decide(rule(7, team_id=2), rule(5, team_id=3)).rule_id == 5


# ---- what a rule is about


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"service_id": 1}, "service_rule"),
        ({"theme_id": 10}, "theme_rule"),
        ({"department_id": 100}, "department_rule"),
    ],
)
def test_the_first_reason_says_what_the_rule_is_about(about, reason):
    assert codes(decide(rule(1, **about)))[0] == reason


@pytest.mark.parametrize("about", [{"service_id": 2}, {"theme_id": 11}, {"department_id": 101}])
def test_rules_about_something_else_are_passed_over(about):
    decision = decide(rule(1, **about))
    assert decision.rule_id is None
    assert decision.team is TRIAGE


# ---- where


def test_in_an_area_without_codes_is_anywhere_in_that_layer():
    inside = rule(1, where="in_area", where_layer="bairros")
    assert decide(inside).rule_id == 1
    assert decide(inside, where=place(regions="r-1")).rule_id is None


def test_in_an_area_with_codes_is_in_one_of_those():
    inside = rule(1, where="in_area", where_layer="bairros", where_codes=frozenset({"centro", "farrapos"}))
    assert decide(inside).rule_id == 1
    assert decide(inside, where=place(bairros="restinga")).rule_id is None


def test_the_same_code_in_another_layer_is_not_the_same_area():
    inside = rule(1, where="in_area", where_layer="bairros", where_codes=frozenset({"r-1"}))
    assert decide(inside).rule_id is None


@pytest.mark.parametrize(("metres", "fits"), [(0.0, True), (39.9, True), (40.0, True), (40.001, False)])
def test_near_includes_the_distance_itself(metres, fits):
    near = rule(1, where="near_asset", where_layer="viaducts", distance_m=40)
    found = decide(near, where=place(assets=(asset("viaducts", "v", metres),)))
    assert (found.rule_id == 1) is fits


def test_near_takes_the_nearest_of_the_right_layer_and_codes():
    near = rule(1, where="near_asset", where_layer="stops", distance_m=50, where_codes=frozenset("bc"))
    around = (
        asset("schools", "b", 1),
        asset("stops", "a", 2),
        asset("stops", "c", 9),
        asset("stops", "b", 20),
    )
    reason = decide(near, where=place(assets=around)).reasons[1]
    assert reason.code == "near_asset"
    assert reason.data == {"layer": "stops", "asset": "C", "distance_m": 9}


# ---- when


@pytest.mark.parametrize(
    ("starts", "ends", "fits"),
    [
        (None, None, True),
        (0, None, True),
        (1, None, False),
        (None, 0, False),
        (None, 1, True),
        (-1, 1, True),
        (0, 0, False),
    ],
)
def test_validity_is_half_open(starts, ends, fits):
    def moment(seconds):
        return None if seconds is None else NOW + timedelta(seconds=seconds)

    assert (decide(rule(1, valid_from=moment(starts), valid_until=moment(ends))).rule_id == 1) is fits


# ---- who


def test_the_team_of_the_area_is_found_by_the_territory():
    decision = decide(rule(1, team_id=None, team_of_layer="regions"))
    assert decision.team.id == 4
    assert codes(decision) == ["service_rule", "team_of_area"]
    assert decision.reasons[1].data == {"layer": "regions", "area": "R-1", "team": "Team 4"}


def test_the_team_of_the_area_may_be_another_departments():
    other = team(5, department_id=200, areas={"r-1"})
    borrowed = rule(1, team_id=None, team_of_layer="regions", team_department_id=200)
    assert decide(borrowed, teams=Directory([team(4, areas={"r-1"}), other, TRIAGE])).team is other


def test_two_teams_may_share_an_area_in_different_layers():
    mine = team(5, areas={"r-1"}, territory_layer="bairros")
    decision = decide(rule(1, team_id=None, team_of_layer="regions"), teams=Directory([mine, TRIAGE]))
    assert decision.team is TRIAGE


# ---- rules that cannot be evaluated


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"team_id": 77}, {"why": "team_inactive"}),
        ({"team_id": None, "team_of_layer": "zones"}, {"why": "no_area", "layer": "zones"}),
        ({"team_id": None, "team_of_layer": "bairros"}, {"why": "no_team_of_area", "area": "CENTRO"}),
    ],
)
def test_a_rule_that_fails_is_told_and_the_next_one_decides(broken, why):
    decision = decide(rule(1, priority=1, **broken), rule(2, team_id=2))
    assert decision.rule_id == 2
    assert decision.team.id == 2
    assert [dict(f.data) for f in decision.failures] == [{"rule": "rule-1", **why}]


def test_what_no_rule_places_goes_to_triage_with_the_reason():
    decision = decide()
    assert decision.team is TRIAGE
    assert decision.rule_id is None
    assert decision.reasons[0].data == {"department": "SMSURB", "team": "Triage"}


def test_a_hole_in_the_layer_goes_to_triage_and_the_failure_is_told():
    decision = decide(rule(1, team_id=None, team_of_layer="regions"), where=place(bairros="centro"))
    assert decision.team is TRIAGE
    assert codes(decision) == ["triage", "rule_failed"]


def test_a_department_without_triage_is_an_error_that_somebody_sees():
    with pytest.raises(Unready) as refused:
        decide(teams=Directory([team(1), team(98, is_triage=True, department_id=200)]))
    assert refused.value.code == "routing.no_team"
    assert refused.value.data == {"service": "Buraco"}


# ---- services without a place


def test_without_a_place_only_rules_about_anywhere_that_name_a_team_fit():
    by_area = rule(1, priority=1, where="in_area", where_layer="regions")
    near = rule(2, priority=2, where="near_asset", where_layer="stops", distance_m=10)
    of_area = rule(3, priority=3, team_id=None, team_of_layer="regions")
    decision = decide(by_area, near, of_area, rule(4, priority=4, team_id=2), where=None)
    assert decision.rule_id == 4
    assert not decision.failures
    assert decide(by_area, near, of_area, where=None).team is TRIAGE


# ---- whatever the rules

abouts = st.sampled_from(
    [{"service_id": 1}, {"service_id": 2}, {"theme_id": 10}, {"department_id": 100}, {"department_id": 101}]
)
places = st.one_of(
    st.just({}),
    st.builds(
        lambda layer, some: {"where": "in_area", "where_layer": layer, "where_codes": some},
        st.sampled_from(["regions", "bairros"]),
        st.frozensets(st.sampled_from(["r-1", "r-2", "centro"])),
    ),
    st.builds(
        lambda metres: {"where": "near_asset", "where_layer": "stops", "distance_m": metres},
        st.integers(0, 60),
    ),
)
givens = st.sampled_from(
    [{"team_id": 1}, {"team_id": 2}, {"team_id": 77}]
    + [{"team_id": None, "team_of_layer": layer} for layer in ("regions", "bairros", "zones")]
)
rule_lists = st.lists(
    st.tuples(st.integers(1, 5), abouts, places, givens).map(
        lambda t: {"priority": t[0], **t[1], **t[2], **t[3]}
    ),
    max_size=12,
).map(lambda found: [rule(n, **fields) for n, fields in enumerate(found, 1)])
spots = st.one_of(
    st.none(),
    st.builds(
        lambda region, metres: place(regions=region, bairros="centro", assets=(asset("stops", "s", metres),)),
        st.sampled_from(["r-1", "r-2", "r-3"]),
        st.floats(0, 80),
    ),
)


@given(rule_lists, spots, st.randoms(use_true_random=False))
def test_the_order_in_which_rules_are_written_changes_nothing(rules, where, chance: random.Random):
    shuffled = list(rules)
    chance.shuffle(shuffled)
    assert decide(*shuffled, where=where) == decide(*rules, where=where)


@given(rule_lists, spots)
def test_there_is_always_a_team_and_always_a_reason(rules, where):
    decision = decide(*rules, where=where)
    assert decision.team is not None
    assert decision.reasons
    assert (decision.rule_id is None) == (decision.team is TRIAGE)


@given(rule_lists, spots)
def test_a_rule_that_did_not_decide_may_go_without_changing_the_decision(rules, where):
    decision = decide(*rules, where=where)
    kept = [r for r in rules if r.id == decision.rule_id]
    alone = decide(*kept, where=where)
    assert (alone.team, alone.rule_id) == (decision.team, decision.rule_id)
