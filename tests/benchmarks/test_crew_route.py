"""A team's day is planned and written down: sixty stops, three crews, the streets of the demo city."""

import statistics
import time
from collections.abc import Iterator

import numpy as np
import pytest
from django.db.models import Count, Q
from scipy.sparse.csgraph import dijkstra

from geo_central.kernel import clock
from geo_central.kernel.geo import LngLat
from issues.crew.day.planning import SetOut, plan_day
from issues.crew.models import Assignment, Crew
from issues.lifecycle.models import Issue
from issues.lifecycle.operations import Actor
from issues.teams.models import Team
from layers.graph import street_graph
from tests.benchmarks.conftest import Report

STOPS, CREWS, TIMES = 60, 3, 7
PLACES = (LngLat(-51.2287, -30.0277), LngLat(-51.17, -30.01), LngLat(-51.20, -30.06))


@pytest.fixture
def team(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Team]:
    """The busiest team with exactly so many open requests, and three crews."""
    with django_db_blocker.unblock():
        work = Count("issues", filter=Q(issues__is_open=True, issues__geom__isnull=False))
        team = Team.objects.annotate(work=work).order_by("-work", "slug")[0]
        open_work = Issue.objects.filter(is_open=True, geom__isnull=False, state__in=["assigned", "received"])
        chosen = list(open_work.order_by("team_id", "pk").values_list("pk", flat=True)[:STOPS])
        Issue.objects.filter(team=team, is_open=True).exclude(pk__in=chosen).update(state="resolved")
        Issue.objects.filter(pk__in=chosen).update(team=team)
        for n in range(CREWS):
            Crew.objects.get_or_create(team=team, name=f"Equipe {n}")
        yield team
        Assignment.objects.all().delete()


def _seconds(task: object) -> float:
    began = time.perf_counter()
    task()  # type: ignore[operator]
    return time.perf_counter() - began


def test_sixty_stops_and_three_crews(team: Team, report: Report) -> None:
    crews = [SetOut(c.pk, p) for c, p in zip(team.crews.order_by("pk"), PLACES, strict=True)]
    by = Actor("staff", None, "admin")

    def plan() -> None:
        done = plan_day(team_id=team.pk, crews=crews, by=by, now=clock.now(), hours=12)
        assert done.stops + done.left == STOPS
        assert done.metres <= done.nearest_metres

    first = _seconds(plan)  # reads the streets and loads the solver, once a process
    graph = street_graph()
    assert graph is not None
    some = np.linspace(0, graph.nodes - 1, STOPS + CREWS).astype(int)
    floor = min(_seconds(lambda: dijkstra(graph.matrix, indices=some)) for _ in range(TIMES))
    usual = statistics.median(_seconds(plan) for _ in range(TIMES))
    report("crew.route", usual, "s", target=2.0, floor=floor)
    report("crew.route_first", first, "s", target=5.0, floor=floor)
