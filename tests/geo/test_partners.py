"""A department is another system: this very server, with a database of its own, and the road to it."""

import os
import threading
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, connections

from geo_central.kernel import clock
from issues.intake.operations import report
from issues.interfaces.wording import say_event
from issues.lifecycle.models import Event, Issue
from issues.lifecycle.operations import CITIZEN, Actor, Proof, act
from issues.partners import operations
from issues.partners.models import Forwarding, Parcel, Partner
from issues.partners.sending import LEASE, MOST_ATTEMPTS
from tests.factories.partners import road, second_city
from tests.factories.reports import POTHOLE, draft
from tests.live import wait

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture(scope="module")
def there(own_database, template):
    """The department's own system."""
    with second_city(template, f"own_{os.getpid()}_second") as city:
        yield city


@pytest.fixture
def way(there, settings):
    with road(there.url) as made:
        settings.PARTNER_ORIGINS = [made.origin]
        yield made


@pytest.fixture
def partner(there, way):
    """It does the potholes from now on; whatever another test left behind is not its own."""
    made, _ = operations.make(
        name=f"Obras {clock.now().timestamp()}",
        kind="open311",
        url=f"{way.origin}/open311/v2",
        api_key=there.api_key,
        by=None,
        now=clock.now(),
    )
    assert operations.probe(made.slug, now=clock.now()) == ""
    operations.choose(made.slug, {POTHOLE: POTHOLE}, now=clock.now())
    way.seen.clear()
    yield Partner.objects.get(pk=made.pk)
    operations.choose(made.slug, {}, now=clock.now())
    Partner.objects.filter(pk=made.pk).update(is_active=False)


class Clock:
    """Of which a test can say what it shows."""

    def __init__(self):
        self.ahead = timedelta(0)

    def __call__(self):
        return clock.now() + self.ahead


@pytest.fixture
def hands():
    return Clock()


BEHIND = "SELECT count(*) FROM issues_event WHERE written_in >= pg_snapshot_xmin(pg_current_snapshot())"


def in_order():
    """Every event lies below the oldest transaction of the cluster, where other tests have theirs."""

    def none_behind():
        with connection.cursor() as cursor:
            cursor.execute(BEHIND)
            return cursor.fetchone() == (0,)

    wait(none_behind)


def sweep(hands=clock.now):
    in_order()
    return operations.sweep(now=hands, say=say_event)


def filed(**changes):
    """A pothole that a citizen has just told us of."""
    receipt = report(draft=draft(**changes), now=clock.now())
    return Issue.objects.get(protocol=receipt.protocol)


def parcels(issue, **only):
    return list(Parcel.objects.filter(forwarding__issue=issue, **only).order_by("id"))


def at_partner(there, issue):
    """Every request there whose words name this one."""
    with there.inside():
        return list(Issue.objects.filter(description__contains=issue.protocol).order_by("id"))


def set_in_doubt(partner, repeats):
    Partner.objects.filter(pk=partner.pk).update(repeats=repeats)


# ---- There


def test_asking_it_what_it_can_do_sets_how_it_is_spoken_to(partner):
    assert (partner.repeats, partner.tells, partner.takes_updates) == ("key", "updates", True)
    assert POTHOLE in {s["code"] for s in partner.offered}


def test_a_request_goes_there_once_with_its_place_words_and_our_number(there, way, partner):
    issue = filed(description="Buraco fundo na faixa da direita")
    swept = sweep()
    assert (swept.put, swept.sent, swept.failed) == (1, 1, 0)
    (twin,) = at_partner(there, issue)
    assert twin.service_id == issue.service_id
    assert twin.geom.distance(issue.geom) < 1e-6
    assert twin.description.startswith("Buraco fundo na faixa da direita")
    assert twin.channel == "open311"
    forwarding = Forwarding.objects.get(issue=issue)
    assert forwarding.remote_id == twin.protocol
    event = Event.objects.get(issue=issue, code="forwarded")
    assert (event.by, event.note) == ("system", f"{partner.name}: {twin.protocol}")
    assert sweep().sent == 0
    assert len(way.posts("requests")) == 1


def test_nothing_of_who_asked_leaves(there, way, partner):
    filed(contact={"name": "Maria da Silva", "email": "maria@example.org", "phone": "51999998888"})
    sweep()
    (sent,) = way.posts("requests")
    for secret in (b"Maria", b"maria", b"99999", b"email", b"phone", b"first_name"):
        assert secret not in sent.body


