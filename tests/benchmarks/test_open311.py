"""Other cities' clients at the door, and reading among a million requests."""

import json
import random
import uuid
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from geo_central.kernel import clock
from issues.lifecycle.models import Issue
from issues.teams import keys
from tests.benchmarks import load
from tests.benchmarks.conftest import Report
from tests.server import LiveCity

CLIENTS, EACH = 4, 300


def _where(city: LiveCity) -> tuple[tuple[str, int], str]:
    address = urlsplit(city.url)
    return (str(address.hostname), int(address.port or 80)), f"{address.hostname}:{address.port}"


def test_a_report_by_open311_costs_little_more_than_one_by_the_page(
    million_city: LiveCity, report: Report
) -> None:
    where, host = _where(million_city)
    secret = keys.make(name="bench", scopes=["report"], quota=0, by=None, now=clock.now())[1]
    real_ones = Issue.objects.exclude(geom=None).exclude(protocol__startswith="b-")
    points = list(real_ones.values_list("geom", flat=True)[:2000])
    dice = random.Random(11)

    def spot() -> tuple[float, float]:
        point = dice.choice(points)
        return point.y + dice.gauss(0, 1e-6), point.x + dice.gauss(0, 1e-6)

    def ours() -> bytes:
        lat, lng = spot()
        body = {"client_id": str(uuid.uuid4()), "service": "tapa-buracos", "lat": lat, "lng": lng}
        return load.post("/api/v1/issues", host, json.dumps(body | {"description": "Buraco"}).encode())

    def theirs() -> bytes:
        lat, lng = spot()
        given = {"api_key": secret, "service_code": "tapa-buracos", "lat": lat, "long": lng}
        body = urlencode(given | {"description": "Buraco"}).encode()
        head = (
            f"POST /open311/v2/requests.json HTTP/1.1\r\nHost: {host}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    for make in (ours, theirs):
        load.run(where, [[make() for _ in range(60)] for _ in range(CLIENTS)])
    floor = load.run(where, [[ours() for _ in range(EACH)] for _ in range(CLIENTS)])
    real = load.run(where, [[theirs() for _ in range(EACH)] for _ in range(CLIENTS)])
    assert floor.statuses == {201}
    assert real.statuses == {200}
    share = real.rate / floor.rate
    report("open311.post", share, "of intake.http", target=0.8, floor=1, at_most=False)


def test_pages_of_requests(million_city: LiveCity, report: Report) -> None:
    where, host = _where(million_city)
    dice = random.Random(5)
    days = [clock.now() - timedelta(days=dice.randrange(90, 900)) for _ in range(30)]

    def page(size: int, number: int) -> list[bytes]:
        return [
            load.get(
                f"/open311/v2/requests.json?end_date={d:%Y-%m-%dT%H:%M:%SZ}&page={number}&page_size={size}",
                host,
            )
            for d in days
        ]

    load.run(where, [page(50, 1)[:5]])
    floor = load.run(where, [[load.get("/saude/", host)] * 200])
    for name, size, number, target in (
        ("open311.requests", 50, 1, 30),
        ("open311.requests.deep", 50, 400, 30),
        ("open311.requests.thousand", 1000, 1, 150),
    ):
        seen = load.run(where, [page(size, number)])
        assert seen.statuses == {200}
        report(name, seen.p95, "ms", target=target, floor=floor.p95)
