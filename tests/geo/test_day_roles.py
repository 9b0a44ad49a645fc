"""Roles × acts on the days of a team: who plans, who gives, who says who goes out with whom."""

from datetime import date

import pytest

from geo_central.kernel.errors import Forbidden
from issues.crew.day.operations import dissolve_crew, form_crew, give, place_member
from issues.crew.day.planning import SetOut, plan_day
from issues.crew.models import Assignment
from issues.lifecycle.models import Delivery
from issues.lifecycle.operations import Actor
from issues.teams.models import Team
from tests.factories.acts import staff
from tests.factories.crews import as_actor, crew, member
from tests.factories.reports import CENTRE, NOON, issue

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


@pytest.fixture
def team(db):
    return Team.objects.get(slug="smsurb-conservacao-16")


def plan(team, lorry, *, by):
    plan_day(team_id=team.pk, crews=[SetOut(lorry.pk, CENTRE)], by=by, now=NOON, hours=6)


ROLES = {
    "member of the crew": lambda team, lorry: as_actor(lorry.members.get().user),
    "member of the team": lambda team, lorry: as_actor(member(team)),
    "leader": lambda team, lorry: as_actor(member(team, leads=True)),
    "leader of another": lambda team, lorry: as_actor(
        member(Team.objects.get(slug="dmae-centro"), leads=True)
    ),
    "attendant": lambda team, lorry: staff("attendant"),
    "attendant of the team": lambda team, lorry: as_actor(member(team, "attendant")),
    "planner": lambda team, lorry: as_actor(member(team, "planner")),
    "manager": lambda team, lorry: staff("manager"),
    "admin": lambda team, lorry: staff("admin"),
    "citizen": lambda team, lorry: Actor("citizen"),
    "partner": lambda team, lorry: Actor("partner"),
    "system": lambda team, lorry: Actor("system"),
}
LEADERS = {"leader", "manager", "admin"}
MAY = {
    "plan": LEADERS | {"member of the crew"},
    "give": LEADERS,
    "take back": LEADERS,
    "form": LEADERS,
    "place": LEADERS,
    "dissolve": LEADERS,
}
ACTS = {
    "plan": lambda team, lorry, row, by: plan(team, lorry, by=by),
    "give": lambda team, lorry, row, by: give(
        protocol=row.protocol, team_id=team.pk, target=f"c{lorry.pk}", on=TODAY, by=by, now=NOON
    ),
    "take back": lambda team, lorry, row, by: give(
        protocol=row.protocol, team_id=team.pk, target="", on=TODAY, by=by, now=NOON
    ),
    "form": lambda team, lorry, row, by: form_crew(team_id=team.pk, name="Nova", by=by),
    "place": lambda team, lorry, row, by: place_member(
        team_id=team.pk, user_id=lorry.members.get().user_id, crew_id=None, by=by
    ),
    "dissolve": lambda team, lorry, row, by: dissolve_crew(
        team_id=team.pk, crew_id=lorry.pk, by=by, now=NOON
    ),
}


@pytest.mark.parametrize("what", ACTS)
@pytest.mark.parametrize("who", ROLES)
def test_who_may_do_what_with_the_days_of_a_team(team, who, what):
    lorry = crew(team, "Caminhão 1", member(team))
    row = issue(team)
    by = ROLES[who](team, lorry)
    if who in MAY[what]:
        ACTS[what](team, lorry, row, by)
    else:
        with pytest.raises(Forbidden):
            ACTS[what](team, lorry, row, by)
        assert not Assignment.objects.filter(issue=row).exists()
        assert not Delivery.objects.filter(issue=row).exists()
