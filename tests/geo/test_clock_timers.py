"""What happens because time has passed: once each, however late, however often."""

from datetime import timedelta

import pytest

from issues.intake.operations import report
from issues.lifecycle.models import ClockRun, Delivery, Event, Issue
from issues.lifecycle.timers import Rung, confirm_unanswered, ring_alarms
from tests.factories.acts import CITIZEN, do, manager, proved
from tests.factories.reports import NOON, draft
from tests.geo.test_intake_at_once import at_once

pytestmark = pytest.mark.usefixtures("own_database")
WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def issue():
    """The only request with a clock; it has no steps."""
    ClockRun.objects.all().delete()
    found = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    ClockRun.objects.filter(step__isnull=False).delete()
    return found


def codes(issue):
    told = Event.objects.filter(issue=issue, by="system").order_by("id")
    return list(told.values_list("code", flat=True))


def test_a_warning_then_the_end_each_once(issue):
    run = ClockRun.objects.get(issue=issue)
    assert ring_alarms(now=run.warn_at - MINUTE) == Rung(0, 0)
    assert ring_alarms(now=run.warn_at) == Rung(1, 0)
    assert ring_alarms(now=run.warn_at + MINUTE) == Rung(0, 0)
    assert ring_alarms(now=run.due_at) == Rung(0, 1)
    assert ring_alarms(now=run.due_at + WEEK) == Rung(0, 0)
    assert codes(issue) == ["due_soon", "overdue"]
    assert Delivery.objects.filter(issue=issue, event__code="overdue", kind="team_notice").count() == 1


def test_a_late_turn_tells_the_end_alone(issue):
    assert ring_alarms(now=issue.due_at + WEEK) == Rung(0, 1)
    assert codes(issue) == ["overdue"]


def test_what_waits_for_the_citizen_is_not_overdue(issue):
    do(issue, "ask", manager(), note="Onde?")
    assert ring_alarms(now=issue.due_at + WEEK) == Rung(0, 0)


def test_eight_workers_at_once_tell_everything_once(issue):
    late = issue.due_at + WEEK
    more = [Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol) for _ in range(6)]
    ClockRun.objects.filter(step__isnull=False).delete()
    rung = at_once(lambda n: ring_alarms(now=late, batch=2))
    ring_alarms(now=late)
    assert sum(r.escalated for r in rung) <= 7
    assert all(codes(i) == ["overdue"] for i in (issue, *more))


def test_what_nobody_contests_is_confirmed_after_the_city_s_days(issue):
    closed = NOON + timedelta(hours=1)
    do(issue, "resolve", manager(), closed, proof=proved())
    assert confirm_unanswered(now=closed + WEEK - MINUTE, after=WEEK) == 0
    assert confirm_unanswered(now=closed + WEEK, after=WEEK) == 1
    assert confirm_unanswered(now=closed + WEEK, after=WEEK) == 0
    issue.refresh_from_db()
    assert (issue.state, issue.closed_at) == ("confirmed", closed)
    assert Event.objects.get(issue=issue, code="confirmed").data["automatic"] is True


def test_what_was_contested_is_not_confirmed(issue):
    do(issue, "resolve", manager(), proof=proved())
    do(issue, "reopen", CITIZEN, NOON + WEEK)
    confirm_unanswered(now=NOON + 5 * WEEK, after=WEEK)
    issue.refresh_from_db()
    assert issue.state == "reopened"


def test_imported_history_stays_as_its_source_has_it(issue):
    do(issue, "resolve", manager(), proof=proved())
    Issue.objects.filter(pk=issue.pk).update(source="elsewhere", external_id="1")
    confirm_unanswered(now=NOON + 5 * WEEK, after=WEEK)
    issue.refresh_from_db()
    assert issue.state == "resolved"
