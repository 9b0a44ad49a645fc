"""A report through the real door."""

import json
import random
import uuid
from urllib.parse import urlsplit

import pytest
from django.db import connection

from issues.intake.drafts import IssueDraft
from issues.intake.operations import report as file_report
from tests.benchmarks import load
from tests.benchmarks.conftest import Report
from tests.server import LiveCity

CLIENTS = 4
EACH = 400


def _points(count: int) -> list[tuple[float, float]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(geom), ST_Y(geom) FROM issues_issue WHERE geom IS NOT NULL"
            " ORDER BY md5(id::text) LIMIT %s",
            [count],
        )
        return cursor.fetchall()


@pytest.mark.django_db
def test_reports_over_http(bench_city: LiveCity, report: Report) -> None:
    address = urlsplit(bench_city.url)
    host = f"{address.hostname}:{address.port}"
    points = _points(4000)
    dice = random.Random(7)
    services = ["tapa-buracos", "luminaria-apagada", "boca-de-lobo", "arvore-poda"]

    def batch(path: str, count: int) -> list[bytes]:
        made = []
        for _ in range(count):
            lng, lat = dice.choice(points)
            body = {
                "client_id": str(uuid.uuid4()),
                "service": dice.choice(services),
                "lng": lng + dice.gauss(0, 1e-6),
                "lat": lat + dice.gauss(0, 1e-6),
                "description": "Buraco grande na pista, perto da parada.",
            }
            made.append(load.post(path, host, json.dumps(body).encode()))
        return made

    where = (str(address.hostname), int(address.port or 80))
    load.run(where, [batch("/api/v1/issues", 60) for _ in range(CLIENTS)])
    load.run(where, [batch("/bench/floor", 60) for _ in range(CLIENTS)])
    floor = load.run(where, [batch("/bench/floor", EACH) for _ in range(CLIENTS)])
    real = load.run(where, [batch("/api/v1/issues", EACH) for _ in range(CLIENTS)])
    assert floor.statuses == {201}
    assert real.statuses == {201}
    report("intake.http", real.rate, "requests/s", target=400, floor=floor.rate, at_most=False)
    report("intake.http.p95", real.p95, "ms", target=20, floor=floor.p95)
    report("intake.http.share", real.rate / floor.rate, "of one INSERT", target=0.2, floor=1, at_most=False)


@pytest.mark.django_db
def test_statements_of_one_report(statements, report: Report) -> None:  # type: ignore[no-untyped-def]
    from geo_central.kernel import clock
    from geo_central.kernel.geo import LngLat
    from issues.citizens.contacts import Contact

    lng, lat = _points(1)[0]
    draft = IssueDraft(
        client_id=uuid.uuid4(),
        service="tapa-buracos",
        point=LngLat(lng, lat),
        description="Buraco",
        contact=Contact("Maria", "+5551999990000", "maria@example.org"),
    )
    with statements() as seen:
        file_report(draft=draft, now=clock.now())
    # The test's own transaction turns BEGIN and COMMIT into savepoints.
    asked = [sql for sql in seen if "SAVEPOINT" not in sql]
    report("intake.statements", len(asked), "statements", target=9, floor=1)
