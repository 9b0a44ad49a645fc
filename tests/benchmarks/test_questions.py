"""One point, one text: what every form asks while it is filled in."""

import random
import time
from collections.abc import Callable

import pytest
from django.db import connection

from geo_central.kernel.geo import LngLat
from issues.catalogue.queries import search
from layers.queries import place_at, search_address
from tests.benchmarks.conftest import Report
from tests.benchmarks.load import percentile

TEXTS = (
    "buraco na rua", "luz queimada no poste", "esgoto correndo na calçada", "falta de agua",
    "arvore caida", "lixo nao recolhido", "cachorro abandonado", "sinaleira estragada",
    "segunda via iptu", "mato alto no terreno", "barulho do vizinho", "bueiro entupido",
)  # fmt: skip
ADDRESSES = (
    "av ipiranga 1200", "rua da republica 10", "borges de medeiros 1501", "protasio alves 2500",
    "rua dos andradas", "av. assis brasil, 3000", "lima e silva 400", "osvaldo aranha 900",
)  # fmt: skip


def _times(calls: list[Callable[[], object]]) -> list[float]:
    times = []
    for call in calls:
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    return times


def _empty_query() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchall()


@pytest.mark.django_db
def test_place_at(report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(geom), ST_Y(geom) FROM issues_issue WHERE geom IS NOT NULL"
            " ORDER BY md5(id::text) LIMIT 1000"
        )
        points = [LngLat(x, y) for x, y in cursor.fetchall()]
    _times([lambda p=p: place_at(p) for p in points[:100]])
    times = _times([lambda p=p: place_at(p) for p in points])
    floor = _times([_empty_query] * 500)
    report("place_at", percentile(times, 0.95), "ms", target=1.5, floor=percentile(floor, 0.95))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "ask", "texts", "target"),
    [("services.search", search, TEXTS, 10), ("address.search", search_address, ADDRESSES, 15)],
)
def test_search(
    report: Report, name: str, ask: Callable[[str], object], texts: tuple[str, ...], target: int
) -> None:
    dice = random.Random(5)
    asked = [dice.choice(texts) for _ in range(300)]
    _times([lambda t=t: ask(t) for t in asked[:30]])
    times = _times([lambda t=t: ask(t) for t in asked])
    floor = _times([_empty_query] * 500)
    report(name, percentile(times, 0.95), "ms", target=target, floor=percentile(floor, 0.95))
