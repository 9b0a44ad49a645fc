"""Days planned and work given by many at once: nothing is given twice, nothing fails."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import close_old_connections, connections

from geo_central.kernel.geo import LngLat
from issues.crew.day.operations import give, own_crew
from issues.crew.day.planning import SetOut, plan_day
from issues.crew.models import Assignment, Crew, CrewMember
from issues.lifecycle.models import Event
from issues.lifecycle.operations import Actor
from issues.teams.models import Team
from tests.factories.crews import crew, member
from tests.factories.reports import CENTRE, NOON, issue

pytestmark = pytest.mark.usefixtures("own_database")

TODAY = NOON.date()
BOSS = Actor("staff", None, "admin")
MANY = 6


@pytest.fixture
def team(own_database):
    Assignment.objects.all().delete()
    Crew.objects.all().delete()
    found = Team.objects.get(slug="smsurb-conservacao-16")
    found.issues.filter(is_open=True).update(state="cancelled")
    return found


def at_once(*tasks):
    """Run them all at the same moment, each on a connection of its own; their answers."""
    start = Barrier(len(tasks))

    def run(task):
        close_old_connections()
        try:
            start.wait(20)
            return task()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def work(team, count):
    return [issue(team, LngLat(CENTRE.lng + n / 2000, CENTRE.lat)) for n in range(count)]


def plan(team, one):
    plan_day(team_id=team.pk, crews=[SetOut(one.pk, CENTRE)], by=BOSS, now=NOON, hours=8)


def test_crews_that_plan_at_once_never_share_a_stop(team):
    rows = work(team, 12)
    lorries = [crew(team, f"Caminhão {n}") for n in range(3)]
    at_once(*[lambda one=one: plan(team, one) for one in lorries for _ in range(2)])
    given = Assignment.objects.filter(issue__in=rows)
    assert given.count() == len({a.issue_id for a in given.order_by("pk")})
    for one in lorries:
        positions = list(one.assignments.order_by("position").values_list("position", flat=True))
        assert len(positions) == len(set(positions))


def test_a_leader_who_gives_while_a_plan_is_made_has_the_last_word(team):
    rows = work(team, 6)
    near, chosen = crew(team, "Perto"), crew(team, "Escolhido")

    def hand(row):
        give(protocol=row.protocol, team_id=team.pk, target=f"c{chosen.pk}", on=TODAY, by=BOSS, now=NOON)

    at_once(lambda: plan(team, near), *[lambda row=row: hand(row) for row in rows])
    assert set(Assignment.objects.values_list("crew_id", "is_pinned").distinct().order_by("crew_id")) == {
        (chosen.pk, True)
    }


def test_one_given_twice_at_once_is_given_once(team):
    (row,) = work(team, 1)
    lorry = crew(team)
    ask = {"protocol": row.protocol, "team_id": team.pk, "target": f"c{lorry.pk}", "on": TODAY}
    at_once(*[lambda: give(**ask, by=BOSS, now=NOON)] * MANY)
    assert Event.objects.filter(issue=row, code="crew_assigned").count() == 1


def test_whoever_goes_out_alone_is_one_crew_however_often_asked(team):
    worker = member(team)
    found = at_once(*[lambda: own_crew(team_id=team.pk, user_id=worker.pk)] * MANY)
    assert len(set(found)) == 1
    assert CrewMember.objects.filter(user=worker).count() == 1
    assert Crew.objects.filter(team=team).count() == 1
