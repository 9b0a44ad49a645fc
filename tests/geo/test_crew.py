"""Work around a crew: its own, in order, page by page, without loss or repetition."""

import json
import random
from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point

from geo_central.kernel.geo import LngLat
from issues.crew.queries import near
from issues.lifecycle.models import IssueStep
from issues.teams.models import Membership, Team, User
from issues.teams.queries import teams_of
from tests.factories.reports import CENTRE, NOON, issue

pytestmark = pytest.mark.django_db


@pytest.fixture
def teams():
    return list(Team.objects.filter(slug__startswith="smsurb-conservacao-").order_by("slug")[:3])


def east(metres: float) -> LngLat:
    return LngLat(CENTRE.lng + metres / 96_330, CENTRE.lat)


def ask(teams, **options):
    given = {"point": CENTRE, "radius_m": 3000, "limit": 200, "now": NOON}
    return near(team_ids=[t.pk for t in teams], **{**given, **options})


def protocols(page):
    return [json.loads(f)["id"] for f in page.features]


def all_pages(teams, limit, **options):
    seen, after = [], None
    while True:
        page = ask(teams, limit=limit, after=after, **options)
        seen += protocols(page)
        after = page.next_key
        if after is None:
            return seen


def test_the_nearest_comes_first_with_its_distance_in_metres(teams):
    far, close = issue(teams[0], east(200)), issue(teams[0], east(50))
    page = ask(teams)
    assert protocols(page) == [close.protocol, far.protocol]
    metres = [json.loads(f)["properties"]["distance_m"] for f in page.features]
    assert metres == pytest.approx([50, 200], rel=0.01)
    assert page.next_key is None


@pytest.mark.parametrize("by_due", [False, True])
def test_what_is_with_another_team_comes_while_a_step_of_it_is_open_here(teams, by_due):
    mine, other, third = teams
    own, lent = issue(mine, east(50)), issue(other, east(100))
    for at, code in ((mine, "rede"), (third, "sinal")):
        IssueStep.objects.create(
            issue=lent, code=code, name=code, team=at, away=True, opened_at=NOON, due_at=lent.due_at
        )
    assert protocols(ask([mine], by_due=by_due)) == [own.protocol, lent.protocol]
    assert all_pages([mine, third], 1, by_due=by_due) == [own.protocol, lent.protocol]
    assert protocols(ask(teams, by_due=by_due)) == [own.protocol, lent.protocol]
    IssueStep.objects.filter(issue=lent).update(state="done", closed_at=NOON)
    assert protocols(ask([mine], by_due=by_due)) == [own.protocol]


def test_the_soonest_due_comes_first_when_asked_for(teams):
    late = issue(teams[0], east(10), due_at=NOON + timedelta(days=3))
    soon = issue(teams[1], east(900), due_at=NOON + timedelta(days=1))
    gone = issue(teams[0], east(500), due_at=NOON - timedelta(days=1))
    page = ask(teams, by_due=True)
    assert protocols(page) == [gone.protocol, soon.protocol, late.protocol]
    assert [json.loads(f)["properties"]["overdue"] for f in page.features] == [True, False, False]


def test_only_what_is_open_mine_placed_and_within_the_radius_is_shown(teams):
    mine, others = teams[:1], teams[1]
    shown = issue(mine[0], east(100))
    issue(others, east(100))
    issue(mine[0], east(100), state="resolved")
    issue(mine[0], None)
    issue(mine[0], east(400))
    for by_due in (False, True):
        assert protocols(ask(mine, radius_m=300, by_due=by_due)) == [shown.protocol]


def test_the_radius_includes_its_own_metre(teams):
    there = issue(teams[0], east(100))
    (feature,) = ask(teams).features
    metres = json.loads(feature)["properties"]["distance_m"]
    assert protocols(ask(teams, radius_m=metres + 0.1)) == [there.protocol]
    assert protocols(ask(teams, radius_m=metres - 0.1)) == []


def test_without_teams_there_is_no_work(teams):
    issue(teams[0])
    assert ask([]).features == ()


@pytest.mark.parametrize("by_due", [False, True])
@pytest.mark.parametrize("limit", [1, 7, 25])
def test_pages_neither_lose_nor_repeat(teams, by_due, limit):
    """Several at one point, several due at one moment, in several teams."""
    chance = random.Random(4)
    for _ in range(50):
        point, due = east(chance.choice([0, 40, 40.5, 300])), NOON + timedelta(days=chance.randrange(3))
        issue(chance.choice(teams), point, due_at=due)
    everything = protocols(ask(teams, by_due=by_due))
    assert len(everything) == 50
    assert all_pages(teams, limit, by_due=by_due) == everything


def test_a_page_ends_where_the_next_begins_even_when_work_is_finished_meanwhile(teams):
    made = [issue(teams[0], east(10 * n)) for n in range(1, 7)]
    first = ask(teams, limit=3)
    made[0].state = "resolved"
    made[0].save(update_fields=["state"])
    rest = ask(teams, limit=3, after=first.next_key)
    assert protocols(first) + protocols(rest) == [i.protocol for i in made]


def test_a_feature_has_what_a_crew_needs(teams):
    issue(teams[0], east(5), description="Buraco fundo", address="Rua A, 10", priority=1)
    feature = json.loads(ask(teams).features[0])
    assert feature["type"] == "Feature"
    assert feature["geometry"]["type"] == "Point"
    assert set(feature["properties"]) == {
        "protocol", "service", "service_name", "state", "team", "address", "neighbourhood", "description",
        "priority", "followers", "opened_at", "due_at", "overdue", "distance_m",
    }  # fmt: skip


def test_the_point_is_where_it_is_not_where_the_public_sees_it(teams):
    row = issue(teams[0], east(20))
    row.public_geom = Point(-51.0, -30.0, srid=4326)
    row.save(update_fields=["public_geom"])
    lng, lat = json.loads(ask(teams).features[0])["geometry"]["coordinates"]
    assert (lng, lat) == pytest.approx((east(20).lng, CENTRE.lat), abs=1e-6)


# ---- whose work


def person(role, *teams):
    user = User.objects.create_user(f"u-{role}", password="x", role=role)
    for team in teams:
        Membership.objects.create(user=user, team=team)
    return user


def test_a_crew_sees_the_work_of_its_own_teams(teams):
    assert teams_of(person("crew", *teams[:2])) == tuple(sorted(t.pk for t in teams[:2]))
    assert teams_of(person("attendant")) == ()


def test_a_team_that_is_gone_has_no_work(teams):
    member = person("crew", teams[0])
    Team.objects.filter(pk=teams[0].pk).update(is_active=False)
    assert teams_of(member) == ()


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_a_manager_sees_every_team(role):
    assert len(teams_of(person(role))) == Team.objects.filter(is_active=True).count()
