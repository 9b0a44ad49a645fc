"""What people do to a request, as the database keeps it."""

import uuid
from datetime import timedelta

import pytest

from geo_central.kernel.geo import LngLat
from issues.intake.operations import report
from issues.lifecycle.models import ClockRun, Delivery, Event, Issue
from tests.factories.acts import CITIZEN, HOUR, do, proved, staff
from tests.factories.reports import CENTRE, NOON, draft

pytestmark = pytest.mark.django_db
EAST = LngLat(CENTRE.lng + 0.002, CENTRE.lat)  # 193 m


@pytest.fixture
def issue():
    """A reported pothole of somebody who left a phone number."""
    receipt = report(draft=draft(contact={"name": "Ana", "phone": "51999990000"}), now=NOON)
    return Issue.objects.get(protocol=receipt.protocol)


@pytest.fixture
def crew(issue):
    return staff(of=issue.team)


def codes(issue):
    return list(Event.objects.filter(issue=issue).order_by("id").values_list("code", flat=True))


def told(event_id):
    return sorted(Delivery.objects.filter(event=event_id).values_list("kind", flat=True))


def running(issue):
    return ClockRun.objects.filter(issue=issue, stopped_at=None)


def test_a_new_request_has_one_running_clock(issue):
    run = running(issue).get()
    assert run.due_at == issue.due_at
    assert NOON < run.warn_at == run.alarm_at < run.due_at


def test_a_crew_starts_and_resolves(issue, crew):
    do(issue, "start", crew)
    done = do(issue, "resolve", crew, NOON + 2 * HOUR, seen="in_progress", proof=proved())
    issue.refresh_from_db()
    assert (done.state, done.is_open, issue.state, issue.closed_at) == (
        "resolved",
        False,
        "resolved",
        NOON + 2 * HOUR,
    )
    assert codes(issue) == ["opened", "assigned", "started", "resolved"]
    assert told(done.event_id) == ["citizen_notice"]
    assert not running(issue).exists()


def test_the_citizen_answers_and_the_time_that_was_waited_does_not_count(issue, crew):
    do(issue, "start", crew)
    do(issue, "ask", crew, NOON + HOUR, note="Qual é o número?")
    assert not running(issue).exists()
    answered = do(issue, "answer", CITIZEN, NOON + 25 * HOUR, note="É o 100.")
    assert answered.state == "in_progress"
    assert answered.due_at == issue.due_at + timedelta(days=1)
    assert running(issue).get().due_at == answered.due_at


def test_the_same_client_id_twice_is_one_event_and_the_same_answer(issue, crew):
    me = uuid.uuid4()
    first = do(issue, "start", crew, client_id=me)
    do(issue, "resolve", crew, proof=proved())
    again = do(issue, "start", crew, NOON + 9 * HOUR, client_id=me, seen="assigned")
    assert (again.state, again.event_id, again.due_at) == (first.state, first.event_id, first.due_at)
    assert (first.created, again.created) == (True, False)
    assert codes(issue).count("started") == 1
