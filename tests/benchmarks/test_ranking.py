"""The public ranking when a million requests have been rated."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.db import connection

from issues.lifecycle.ratings.operations import count_again
from tests.benchmarks import load
from tests.benchmarks.conftest import Report
from tests.server import LiveCity

RATINGS = """
INSERT INTO issues_rating (issue_id, closed_at, service_id, district, face, reasons, words, is_moderated,
                           rated_at, updated_at)
SELECT i.id, i.opened_at, i.service_id, i.district, 1 + floor(random() * 5), '{}', '', false,
       i.opened_at, i.opened_at
  FROM issues_issue i
"""


@pytest.fixture(scope="module")
def rated_city(million_city: LiveCity) -> Iterator[LiveCity]:
    """Every one of the million requests with a rating."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE issues_rating, issues_ratingmonth")
        cursor.execute(RATINGS)
        count_again()
        cursor.execute("VACUUM ANALYZE issues_ratingmonth")
    yield million_city
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE issues_rating, issues_ratingmonth")


def test_the_ranking_page(rated_city: LiveCity, report: Report) -> None:
    address = urlsplit(rated_city.url)
    host = f"{address.hostname}:{address.port}"
    where = (str(address.hostname), int(address.port or 80))
    pages = [
        load.get(f"/ranking/?{query}", host)
        for query in (
            "", "by=theme", "by=department", "by=district", "district=regiao-08", "theme=vias-e-calcadas",
            "from=2025-01&to=2025-12", "from=2026-11&to=2026-11&order=worst", "from=2024-01&to=2026-11",
        )
    ]  # fmt: skip
    load.run(where, [pages * 4])
    floor = load.run(where, [[load.get("/saude/", host)] * 300])
    seen = load.run(where, [pages * 25])
    assert seen.statuses == {200}
    report("ranking.page", seen.p95, "ms", target=50, floor=floor.p95)
