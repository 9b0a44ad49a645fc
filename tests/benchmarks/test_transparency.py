"""The city at a glance among a million requests: counted for the first reader, read by all others."""

import time
from datetime import date
from urllib.parse import urlsplit

from geo_central.kernel import clock
from maps.opendata.glance import glance
from maps.opendata.kept import count_usual
from maps.opendata.ranking import Asked
from tests.benchmarks import load
from tests.benchmarks.conftest import Report
from tests.server import LiveCity

PERIODS = (
    "", "from=2025-01&to=2025-12", "from=2024-01&to=2026-11", "from=2026-01&to=2026-11&theme=vias-e-calcadas",
)  # fmt: skip


def test_the_page_of_transparency(million_city: LiveCity, report: Report) -> None:
    address = urlsplit(million_city.url)
    host = f"{address.hostname}:{address.port}"
    where = (str(address.hostname), int(address.port or 80))
    pages = [load.get(f"/transparencia/?{query}", host) for query in PERIODS]
    load.run(where, [pages])
    floor = load.run(where, [[load.get("/saude/", host)] * 300])
    seen = load.run(where, [pages * 50])
    assert seen.statuses == {200}
    report("transparency.page", seen.p95, "ms", target=100, floor=floor.p95)


def test_counting_it(in_million: str, report: Report) -> None:
    now = clock.now()
    began = time.perf_counter()
    received = glance(Asked(date(2015, 1, 1), date(2026, 11, 1)), now=now).all.received
    took = time.perf_counter() - began
    report("transparency.count_all", took, "s", target=5, floor=received / 1e6)
    began = time.perf_counter()
    count_usual(today=date(2026, 11, 24), now=now)
    report("transparency.count_usual", time.perf_counter() - began, "s", target=5, floor=received / 1e6)
