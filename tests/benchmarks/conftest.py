"""Benchmarks run alone, on a durable server of their own, and say what they measured."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from geo_central.postgis import Cluster
from tests import database
from tests.server import LiveCity, live_server

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "var" / "bench-postgis"
RESULTS = ROOT / "var" / "bench.json"
COPIES = Path(__file__).with_name("million.sql").read_text()
Report = Callable[..., None]


@pytest.fixture(scope="session")
def report() -> Iterator[Report]:
    """Print one line a figure and keep them all in var/bench.json."""
    results: list[dict[str, object]] = []

    def say(name: str, value: float, unit: str, *, target: float, floor: float, at_most: bool = True) -> None:
        ratio = value / floor if floor else 0.0
        met = value <= target if at_most else value >= target
        results.append(
            {
                "name": name,
                "value": round(value, 3),
                "unit": unit,
                "target": target,
                "floor": round(floor, 3),
                "ratio": round(ratio, 3),
                "met": met,
            }
        )
        print(f"\nbench {name} {value:.3f} {unit} target {target} floor {floor:.3f} ratio {ratio:.3f}")

    yield say
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


@pytest.fixture(scope="session")
def bench_cluster() -> Iterator[Cluster]:
    """A durable server: fsync and synchronous_commit on, as in production."""
    server = Cluster(BASE, profile="durable")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def bench_template(bench_cluster: Cluster, django_db_blocker: pytest.FixtureRequest) -> str:
    """The demo city with 20,000 requests, kept between runs."""
    name = database.template_name().replace("template", "bench")
    marker = BASE / f"{name}.made"
    if not marker.exists():
        for old in BASE.glob("bench_*.made"):
            bench_cluster.drop_database(old.stem)
            old.unlink()
        bench_cluster.drop_database(name)
        url = bench_cluster.create_database(name)
        with django_db_blocker.unblock(), database.using(url):
            call_command("migrate", verbosity=0)
            call_command("load_demo_territory", verbosity=0)
            call_command("load_city", verbosity=0)
            call_command("seed_demo", issues=20_000, password="x" * 12, verbosity=0)
            with connection.cursor() as cursor:
                cursor.execute(
                    "CREATE TABLE bench_floor"
                    " (id bigserial PRIMARY KEY, body text, geom geometry(Point, 4326))"
                )
                cursor.execute("CREATE INDEX ON bench_floor USING gist (geom)")
                cursor.execute("VACUUM ANALYZE")
        marker.touch()
    return name


@pytest.fixture(scope="session")
def django_db_setup(
    bench_cluster: Cluster, bench_template: str, django_db_blocker: pytest.FixtureRequest
) -> Iterator[None]:
    """Django's connection goes to a clone of the template."""
    bench_cluster.drop_database("bench")
    url = bench_cluster.create_database("bench", bench_template)
    with django_db_blocker.unblock(), database.using(url):
        yield
    bench_cluster.drop_database("bench")


@pytest.fixture(scope="session")
def bench_city(django_db_setup: None, bench_cluster: Cluster) -> Iterator[LiveCity]:
    """The real server on that clone: two processes, the floor view beside the real ones."""
    with live_server(
        bench_cluster.url("bench"), seed=0, workers=2, DJANGO_SETTINGS_MODULE="tests.benchmarks.settings"
    ) as city:
        yield city


@pytest.fixture(scope="session")
def million(
    bench_cluster: Cluster, bench_template: str, django_db_blocker: pytest.FixtureRequest
) -> Iterator[str]:
    """A clone with a million more requests, kept for every benchmark of a run; its URL."""
    bench_cluster.drop_database("bench_million")
    url = bench_cluster.create_database("bench_million", bench_template)
    with django_db_blocker.unblock(), database.using(url), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM issues_issue WHERE geom IS NOT NULL")
        cursor.execute(COPIES, {"copies": 1_000_000 // cursor.fetchone()[0] + 1})
        cursor.execute("VACUUM ANALYZE issues_issue")
    yield url
    bench_cluster.drop_database("bench_million")


@pytest.fixture(scope="module")
def in_million(million: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """This process works among the million requests."""
    with django_db_blocker.unblock(), database.using(million):
        yield million


@pytest.fixture(scope="module")
def million_city(in_million: str) -> Iterator[LiveCity]:
    """Two server processes among the million requests."""
    settings = "tests.benchmarks.settings"
    with live_server(in_million, seed=0, workers=2, DJANGO_SETTINGS_MODULE=settings) as city:
        yield city
