"""Heat tiles of a million requests: any days, any services, by the server as it runs."""

import math
import os
import random
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from geo_central.kernel import clock
from issues.catalogue.models import Service
from issues.intake.operations import report as file_report
from maps.filters import HeatFilters
from maps.tiles import heat
from maps.tiles.engine import live
from maps.tiles.grid import Tile
from tests.benchmarks import load
from tests.benchmarks.conftest import COPIES, Report
from tests.factories.mvt import decode
from tests.factories.reports import draft
from tests.server import ROOT, LiveCity

LARGE = bool(os.environ.get("BENCH_LARGE"))
SIZE = 5 if LARGE else 1  # millions
TILES, PEERS = 200, 24


@pytest.fixture(scope="module")
def built(in_million: str) -> Iterator[tuple[float, float]]:
    """A store of the requests built by the command; its seconds and its megabytes."""
    if LARGE:
        with connection.cursor() as cursor:
            cursor.execute(COPIES, {"copies": 4})
            cursor.execute("VACUUM ANALYZE issues_issue")
    environment = {
        **os.environ,
        "DATABASE_URL": in_million,
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "PERSONAL_DATA_KEY": settings.PERSONAL_DATA_KEY,
    }
    with override_settings(HEAT_ROOT=settings.VAR_DIR / "bench-heat"):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "manage.py", "heat", "rebuild"], cwd=ROOT, env=environment, check=True
        )
        seconds = time.perf_counter() - began
        heat.warm(wait=True)
        yield seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


@pytest.fixture(scope="module")
def asked(built: tuple[float, float]) -> list[tuple[Tile, HeatFilters]]:
    """Tiles of zoom 8 to 16 around requests, each with days and services of its own."""
    dice = random.Random(7)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(public_geom), ST_Y(public_geom), opened_at::date FROM issues_issue"
            " WHERE public_geom IS NOT NULL AND id % 997 = 0"
        )
        spots = cursor.fetchall()
    codes = sorted(Service.objects.exclude(precision="area").order_by().values_list("code", flat=True))
    made = []
    for _ in range(TILES):
        lng, lat, day = dice.choice(spots)
        z = dice.randint(8, 16)
        side = 1 << z
        down = (0.5 - math.atanh(math.sin(math.radians(lat))) / (2 * math.pi)) * side
        first = day - timedelta(dice.randrange(500))
        some = tuple(sorted(dice.sample(codes, dice.randint(1, 150))))
        filters = HeatFilters(first=first, last=first + timedelta(dice.randrange(1, 1000)), services=some)
        made.append((Tile(z, int((lng + 180) / 360 * side), int(down)), filters))
    return made


def _get(city: LiveCity, asked: list[tuple[Tile, HeatFilters]], room: str, **headers: str) -> list[bytes]:
    address = urlsplit(city.url)
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    host = f"{address.hostname}:{address.port}"
    return [
        f"GET {room.format(tile=t)}?{f.query()} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode()
        for t, f in asked
    ]


OURS = "/tiles/heat/{tile.z}/{tile.x}/{tile.y}.mvt"
RAW = "/bench/raw/{tile.z}/{tile.x}/{tile.y}.mvt"
VECTORTILES = "/bench/vectortiles/{tile.z}/{tile.x}/{tile.y}"


def test_tiles_over_http(
    built: tuple[float, float], million_city: LiveCity, asked: list[tuple[Tile, HeatFilters]], report: Report
) -> None:
    where = (str(urlsplit(million_city.url).hostname), int(urlsplit(million_city.url).port or 80))
    ours = _get(million_city, asked, OURS)
    # Both processes load the loops beside their first requests.
    small = [a for a in asked if a[0].z > 14]
    for _ in range(4):
        load.run(where, [_get(million_city, small[:8], OURS) for _ in range(8)])
        time.sleep(1)
    floor = load.run(where, [_get(million_city, asked, "/saude/")])
    one = load.run(where, [ours])
    four = load.run(where, [ours[n:] + ours[:n] for n in range(0, TILES, TILES // 4)])
    assert one.statuses == four.statuses == {200}
    report("tiles.heat.p50", one.p50, "ms", target=6, floor=floor.p50)
    report("tiles.heat", one.p95, "ms", target=12 if LARGE else 6, floor=floor.p95)
    report("tiles.heat.rate", four.rate, "tiles/s", target=500, floor=1000 / floor.p50, at_most=False)
    with urlopen(f"{million_city.url}{OURS.format(tile=asked[0][0])}?{asked[0][1].query()}") as answer:
        tag = answer.headers["ETag"]
    again = load.run(where, [_get(million_city, asked[:1] * TILES, OURS, **{"If-None-Match": tag})])
    assert again.statuses == {304}
    report("tiles.heat.304", again.p95, "ms", target=3, floor=floor.p95)
    _beside_peers(where, million_city, asked, report)


def _beside_peers(
    where: tuple[str, int], city: LiveCity, asked: list[tuple[Tile, HeatFilters]], report: Report
) -> None:
    """The same tiles by raw SQL and by django-vectortiles: how many times as long as ours."""
    few = asked[:PEERS]
    mine = load.run(where, [_get(city, few, OURS)])
    for name, room in (("raw_sql", RAW), ("vectortiles", VECTORTILES)):
        theirs = load.run(where, [_get(city, few, room)])
        assert theirs.statuses <= {200, 204}
        report(
            f"tiles.heat.{name}", theirs.p50 / mine.p50, "times ours", target=1, floor=mine.p50, at_most=False
        )


def test_every_tile_is_exact(asked: list[tuple[Tile, HeatFilters]], report: Report) -> None:
    wrong = 0
    for tile, filters in asked:
        now = live.now()
        assert now is not None
        ours = [
            {f.paths[0][0]: f.properties["n"] for f in decode(made).get("heat", [])}
            for made in (now.tile(tile, filters, staff=False) or b"", heat.tile_by_sql(tile, filters))
        ]
        wrong += ours[0] != ours[1]
    report("tiles.heat.wrong", wrong, f"of {TILES} tiles", target=0, floor=1)


def test_building(built: tuple[float, float], report: Report) -> None:
    seconds, megabytes = built
    report("tiles.heat_build", seconds, f"s for {SIZE} M", target=12 * SIZE, floor=1)
    report("tiles.heat_build.memory", megabytes, "MB", target=1024, floor=1)


def test_what_a_report_pays(in_million: str, report: Report) -> None:
    """All that a report does for the heat store is one entry in the index of the events' transactions."""

    def reports() -> float:
        times = []
        for _ in range(150):
            given = draft(client_id=str(uuid.uuid4()))
            began = time.perf_counter()
            file_report(draft=given, now=clock.now())
            times.append((time.perf_counter() - began) * 1000)
        return median(times)

    def index(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    reports()
    with_it = [reports()]
    index("DROP INDEX event_written_in")
    without = [reports(), reports()]
    index("CREATE INDEX event_written_in ON issues_event (written_in, id)")
    with_it.append(reports())
    added = (sum(with_it) / sum(without) - 1) * 100
    report("tiles.heat_write", max(added, 0.0), "% of a report", target=10, floor=sum(without) / 2)
