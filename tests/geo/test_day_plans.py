"""The plans of what a crew's day and the leader's board ask, over two years of requests."""

import json
import re

import pytest
from django.core.management import call_command
from django.db import connection

from issues.crew.day import planning, queries
from issues.crew.models import Crew
from issues.teams.models import Team
from tests.factories.reports import CENTRE, NOON

TEAM = "smsurb-conservacao-16"
TODAY = NOON.date()


@pytest.fixture(scope="module")
def _two_years(own_database):
    call_command("seed_demo", issues=20_000, password="uma-senha-de-teste", verbosity=0)
    team = Team.objects.get(slug=TEAM)
    for n in range(3):
        Crew.objects.create(team=team, name=f"Caminhão {n}")


pytestmark = pytest.mark.usefixtures("_two_years")


def asked():
    team = Team.objects.get(slug=TEAM)
    crews = list(team.crews.order_by("pk").values_list("pk", flat=True))
    work = planning.asked_for(team.pk, crews, [CENTRE] * len(crews), TODAY)
    one = {"team": team.pk, "on": TODAY}
    return {
        planning._WORK: work,
        planning._MIDDLE: {"team": team.pk},
        planning._HOLD: {"issues": [1, 2], "on": TODAY, "crews": crews},
        queries._CREWS: {"team": team.pk},
        queries._PEOPLE: {"team": team.pk},
        queries._BOARD: {**one, "limit": 60},
        queries._ROUND: {**one, "crew": crews[0]},
        queries._ARRIVED: {**one, "since": NOON},
    }


def _literal(value):
    return f"'{{{','.join(map(str, value))}}}'" if isinstance(value, list) else f"'{value}'"


def generic_plan(query, values):
    """The plan that a prepared statement keeps whatever its parameters."""
    text = query.text.replace("%%", "%")
    for at, name in enumerate(values, 1):
        text = text.replace(f"%({name})s", f"${at}")
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE looked_at AS {text}")
        cursor.execute(
            f"EXPLAIN (FORMAT JSON) EXECUTE looked_at({', '.join(map(_literal, values.values()))})"
        )
        (plan,) = cursor.fetchone()
        cursor.execute("DEALLOCATE looked_at")
        cursor.execute("RESET plan_cache_mode")
    return plan if isinstance(plan, str) else json.dumps(plan)


def test_no_question_of_the_day_walks_the_requests_or_the_events():
    walks = re.compile(r'"Node Type": "Seq Scan"[^{}]*?"Relation Name": "(issues_issue|issues_event)"')
    found = {query.name: walks.findall(generic_plan(query, values)) for query, values in asked().items()}
    assert found == {name: [] for name in found}
    assert len(found) == 8
