"""Two thousand open streams on one process: from commit to client, and when the listener is killed."""

import asyncio
import multiprocessing
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from geo_central.postgis import Cluster
from tests.benchmarks.conftest import Report
from tests.benchmarks.crowd import Heard, crowd
from tests.benchmarks.load import percentile
from tests.geo.test_live_streams import LISTENER
from tests.server import free_port, live_streams

STREAMS = 2000
EVENTS = 40
PAUSE = 0.25
INSERT = (
    "WITH told AS (INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data, by, note)"
    " SELECT id, 'noted', now(), now(), true, '{}', '', '' FROM issues_issue WHERE id = %s FOR UPDATE"
    " RETURNING id, issue_id) SELECT id, pg_notify('issue_events', issue_id::text) FROM told"
)


def requests(count: int) -> list[tuple[int, str]]:
    """Requests with their secret links, and how far their stories go."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.id, '/fluxo/s/' || i.token || '?after=' || (SELECT max(id) FROM issues_event)"
            " FROM issues_issue i ORDER BY i.id LIMIT %s",
            [count],
        )
        return cursor.fetchall()


def write(url: str, issues: list[int], pause: float, kill_at: int = -1) -> dict[int, float]:
    """One event a request, each in its own transaction; the moment of each commit."""
    committed = {}
    with psycopg.connect(url, autocommit=True) as link, psycopg.connect(url, autocommit=True) as other:
        for number, issue in enumerate(issues):
            (event, _) = link.execute(INSERT, [issue]).fetchone()
            committed[event] = time.monotonic()
            if number == kill_at:
                other.execute(LISTENER)
            time.sleep(pause)
    return committed


def delays(heard: Heard, committed: dict[int, float]) -> list[float]:
    """Milliseconds from each commit to each client."""
    return [1000 * (at - committed[event]) for stream in heard for event, at in stream]


@contextmanager
def bare(url: str) -> Iterator[tuple[str, int]]:
    """The floor: asyncio alone passes each notice on to every socket, without HTTP, reading or limits."""
    port = free_port()
    process = multiprocessing.get_context("fork").Process(target=lambda: asyncio.run(_bare(url, port)))
    process.start()
    time.sleep(1)
    try:
        yield "127.0.0.1", port
    finally:
        process.terminate()
        process.join()


async def _bare(url: str, port: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    writers: list[asyncio.StreamWriter] = []

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"retry: 1\n\n")
        writers.append(writer)

    await asyncio.start_server(greet, "127.0.0.1", port, backlog=4096)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as link:
        await link.execute("LISTEN bench_floor")
        async for notice in link.notifies():
            for writer in writers:
                writer.write(b"id: %s\ndata: {}\n\n" % notice.payload.encode())


@pytest.fixture(scope="module")
def url(bench_cluster: Cluster, django_db_setup: None) -> str:
    return bench_cluster.url("bench")


@pytest.fixture
def floor(url: str) -> float:
    """p95 of the bare server, in milliseconds."""
    with (
        bare(url) as address,
        crowd(address, ["/"] * STREAMS) as clients,
        psycopg.connect(url, autocommit=True) as link,
    ):
        committed = {}
        for number in range(EVENTS):
            link.execute("SELECT pg_notify('bench_floor', %s)", [str(number)])
            committed[number] = time.monotonic()
            time.sleep(PAUSE)
        return percentile(delays(clients.heard(EVENTS), committed), 0.95)


@pytest.mark.django_db
def test_from_commit_to_client(url: str, floor: float, report: Report) -> None:
    rows = requests(STREAMS)
    (one, path), *_ = rows
    with live_streams(url) as (address, _):
        where = urlsplit(address)
        at = (str(where.hostname), int(where.port or 80))
        with crowd(at, [path] * STREAMS) as clients:
            write(url, [one] * 4, PAUSE)
            clients.heard(4)
            committed = write(url, [one] * EVENTS, PAUSE)
            heard = clients.heard(EVENTS)
        assert all([event for event, _ in stream] == list(committed) for stream in heard)
        all_on_one = delays(heard, committed)
        with crowd(at, [path for _, path in rows]) as clients:
            clients.heard(0)
            committed = write(url, [issue for issue, _ in rows[:400]], 0.005)
            time.sleep(1)
            each_their_own = delays(clients.heard(0), committed)
        assert len(each_their_own) == 400
    value = percentile(all_on_one, 0.95)
    report("tracking.sse", value, "ms p95, 2,000 streams of one request", target=100, floor=floor)
    value = percentile(each_their_own, 0.95)
    report("tracking.sse.own", value, "ms p95, 2,000 streams of 2,000 requests", target=100, floor=floor)


@pytest.mark.django_db
def test_nothing_is_lost_when_the_listener_is_killed_in_mid_burst(url: str, report: Report) -> None:
    (one, path), *_ = requests(1)
    with live_streams(url) as (address, _):
        where = urlsplit(address)
        with crowd((str(where.hostname), int(where.port or 80)), [path] * STREAMS) as clients:
            clients.heard(0)
            committed = write(url, [one] * 100, 0.002, kill_at=30)
            heard = clients.heard(100)
    wrong = sum([event for event, _ in stream] != list(committed) for stream in heard)
    report("tracking.sse.killed", wrong, "streams that lost or doubled an event", target=0, floor=1)
    assert not wrong
