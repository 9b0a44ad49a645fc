"""An act on a request against the least that any such act must write."""

import time
import uuid

import pytest
from django.db import connection, transaction

from geo_central.kernel import clock
from issues.lifecycle.models import Issue
from issues.lifecycle.operations import SYSTEM, Actor, act
from issues.teams.models import User
from tests.benchmarks.conftest import Report

ROUNDS = 5
EACH = 120
EVENT = (
    "INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data)"
    " VALUES (%s, 'noted', %s, %s, true, '{}') RETURNING id"
)
OUTBOX = (
    "INSERT INTO issues_delivery (event_id, issue_id, kind, created_at, available_at, attempts, failure)"
    " VALUES (%s, %s, 'team_notice', %s, %s, 0, '')"
)
TOUCH = "UPDATE issues_issue SET updated_at = %s, due_at = due_at WHERE id = %s"


def _floor(ids: list[int]) -> float:
    """Two raw INSERTs and one UPDATE in one transaction, for each."""
    started = time.perf_counter()
    for issue_id in ids:
        now = clock.now()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(EVENT, [issue_id, now, now])
            cursor.execute(OUTBOX, [cursor.fetchone()[0], issue_id, now, now])
            cursor.execute(TOUCH, [now, issue_id])
    return len(ids) / (time.perf_counter() - started)


def _acts(ids: list[int], by: Actor) -> float:
    """A wait and its end in turn: the dearest acts, which stop and start the clock."""
    started = time.perf_counter()
    for issue_id in ids:
        act(issue_id=issue_id, action="ask", by=by, now=clock.now(), client_id=uuid.uuid4(), note="Onde?")
        act(issue_id=issue_id, action="resume", by=SYSTEM, now=clock.now())
    return 2 * len(ids) / (time.perf_counter() - started)


@pytest.mark.django_db(transaction=True)
def test_transitions(report: Report) -> None:
    boss = Actor("staff", User.objects.filter(role="manager").order_by("id")[0].pk, "manager")
    ids = list(
        Issue.objects.filter(is_open=True)
        .exclude(state="waiting")
        .order_by("id")
        .values_list("id", flat=True)
    )[: ROUNDS * EACH]
    _floor(ids[:40])
    _acts(ids[:40], boss)
    floors, rates = [], []
    for n in range(ROUNDS):
        mine = ids[n * EACH : (n + 1) * EACH]
        floors.append(_floor(mine))
        rates.append(_acts(mine, boss))
    floor, rate = sorted(floors)[ROUNDS // 2], sorted(rates)[ROUNDS // 2]
    report("lifecycle.transition", rate / floor, "of the floor", target=0.3, floor=1.0, at_most=False)
    report("lifecycle.transition.rate", rate, "acts/s", target=0.3 * floor, floor=floor, at_most=False)
