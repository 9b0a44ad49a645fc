"""A morning of work sent at once, and the weight of the application that sent it."""

import gzip
import http.client
import json
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from playwright.sync_api import sync_playwright

from geo_central.kernel import clock
from issues.lifecycle.models import Issue, Photo
from issues.teams.models import Membership, User
from tests.benchmarks.conftest import Report
from tests.benchmarks.test_crew import _session
from tests.benchmarks.test_lifecycle import EVENT, OUTBOX, TOUCH
from tests.server import PASSWORD, LiveCity, free_port, running, serve_command, wait_for

ACTS = 50
ROUNDS = 7
SECRET = "x" * 32


@pytest.fixture(autouse=True)
def _database(bench_city: LiveCity, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """This process works in the server's database; nothing is rolled back or emptied."""
    with django_db_blocker.unblock():
        yield


def _floor(rows: list[Issue]) -> float:
    """Milliseconds for as many transactions with the least that an act must write."""
    started = time.perf_counter()
    for row in rows:
        now = clock.now()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(EVENT, [row.pk, now, now])
            cursor.execute(OUTBOX, [cursor.fetchone()[0], row.pk, now, now])
            cursor.execute(TOUCH, [now, row.pk])
    return 1000 * (time.perf_counter() - started)


def _batch(rows: list[Issue]) -> bytes:
    """Every second act closes a request with its photo and position; the others begin one."""
    now = int(time.time() * 1000)
    acts = []
    for n, row in enumerate(rows):
        one = {"client_id": str(uuid.uuid4()), "protocol": row.protocol, "at": now - 60_000 * (ACTS - n)}
        if n % 2 or not row.geom:
            acts.append({**one, "action": "go"})
            continue
        photo = Photo.objects.create(
            file="x.jpg", thumbnail="x.jpg", width=1, height=1, size=1, digest=b"1", uploaded_at=clock.now()
        )
        proof = {"photos": [str(photo.pk)], "lat": row.geom.y, "lng": row.geom.x, "accuracy_m": 5}
        acts.append({**one, "action": "resolve", "seen": row.state, "proof": proof})
    return json.dumps({"sent_at": now, "acts": acts}).encode()


def _send(city: LiveCity, body: bytes, cookie: str) -> float:
    """Milliseconds until every act has its answer, and each is done."""
    address = urlsplit(city.url)
    link = http.client.HTTPConnection(str(address.hostname), address.port)
    link.request("GET", "/saude/")
    link.getresponse().read()
    head = {
        "Content-Type": "application/json",
        "Cookie": f"{cookie}; csrftoken={SECRET}",
        "X-CSRFToken": SECRET,
    }
    started = time.perf_counter()
    link.request("POST", "/api/v1/crew/sync", body, head)
    answer = link.getresponse()
    results = json.loads(answer.read())["results"]
    took = 1000 * (time.perf_counter() - started)
    link.close()
    assert answer.status == 200
    assert [r["status"] for r in results] == ["done"] * ACTS, results
    return took


def test_a_batch_of_fifty_acts(bench_city: LiveCity, report: Report) -> None:
    user = User.objects.get(username="equipe")
    rows = list(
        Issue.objects.filter(state__in=["assigned", "in_progress"], geom__isnull=False, steps__isnull=True)
        .order_by("id")
        .distinct()[: ACTS * (ROUNDS + 1)]
    )
    assert len(rows) == ACTS * (ROUNDS + 1)
    teams = {r.team_id for r in rows}
    Membership.objects.bulk_create([Membership(user=user, team_id=t) for t in teams], ignore_conflicts=True)
    cookie = _session()
    batches = [rows[n * ACTS : (n + 1) * ACTS] for n in range(ROUNDS + 1)]
    floors, times = [], []
    for n, batch in enumerate(batches):
        floor, took = _floor(batch), _send(bench_city, _batch(batch), cookie)
        if n:  # the first prepares statements
            floors.append(floor)
            times.append(took)
    report("crew.sync", sorted(times)[-2], "ms", target=400, floor=sorted(floors)[ROUNDS // 2])


def _weight(url: str, path: str, cookie: str) -> tuple[int, bytes]:
    """Bytes of an answer as it travels, and as it is."""
    address = urlsplit(url)
    link = http.client.HTTPConnection(str(address.hostname), address.port)
    link.request("GET", path, headers={"Accept-Encoding": "gzip", "Accept": "text/html", "Cookie": cookie})
    answer = link.getresponse()
    body = answer.read()
    link.close()
    assert answer.status == 200, (path, answer.status)
    return len(body), gzip.decompress(body) if answer.getheader("Content-Encoding") == "gzip" else body


def test_first_load(bench_city: LiveCity, report: Report) -> None:
    cookie = _session()
    page, _ = _weight(bench_city.url, "/equipe/", cookie)
    worker, script = _weight(bench_city.url, "/equipe/sw.js", cookie)
    config = json.loads(re.match(rb"const CONFIG = (\{.*\});\n", script)[1])
    shell = sum(_weight(bench_city.url, path, cookie)[0] for path in config["shell"])
    core = sum(_weight(bench_city.url, path, cookie)[0] for path in config["map"])
    report("crew.first_load", (page + worker + shell) / 1024, "kB", target=200, floor=core / 1024)


def test_second_load_with_the_server_down(bench_city: LiveCity, report: Report) -> None:
    """Milliseconds until the list of the kept day is there; the floor is the same with the server."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    row = Issue.objects.filter(team__members__username="equipe", is_open=True, geom__isnull=False)[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        where = {"latitude": row.geom.y, "longitude": row.geom.x, "accuracy": 5}
        context = browser.new_context(locale="pt-BR", geolocation=where, permissions=["geolocation"])
        tab = context.new_page()
        with running([serve_command(port)], DATABASE_URL=bench_city.database_url) as processes:
            wait_for(f"{url}/saude/", processes)
            tab.goto(f"{url}/equipe/")
            tab.get_by_label("Usuário").fill("equipe")
            tab.get_by_label("Senha").fill(PASSWORD)
            tab.get_by_role("button", name="Entrar").click()
            tab.locator("#crew-bar span", has_text="Tudo enviado").wait_for()
            tab.get_by_role("button", name="Usar minha localização").click()
            tab.locator(".job").first.wait_for()
            tab.evaluate("navigator.serviceWorker.ready.then(() => true)")
            floor = _load(tab)
        down = _load(tab)
        assert "Sem conexão" in tab.locator("#crew-bar").inner_text()
        browser.close()
    report("crew.second_load_down", down, "ms", target=2_000, floor=floor)


def _load(tab) -> float:  # type: ignore[no-untyped-def]
    started = time.perf_counter()
    tab.reload(wait_until="commit")
    tab.locator(".job").first.wait_for()
    return 1000 * (time.perf_counter() - started)
