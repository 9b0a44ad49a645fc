"""A look at the data: duplicates suggested once, joined or dismissed; findings; contacts."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event as Signal

import pytest
from django.db import connection, transaction

from geo_central.kernel.errors import Conflict, NotFound
from issues.catalogue.models import Service
from issues.citizens import _vault
from issues.citizens.models import Citizen, ContactPoint, PersonalDataAccess
from issues.intake import operations as intake
from issues.intake.hygiene import operations, queries
from issues.intake.hygiene.models import ContactCheck, DuplicateSuggestion, Finding, HygieneRun
from issues.lifecycle.models import Event, Issue
from issues.lifecycle.operations import Actor
from issues.teams.models import User
from tests.factories.reports import CENTRE, NOON, draft

pytestmark = pytest.mark.usefixtures("empty_city")
METRE = 1 / 111_320
LATER = NOON + timedelta(days=1)


@pytest.fixture
def empty_city(own_database: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Commits are real here: a look reads what was committed."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE issues_issue, issues_citizen, issues_hygienerun CASCADE")
        yield


def told(metres: float = 0, *, after: timedelta = timedelta(), **changes: object) -> Issue:
    """A pothole so many metres south of the centre, reported so long after noon."""
    given = {"lat": CENTRE.lat - metres * METRE, **changes}
    receipt = intake.report(draft=draft(**given), now=NOON + after)
    return Issue.objects.get(protocol=receipt.protocol)


def manager() -> Actor:
    user, _ = User.objects.get_or_create(username="chefe", defaults={"role": "manager"})
    return Actor("staff", user.pk, "manager")


def look(now: datetime = LATER) -> HygieneRun:
    """A look, once nothing of ours hides behind transactions of other tests on this server."""
    deadline = time.monotonic() + 60
    hidden = """SELECT EXISTS (SELECT FROM issues_event
                                WHERE written_in >= pg_snapshot_xmin(pg_current_snapshot()))"""
    with connection.cursor() as cursor:
        while True:
            cursor.execute(hidden)
            if not cursor.fetchone()[0]:
                break
            assert time.monotonic() < deadline, "another transaction stays open"
            time.sleep(0.05)
    run = operations.look(now=now)
    assert run is not None
    return run


def pairs() -> set[tuple[int, int]]:
    return set(DuplicateSuggestion.objects.order_by("pk").values_list("earlier_id", "later_id"))


def test_two_reports_of_a_service_at_one_place_are_suggested_with_reasons():
    first = told(description="Buraco enorme na rua")
    second = told(8, after=timedelta(hours=5), description="buraco ENORME na rua!")
    look()
    assert pairs() == {(first.pk, second.pk)}
    (found,), _ = queries.suggestions()
    assert found.score > 0.7
    assert {r["code"] for r in found.reasons} >= {"near", "soon", "alike"}
    assert found.distance_m == pytest.approx(8, abs=0.5)
    assert found.north_m == pytest.approx(-8, abs=0.5)


@pytest.mark.parametrize(
    ("metres", "after"), [(400, timedelta(hours=1)), (3, timedelta(days=90)), (24, timedelta(days=55))]
)
def test_far_in_space_or_time_is_another_request(metres: float, after: timedelta):
    told(description="buraco")
    told(metres, after=after, description="cratera aberta em frente ao mercado")
    look(now=NOON + timedelta(days=100))
    assert pairs() == set()


def test_the_earlier_is_the_original_whichever_was_entered_first():
    late = told(after=timedelta(hours=3))
    early = told(2)
    look()
    assert pairs() == {(early.pk, late.pk)}


def test_a_service_without_a_radius_asks_for_nearly_the_same_words():
    row = Service.objects.filter(geolocated=True, duplicate_radius_m=0, is_active=True).order_by("pk").first()
    if row is None:
        Service.objects.filter(code="tapa-buracos").update(duplicate_radius_m=0)
    code = row.code if row and not row.questions.filter(required=True).exists() else "tapa-buracos"
    Service.objects.filter(code=code).update(duplicate_radius_m=0)
    a = told(service=code, description="Galho caído bloqueando a calçada da escola")
    b = told(3, service=code, description="galho caido bloqueando a calcada da escola")
    told(5, service=code, description="Muro pichado")
    look()
    Service.objects.filter(code="tapa-buracos").update(duplicate_radius_m=30)
    assert pairs() == {(a.pk, b.pk)}


def test_the_next_look_takes_only_what_is_new_and_twice_is_once():
    told()
    told(2)
    assert look().looked == 2
    again = look()
    assert (again.looked, again.suggested) == (0, 0)
    told(4)
    third = look()
    assert (third.looked, third.suggested) == (1, 2)


def test_what_commits_late_is_not_missed():
    """An older transaction that ends after a look is seen by the next one."""

    def slow(started: Signal, may_end: Signal) -> None:
        with transaction.atomic():
            told(1)
            started.set()
            may_end.wait(20)
        connection.close()

    started, may_end = Signal(), Signal()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(slow, started, may_end)
        assert started.wait(20)
        told(2)
        operations.look(now=LATER)
        assert pairs() == set()
        may_end.set()
        done.result()
    look()
    assert len(pairs()) == 1


def test_two_looks_at_once_suggest_each_pair_once():
    for n in range(6):
        told(n)

    def one(_: int) -> None:
        try:
            operations.look(now=LATER)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(one, range(3)))
    look()
    assert len(pairs()) == DuplicateSuggestion.objects.count()
    assert HygieneRun.objects.filter(finished_at=None).count() == 0


def suggestion() -> DuplicateSuggestion:
    told()
    second = told(2, after=timedelta(minutes=5))
    intake.follow(protocol=second.protocol, client_id=draft().client_id, now=NOON + timedelta(hours=1))
    look()
    return DuplicateSuggestion.objects.select_related("earlier", "later").get()


def test_accepting_joins_the_later_to_the_earlier_with_its_followers_and_tells_both():
    asked = suggestion()
    operations.accept(suggestion_id=asked.pk, by=manager(), now=LATER)
    later = Issue.objects.get(pk=asked.later_id)
    earlier = Issue.objects.get(pk=asked.earlier_id)
    assert (later.state, later.duplicate_of_id) == ("duplicate", earlier.pk)
    assert earlier.followers == 2
    assert Event.objects.filter(issue=later, code="duplicate").count() == 1
    assert Event.objects.get(issue=earlier, code="joined").data == {"protocol": later.protocol}
    with pytest.raises(Conflict, match=r"suggestion\.decided"):
        operations.accept(suggestion_id=asked.pk, by=manager(), now=LATER)
    assert queries.suggestions() == ([], None)


def test_accepting_at_once_happens_once():
    asked = suggestion()
    who = manager()

    def one(_: int) -> str:
        try:
            operations.accept(suggestion_id=asked.pk, by=who, now=LATER)
            return "done"
        except Conflict as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(one, range(4)))
    assert said == ["done", *["suggestion.decided"] * 3]
    assert Event.objects.filter(code="joined").count() == 1


def test_what_was_closed_meanwhile_is_refused_and_stays_undecided():
    asked = suggestion()
    Issue.objects.filter(pk=asked.later_id).update(state="resolved", closed_at=LATER)
    with pytest.raises(Conflict, match=r"act\.not_now"):
        operations.accept(suggestion_id=asked.pk, by=manager(), now=LATER)
    asked.refresh_from_db()
    assert asked.state == "open"


def test_a_dismissed_pair_is_never_suggested_again():
    asked = suggestion()
    operations.dismiss(suggestion_id=asked.pk, by=manager(), now=LATER)
    HygieneRun.objects.update(reached_xid=0, reached_event=0)
    look()
    asked.refresh_from_db()
    assert asked.state == "dismissed"
    assert len(pairs()) == 1
    assert queries.suggestions() == ([], None)


def test_an_unknown_suggestion_is_not_found():
    with pytest.raises(NotFound, match=r"suggestion\.unknown"):
        operations.dismiss(suggestion_id=10**9, by=manager(), now=LATER)


def test_findings_come_and_go_with_the_data():
    odd = told(description="ok")
    Issue.objects.filter(pk=odd.pk).update(district="", opened_at=NOON + timedelta(days=3))
    look()
    kinds = set(Finding.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == {"outside", "future"}
    Issue.objects.filter(pk=odd.pk).update(
        district="centro", opened_at=NOON, due_at=NOON + timedelta(days=1), description="", geom=None
    )
    look(now=NOON + timedelta(days=4))
    kinds = set(Finding.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == {"overdue", "unplaced", "silent"}
    (found,), following = queries.findings(kind="overdue")
    assert (found.protocol, following) == (odd.protocol, None)
    counts = {c.kind: c for c in queries.overview().counts}
    assert (counts["overdue"].n, counts["overdue"].trend, counts["outside"].trend) == (1, (0, 1), (1, 0))


def test_what_waits_for_the_citizen_is_not_late():
    asked = told()
    Issue.objects.filter(pk=asked.pk).update(state="waiting", due_at=NOON + timedelta(days=1))
    look(now=NOON + timedelta(days=400))
    assert not Finding.objects.filter(kind="overdue").exists()
    Issue.objects.filter(pk=asked.pk).update(state="in_progress")
    look(now=NOON + timedelta(days=401))
    assert Finding.objects.filter(kind="overdue").exists()


def contact(scheme: str, value: str) -> ContactPoint:
    citizen = Citizen.objects.create(created_at=NOON)
    return ContactPoint.objects.create(
        citizen=citizen,
        scheme=scheme,
        value_sealed=_vault.seal(value),
        value_digest=_vault.digest(f"{scheme}:{value}"),
        created_at=NOON,
    )


def test_contacts_are_written_in_the_one_form_or_told_apart_masked_and_logged():
    mended = contact("tel", "(51) 99999-1234")
    twin = contact("tel", "51 99999 1234")
    short = contact("tel", "5199")
    mail = contact("mailto", "Maria@Example.COM")
    bad = contact("mailto", "maria em casa")
    fine = contact("mailto", "ana@example.com")
    look()
    outcomes = {c.contact_id: (c.outcome, c.reason) for c in ContactCheck.objects.order_by("pk")}
    assert outcomes == {
        mended.pk: ("mended", "rewritten"),
        twin.pk: ("invalid", "taken"),
        short.pk: ("invalid", "too_short"),
        mail.pk: ("mended", "rewritten"),
        bad.pk: ("invalid", "malformed"),
        fine.pk: ("fine", ""),
    }
    mended.refresh_from_db()
    assert _vault.unseal(mended.value_sealed) == "+5551999991234"
    masks = "".join(ContactCheck.objects.order_by("pk").values_list("masked", flat=True)).lower()
    assert "maria" not in masks
    assert "9999" not in masks
    assert PersonalDataAccess.objects.filter(purpose__startswith="hygiene").count() >= 6
    shown, _ = queries.bad_contacts(kind="contacts_invalid")
    assert [c.reason for c in shown] == ["taken", "too_short", "malformed"]
