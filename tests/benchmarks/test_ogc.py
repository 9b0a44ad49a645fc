"""GIS programs reading a million requests live: pages of a thousand, anywhere, of any time, however deep."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from geo_central.kernel import clock
from issues.lifecycle.models import Issue
from maps.opendata.ogc.asking import make_cursor
from tests.benchmarks import load
from tests.benchmarks.conftest import Report
from tests.server import LiveCity

PAGES = 40


def test_pages_of_features(million_city: LiveCity, report: Report) -> None:
    address = urlsplit(million_city.url)
    where, host = (str(address.hostname), int(address.port or 80)), f"{address.hostname}:{address.port}"
    dice = random.Random(3)
    rows: list[Any] = list(
        Issue.objects.exclude(public_geom=None).values_list("public_geom", "opened_at", "id")[:3000]
    )

    def frame(metres: int) -> dict[str, str]:
        point, half = dice.choice(rows)[0], metres / 2 / 100_000
        sides = (point.x - half, point.y - half, point.x + half, point.y + half)
        return {"bbox": ",".join(f"{s:.6f}" for s in sides)}

    def period(days: int) -> dict[str, str]:
        end = clock.now() - timedelta(days=dice.randrange(30, 700))
        return {"datetime": f"{end - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}"}

    def deep() -> dict[str, str]:
        _, at, key = dice.choice(rows)
        return {"cursor": make_cursor((at, key))}

    kinds: dict[str, Callable[[], dict[str, str]]] = {
        "first": dict,
        "deep": deep,
        "street": lambda: frame(500),
        "bairro": lambda: frame(3000),
        "region": lambda: frame(12_000),
        "month": lambda: period(30),
        "month_bairro": lambda: frame(3000) | period(30),
        "service": lambda: {"service": dice.choice(["tapa-buracos", "coleta-domiciliar", "poda-de-arvores"])},
        "open_bairro": lambda: frame(3000) | {"is_open": "true"},
    }
    asked = {
        name: [
            load.get(
                f"/ogc/collections/issues/items?{urlencode({'limit': 1000, 'f': 'json'} | make())}", host
            )
            for _ in range(PAGES)
        ]
        for name, make in kinds.items()
    }
    load.run(where, [[page for pages in asked.values() for page in pages[:2]]])
    floor = load.run(where, [[load.get("/saude/", host)] * 200])
    for name, pages in asked.items():
        read = load.run(where, [pages])
        assert read.statuses == {200}
        report(f"ogc.items.{name}", read.p95, "ms", target=80, floor=floor.p95)
    mixed = load.run(where, [[page for pages in asked.values() for page in pages]])
    report("ogc.items", mixed.p95, "ms", target=80, floor=floor.p95)
