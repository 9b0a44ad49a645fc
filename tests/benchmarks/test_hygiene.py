"""Duplicates and findings among a million requests, a hundred thousand of them new since the last look."""

import time
from datetime import UTC, datetime

from django.db import connection

from issues.intake.hygiene.looking import look
from issues.intake.hygiene.models import HygieneRun
from tests.benchmarks.conftest import Report

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEW = 100_000
# The copies of `million.sql` came without events: so many open ones are reported now.
REPORTED = """
INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data)
SELECT id, 'opened', opened_at, opened_at, true, '{}'
  FROM issues_issue WHERE is_open AND geom IS NOT NULL
   AND protocol LIKE 'b-%%' ORDER BY md5(id::text) LIMIT %s
"""
SCAN = "SELECT count(*), count(DISTINCT (service_id, areas)) FROM issues_issue WHERE is_open"


def test_a_look_at_the_data_of_a_million_requests(in_million: str, report: Report) -> None:
    look(now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(REPORTED, [NEW])
        cursor.execute("ANALYZE issues_event")
        began = time.perf_counter()
        cursor.execute(SCAN)
        cursor.fetchone()
        floor = time.perf_counter() - began
    began = time.perf_counter()
    look(now=NOW)
    took = time.perf_counter() - began
    run = HygieneRun.objects.latest("id")
    assert run.looked >= 0.9 * NEW
    report("hygiene.look", took, "s", target=60, floor=floor)