def test_only_what_was_chosen_and_is_new_goes_there(there, partner):
    other = filed(service="paralelepipedos")
    bulk = filed()
    Issue.objects.filter(pk=bulk.pk).update(source="sp156", external_id=bulk.protocol)
    sweep()
    assert parcels(bulk) == parcels(other) == []


def test_what_was_open_before_goes_only_when_asked_for(there, partner):
    operations.choose(partner.slug, {}, now=clock.now())
    before = filed()
    operations.choose(partner.slug, {POTHOLE: POTHOLE}, now=clock.now())
    sweep()
    assert parcels(before) == []
    assert operations.forward_open(partner.slug, now=clock.now()) >= 1
    assert operations.forward_open(partner.slug, now=clock.now()) == 0
    sweep()
    assert len(at_partner(there, before)) == 1


# ---- And back


def test_what_was_done_there_is_done_here(there, way, partner, hands):
    issue = filed()
    sweep()
    (twin,) = at_partner(there, issue)
    with there.inside():
        crew = Actor("staff", None, "crew", frozenset([twin.team_id]), frozenset([twin.team_id]))
        act(issue_id=twin.pk, action="start", by=crew, now=clock.now())
        act(
            issue_id=twin.pk,
            action="resolve",
            by=crew,
            now=clock.now(),
            note="Asfalto refeito",
            proof=Proof(without="no_camera"),
        )
    hands.ahead = timedelta(minutes=3)
    sweep(hands)
    issue.refresh_from_db()
    assert issue.state == "resolved"
    codes = list(issue.events.order_by("id").values_list("code", "by"))
    assert ("started", "partner") in codes
    assert ("resolved", "partner") in codes
    before = issue.events.count()
    hands.ahead = timedelta(minutes=6)
    sweep(hands)
    assert issue.events.count() == before  # heard again, done once


def test_whoever_judges_that_it_was_not_done_reopens_it_there_too(there, way, partner, hands):
    issue = filed()
    sweep()
    (twin,) = at_partner(there, issue)
    with there.inside():
        crew = Actor("staff", None, "crew", frozenset([twin.team_id]), frozenset([twin.team_id]))
        act(issue_id=twin.pk, action="resolve", by=crew, now=clock.now(), proof=Proof(without="no_camera"))
    hands.ahead = timedelta(minutes=3)
    sweep(hands)
    known = issue.events.filter(by="partner").count()
    act(
        issue_id=issue.pk, action="reopen", by=CITIZEN, now=clock.now(), reason="not_done", note="Continua lá"
    )
    sweep(hands)
    with there.inside():
        twin.refresh_from_db()
        assert twin.state == "reopened"
        assert Event.objects.get(issue=twin, code="reopened").note.endswith("Continua lá")
    hands.ahead = timedelta(minutes=6)
    assert sweep(hands).heard == 0  # our own news is not heard as theirs
    assert issue.events.filter(by="partner").count() == known


# ---- When things break


def test_an_answer_that_is_lost_makes_no_second_request(there, way, partner, hands):
    issue = filed()
    way.loses_answers = True
    assert sweep().failed == 1
    assert [p.in_doubt for p in parcels(issue)] == [True]
    way.loses_answers = False
    hands.ahead = timedelta(minutes=2)
    assert sweep(hands).sent == 1
    assert len(way.posts("requests")) == 2
    (twin,) = at_partner(there, issue)
    assert Forwarding.objects.get(issue=issue).remote_id == twin.protocol


def test_a_partner_whose_list_shows_our_number_is_searched_before_it_is_told_again(
    there, way, partner, hands
):
    set_in_doubt(partner, "search")
    issue = filed()
    way.loses_answers = True
    sweep()
    way.loses_answers = False
    with there.inside():  # words are shown there at once
        Issue.objects.filter(description__contains=issue.protocol).update(is_moderated=True)
    hands.ahead = timedelta(minutes=2)
    assert sweep(hands).sent == 1
    assert len(way.posts("requests")) == 1
    (twin,) = at_partner(there, issue)
    assert Forwarding.objects.get(issue=issue).remote_id == twin.protocol


