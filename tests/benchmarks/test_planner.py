"""The planners' board among a million requests: every panel of it, by the server's own time."""

import time
from collections.abc import Iterator
from statistics import median

import numpy as np
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings

from geo_central.kernel import clock
from issues.teams.models import User
from maps.analytics import classes
from maps.tiles import heat
from maps.tiles.engine import building
from tests.benchmarks.conftest import Report

BOARDS = [
    "period=all",
    "period=all&layer=regions&measure=in_time&scheme=natural",
    "from=2026-01-01&to=2026-11-23",
    "period=all&theme=iluminacao-publica&measure=late",
    "from=2025-01-01&to=2026-06-30&mode=open&on=2026-06-30&scheme=equal",
    "from=2026-06-01&to=2026-11-23&channel=phone&step=week&show=difference",
]
ROUNDS = 5
ONE_PANEL = """SELECT neighbourhood, date_trunc('month', opened_at), count(*)
                 FROM issues_issue WHERE geom IS NOT NULL GROUP BY 1, 2"""


@pytest.fixture(scope="module")
def planner(in_million: str) -> Iterator[Client]:
    """A planner before a store of the million requests."""
    with override_settings(HEAT_ROOT=settings.VAR_DIR / "bench-heat", ALLOWED_HOSTS=["*"]):
        building.rebuild(now=clock.now)
        heat.warm(wait=True)
        classes.classified(np.arange(1.0, 9.0), "natural", 3)
        client = Client()
        client.force_login(User.objects.create(username="bench-planner", role="planner"))
        yield client


def test_every_panel_of_the_board(planner: Client, report: Report) -> None:
    for room in ("", "paineis/"):
        for query in BOARDS:
            assert planner.get(f"/planejamento/{room}?{query}", follow=True).status_code == 200
    took: dict[str, list[float]] = {query: [] for query in BOARDS}
    for _ in range(ROUNDS):
        for query, each in took.items():
            began = time.perf_counter()
            assert planner.get(f"/planejamento/paineis/?{query}").status_code == 200
            each.append(1000 * (time.perf_counter() - began))
    whole = [ms for each in took.values() for ms in each]
    floor = _floor()
    for query, each in took.items():
        print(f"\n  {median(each):7.1f} ms  {query}")
    report("planner.page.p50", median(whole), "ms", target=300, floor=floor)
    report("planner.page", max(median(each) for each in took.values()), "ms", target=300, floor=floor)


def test_the_requests_behind_a_number(planner: Client, report: Report) -> None:
    took = []
    for query in BOARDS * 2:
        began = time.perf_counter()
        assert planner.get(f"/planejamento/chamados/?{query}").status_code == 200
        took.append(1000 * (time.perf_counter() - began))
    report("planner.requests", median(took), "ms", target=200, floor=_floor())


def _floor() -> float:
    """One panel of the board alone by SQL, in milliseconds."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(ONE_PANEL)
            cursor.fetchall()
        took.append(1000 * (time.perf_counter() - began))
    return median(took)
