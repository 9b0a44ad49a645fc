"""What departments' systems are sent is found by indexes, however long the city's history is."""

import re

import pytest
from django.db import connection

from geo_central.kernel import clock
from issues.partners import operations, sending
from tests.geo.test_crew_plans import _two_years, generic_plan, walks_the_issues

__all__ = ["_two_years"]

# A partner that has been sent everything, and to which ten messages still have to go.
HISTORY = """
    WITH there AS (
        INSERT INTO issues_forwarding (issue_id, partner_id, key, remote_code, remote_id, token, created_at,
                                       heard_status, failure)
        SELECT id, %s, gen_random_uuid(), 'x', '', '', opened_at, '', '' FROM issues_issue
        RETURNING id, issue_id
    )
    INSERT INTO issues_parcel (forwarding_id, event_id, kind, state, created_at, available_at, settled_at,
                               attempts, in_doubt, failure, remote_id)
    SELECT t.id, e.id, 'report', CASE WHEN t.id %% 2000 = 0 THEN 'waiting' ELSE 'sent' END, now(), now(),
           CASE WHEN t.id %% 2000 > 0 THEN now() END, 0, false, '', ''
      FROM there t JOIN issues_event e ON e.issue_id = t.issue_id AND e.code = 'opened'
"""


@pytest.fixture(scope="module")
def _history(_two_years):
    partner, _ = operations.make(
        name="Obras", kind="webhook", url="https://obras.example.org", by=None, now=clock.now()
    )
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, [partner.pk])
        cursor.execute("ANALYZE issues_forwarding, issues_parcel")


pytestmark = pytest.mark.usefixtures("_history")


def walks(plan: str, table: str) -> bool:
    return bool(re.search(rf'"Node Type": "Seq Scan"[^{{}}]*?"Relation Name": "{table}"', plan))


def test_a_look_at_what_happened_begins_where_the_last_one_ended():
    asked = {"limit": 1000, "now": clock.now().isoformat(), "told": ["noted"]}
    plan = generic_plan(operations._FOLLOW, asked)
    assert re.search(
        r'"Index Name": "event_written_in"[^{}]*?"Index Cond": "[^"]*ROW\(written_in, id\) >', plan
    )
    assert not walks_the_issues(plan)
    assert not walks(plan, "issues_forwarding")


def test_the_next_message_is_found_among_those_that_wait():
    now = clock.now().isoformat()
    plan = generic_plan(sending._CLAIM, {"away": [], "now": now, "until": now})
    assert "parcel_waiting" in plan
    assert not walks(plan, "issues_parcel")
    assert not walks(plan, "issues_forwarding")