def test_where_nobody_can_tell_a_person_decides(there, way, partner, hands):
    set_in_doubt(partner, "never")
    issue = filed()
    way.loses_answers = True
    sweep()
    way.loses_answers = False
    hands.ahead = timedelta(minutes=2)
    assert sweep(hands).sent == 0
    (parcel,) = parcels(issue)
    assert (parcel.state, parcel.failure) == ("unsure", "delivery.unsure")
    hands.ahead = timedelta(days=2)
    sweep(hands)
    assert len(way.posts("requests")) == 1
    (twin,) = at_partner(there, issue)
    operations.arrived(parcel.pk, remote_id=twin.protocol, now=clock.now())
    assert [p.state for p in parcels(issue)] == ["sent"]
    assert Forwarding.objects.get(issue=issue).remote_id == twin.protocol


def test_a_worker_that_dies_after_sending_leaves_a_doubt_and_no_second_request(there, way, partner, hands):
    issue = filed()

    class Died(BaseException):
        pass

    def dies(*args, **kwargs):
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("issues.partners.sending.accept", dies)
        with pytest.raises(Died):
            sweep()
    assert sweep().sent == 0  # leased
    hands.ahead = LEASE + timedelta(seconds=1)
    assert sweep(hands).sent == 1
    assert len(at_partner(there, issue)) == 1


def test_a_partner_that_is_down_is_tried_again_later_and_later(way, partner, hands):
    issue = filed()
    way.answers = lambda seen: (503, b"")
    waits = []
    for _ in range(MOST_ATTEMPTS):
        sweep(hands)
        (parcel,) = parcels(issue)
        waits.append(parcel.available_at - hands())
        hands.ahead += max(waits[-1], timedelta(0)) + timedelta(seconds=1)
    assert (parcel.state, parcel.attempts, parcel.failure) == ("dead", MOST_ATTEMPTS, "503")
    assert waits[3] > waits[0]
    way.answers = lambda seen: None
    operations.resend(parcel.pk, now=hands())
    assert sweep(hands).sent == 1


def test_a_partner_that_is_away_does_not_hold_up_the_others(way, partner, hands):
    first, second = filed(), filed(lat=-30.04)
    way.answers = lambda seen: (500, b"")
    sweep()
    assert len(way.posts("requests")) == 1
    assert {p.attempts for i in (first, second) for p in parcels(i)} == {0, 1}


def test_a_refusal_is_kept_as_it_was_said_without_our_key(there, way, partner):
    issue = filed()
    said = f'[{{"code":400,"description":"depth required for {there.api_key}"}}]'.encode()
    way.answers = lambda seen: (400, said)
    sweep()
    (parcel,) = parcels(issue)
    assert (parcel.state, parcel.failure) == ("dead", "400 depth required for •••")
    operations.drop(parcel.pk, now=clock.now())
    assert [p.state for p in parcels(issue)] == ["dropped"]


def test_sweeps_at_once_send_a_request_once(there, way, partner):
    issues = [filed(lat=-30.03 - n / 1000) for n in range(6)]

    def run():
        try:
            sweep()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sweep()
    assert [len(at_partner(there, i)) for i in issues] == [1] * 6
    assert len(way.posts("requests")) == 6


def test_news_wait_until_the_request_is_there_and_keep_their_order(there, way, partner, hands):
    issue = filed()
    way.answers = lambda seen: (503, b"")
    sweep()
    for words in ("Primeira", "Segunda"):
        act(issue_id=issue.pk, action="comment", by=CITIZEN, now=clock.now(), note=words)
    sweep()
    assert [p.state for p in parcels(issue)] == ["waiting"] * 3
    way.answers = lambda seen: None
    hands.ahead = timedelta(minutes=5)
    sweep(hands)
    (twin,) = at_partner(there, issue)
    with there.inside():
        notes = list(
            Event.objects.filter(issue=twin, code="noted").order_by("id").values_list("note", flat=True)
        )
    assert [n.rpartition(": ")[2] for n in notes] == ["Primeira", "Segunda"]


def test_an_event_that_is_committed_late_is_not_missed(partner, own_database):
    in_order()
    operations.follow(now=clock.now())
    with psycopg.connect(own_database) as slow:
        slow.execute("SELECT pg_current_xact_id()")  # older than what follows, and not over yet
        issue = filed()
        assert operations.follow(now=clock.now()) == 0
    in_order()
    assert operations.follow(now=clock.now()) == 1
    assert len(parcels(issue)) == 1
