"""Batches beside other writers: nobody waits for what is not theirs, and each act is done once."""

import threading
import uuid
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from geo_central.kernel import clock
from issues.crew.moments import DeviceTime
from issues.crew.syncing import SentAct, apply
from issues.lifecycle.models import Event, Issue
from issues.teams.models import Team
from tests.factories.acts import staff
from tests.factories.reports import issue

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture
def mine():
    return Team.objects.filter(slug__startswith="smsurb-conservacao-").order_by("slug")[0]


@pytest.fixture
def opened(mine):
    return lambda: issue(mine, opened_at=clock.now() - timedelta(hours=3), updated_at=clock.now())


def sent(row: Issue, action: str, **asked) -> SentAct:
    now = int(clock.now().timestamp() * 1000)
    client_id = uuid.uuid4()
    given = {"action": action, "client_id": client_id, **asked}
    return SentAct(str(client_id), row.protocol, given, DeviceTime(now, now))


def codes(row: Issue) -> list[str]:
    return list(Event.objects.filter(issue=row).order_by("at", "id").values_list("code", flat=True))


def test_a_request_that_somebody_is_changing_holds_up_no_other(own_database, mine, opened):
    busy, free = opened(), opened()
    batch = [sent(busy, "start"), sent(busy, "note", note="x"), sent(free, "start")]
    answers = []

    def send():
        try:
            answers.extend(apply(batch, by=staff(of=mine), now=clock.now()))
        finally:
            connection.close()

    with psycopg.connect(own_database) as other:
        other.execute("SELECT 1 FROM issues_issue WHERE id = %s FOR UPDATE", [busy.pk])
        sender = threading.Thread(target=send)
        sender.start()
        deadline = clock.now() + timedelta(seconds=4)
        while not codes(free) and clock.now() < deadline:
            sender.join(0.05)
        assert codes(free) == ["started"]  # committed while the other request is still waited for
        assert codes(busy) == []
    sender.join(20)
    assert [a.status for a in answers] == ["done"] * 3
    assert codes(busy) == ["started", "internal_note"]


def test_what_the_database_could_not_do_in_time_is_asked_for_again(own_database, mine, opened):
    busy, free = opened(), opened()
    batch = [sent(busy, "start"), sent(busy, "note", note="x"), sent(free, "start")]
    by = staff(of=mine)
    with psycopg.connect(own_database) as other:
        other.execute("SELECT 1 FROM issues_issue WHERE id = %s FOR UPDATE", [busy.pk])
        answers = apply(batch, by=by, now=clock.now())
        assert [a.status for a in answers] == ["later", "held", "done"]
    answers = apply(batch, by=by, now=clock.now())
    assert [a.status for a in answers] == ["done"] * 3
    assert codes(free) == ["started"]


def test_the_same_batch_from_many_senders_at_once_is_done_once(mine, opened):
    rows = [opened() for _ in range(6)]
    batch = [sent(row, action, **more) for row in rows
             for action, more in (("start", {}), ("note", {"note": "x"}))]  # fmt: skip
    by = staff(of=mine)
    seen = []

    def send(order):
        try:
            seen.append([a.status for a in apply(order, by=by, now=clock.now())])
        finally:
            connection.close()

    ways = [batch, batch, batch[6:] + batch[:6], batch[6:] + batch[:6]]
    senders = [threading.Thread(target=send, args=(way,)) for way in ways]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(30)
    assert seen == [["done"] * len(batch)] * len(ways)
    for row in rows:
        assert sorted(codes(row)) == ["internal_note", "started"]
