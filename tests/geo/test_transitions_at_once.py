"""Two people do something to one request in the same moment."""

import uuid

import pytest

from geo_central.kernel.errors import DomainError
from issues.catalogue.models import Service
from issues.intake.operations import report
from issues.lifecycle.models import ClockRun, Event, Issue, Resolution
from tests.factories.acts import CITIZEN, HOUR, do, manager, photo, proved, staff
from tests.factories.reports import NOON, draft
from tests.geo.test_intake_at_once import at_once

pytestmark = pytest.mark.usefixtures("own_database")
THREADS = 8


@pytest.fixture
def issue():
    """A reported pothole, done in one piece, committed."""
    Service.objects.filter(code="tapa-buracos").update(process=None)
    return Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)


def split(got):
    errors = [g for g in got if isinstance(g, DomainError)]
    return [g for g in got if not isinstance(g, DomainError)], errors


@pytest.mark.parametrize("attempt", range(3))
def test_two_staff_closing_the_same_request_at_once_close_it_once(issue, attempt):
    closers = [staff(of=issue.team) for _ in range(THREADS)]
    proofs = [proved() for _ in closers]
    got = at_once(lambda n: do(issue, "resolve", closers[n], seen="assigned", proof=proofs[n]))
    done, errors = split(got)
    assert len(done) == 1
    assert {e.code for e in errors} == {"issue.changed"}
    assert all(e.data == {"state": "resolved"} for e in errors)
    assert Resolution.objects.filter(issue=issue).count() == 1
    assert Event.objects.filter(issue=issue, code="resolved").count() == 1
    assert not ClockRun.objects.filter(issue=issue, stopped_at=None).exists()


def test_one_client_id_from_eight_threads_is_one_act_and_one_answer(issue):
    me, crew = uuid.uuid4(), staff(of=issue.team)
    got = at_once(lambda n: do(issue, "start", crew, client_id=me, seen="assigned"))
    assert len({(g.event_id, g.state, g.due_at) for g in got}) == 1
    assert sum(g.created for g in got) == 1


def test_eight_comments_at_once_are_eight_events_in_the_order_of_their_ids(issue):
    got = at_once(lambda n: do(issue, "comment", CITIZEN, NOON + HOUR, note=f"{n}"))
    events = Event.objects.filter(pk__in=[g.event_id for g in got])
    assert {e.note for e in events} == {str(n) for n in range(THREADS)}


def test_a_citizen_cancels_while_a_crew_asks(issue):
    crew = staff(of=issue.team)
    got = at_once(lambda n: do(issue, "cancel", CITIZEN) if n % 2 else do(issue, "ask", crew, note="Onde?"))
    done, _ = split(got)
    issue.refresh_from_db()
    assert issue.state == "cancelled"
    assert {d.state for d in done} <= {"cancelled", "waiting"}
    assert ClockRun.objects.filter(issue=issue, stopped_at=None).count() == 0
    assert Event.objects.filter(issue=issue).count() == 2 + len(done)


def test_two_requests_cannot_repeat_each_other(issue):
    twin = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    pair = (issue, twin)
    boss = manager()
    got = at_once(
        lambda n: do(pair[n], "duplicate", boss, original=pair[1 - n].protocol, seen="assigned"), count=2
    )
    done, errors = split(got)
    assert len(done) == 1
    assert errors[0].code in {"act.original_itself", "act.original_closed"}


def test_one_photo_proves_one_of_two_closings(issue):
    twin = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    proof = proved(photos=(photo(),))
    do(issue, "resolve", staff(of=issue.team), proof=proof)
    with pytest.raises(DomainError, match="photo"):
        do(twin, "resolve", staff(of=twin.team), proof=proof)
