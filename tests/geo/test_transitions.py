"""What people do to a request, as the database keeps it."""

import uuid
from datetime import date, timedelta

import pytest

from geo_central.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from geo_central.kernel.geo import LngLat
from issues.catalogue.models import Service
from issues.intake.operations import report
from issues.lifecycle.models import ClockRun, Delivery, Event, Issue, Photo, Resolution
from issues.lifecycle.operations import Proof
from issues.teams.models import Team
from tests.factories.acts import CITIZEN, HOUR, SYSTEM, do, manager, photo, proved, staff, team
from tests.factories.reports import CENTRE, NOON, draft
from tests.factories.reports import issue as bare_issue

pytestmark = pytest.mark.django_db
EAST = LngLat(CENTRE.lng + 0.002, CENTRE.lat)  # 193 m


@pytest.fixture
def issue():
    """A reported pothole, done in one piece, of somebody who left a phone number."""
    Service.objects.filter(code="tapa-buracos").update(process=None)
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
    return ClockRun.objects.filter(issue=issue, step=None, stopped_at=None)


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


def refused(issue, action, by, **more):
    """The error that an act is refused with."""
    with pytest.raises(DomainError) as caught:
        do(issue, action, by, **more)
    return caught.value


# ---- who may


def test_another_team_does_not_find_the_request(issue):
    other = staff(of=Team.objects.exclude(pk=issue.team_id).order_by("pk").first())
    error = refused(issue, "start", other)
    assert (type(error), error.code) == (NotFound, "issue.unknown")


def test_a_team_that_it_was_routed_away_from_does_not_find_it_any_more(issue, crew):
    do(issue, "assign", manager(), team="smsurb-triagem")
    assert refused(issue, "start", crew).code == "issue.unknown"
    do(issue, "start", staff(of=team()))


def test_a_crew_may_not_reject_but_its_leader_may(issue, crew):
    facts = {"reason": "private_property", "note": "Terreno cercado.", "responsible": "Proprietário"}
    error = refused(issue, "reject", crew, **facts)
    assert (type(error), error.code) == (Forbidden, "act.not_allowed")
    do(issue, "reject", staff(of=issue.team, leads=True), **facts)


@pytest.mark.parametrize("role", ["planner", "crew"])
def test_who_has_no_part_in_it_does_not_find_it(issue, role):
    assert refused(issue, "comment", staff(role), note="Oi").code == "issue.unknown"


def test_an_attendant_answers_for_a_citizen_but_does_not_resolve(issue, crew):
    do(issue, "ask", crew, note="Onde?")
    attendant = staff("attendant")
    assert do(issue, "answer", attendant, note="Ligou: na esquina.").state == "assigned"
    assert refused(issue, "resolve", attendant, proof=proved()).code == "act.not_allowed"


# ---- races and repetitions


def test_who_saw_another_state_is_told_the_current_one(issue, crew):
    do(issue, "start", crew)
    error = refused(issue, "resolve", crew, seen="assigned", proof=proved())
    assert (type(error), error.code, error.data) == (Conflict, "issue.changed", {"state": "in_progress"})


def test_what_does_not_fit_the_state_is_told_with_it(issue, crew):
    error = refused(issue, "confirm", CITIZEN)
    assert (error.code, error.data["state"]) == ("act.not_now", "assigned")


def test_a_client_id_of_another_act_is_refused(issue, crew):
    me = uuid.uuid4()
    do(issue, "start", crew, client_id=me)
    assert refused(issue, "ask", crew, client_id=me, note="Onde?").code == "act.id_taken"


# ---- what is needed


@pytest.mark.parametrize(
    ("action", "facts", "code", "field"),
    [
        ("fly", {}, "act.unknown", "action"),
        ("assign", {}, "field.required", "team"),
        ("assign", {"team": "nobody"}, "team.unknown", "team"),
        ("ask", {"note": "  "}, "field.required", "note"),
        ("ask", {"note": "x" * 4001}, "field.too_long", "note"),
        ("ask", {"note": "a\0b"}, "field.bad_text", "note"),
        ("start", {"reason": "weather"}, "act.takes_no_reason", "reason"),
        ("cannot_do", {}, "field.required", "reason"),
        ("cannot_do", {"reason": "lazy"}, "reason.unknown", "reason"),
        ("reject", {"reason": "other_government", "note": "x"}, "field.required", "responsible"),
        ("schedule", {}, "field.required", "on"),
        ("schedule", {"on": date(2026, 11, 22)}, "act.in_the_past", "on"),
        ("duplicate", {"original": "2026-9999999-9"}, "act.original_unknown", "original"),
        ("comment", {"note": "x", "photos": (uuid.UUID(int=1),)}, "photo.unknown", "photos"),
        ("resolve", {}, "proof.photo", "proof"),
    ],
)
def test_what_is_missing_or_wrong_is_named(issue, action, facts, code, field):
    error = refused(issue, action, manager(), **facts)
    assert (error.code, error.field) == (code, field)


def test_a_rejection_says_who_is_responsible(issue):
    do(issue, "reject", manager(), reason="other_government", note="Rodovia.", responsible="DNIT")
    event = Event.objects.get(issue=issue, code="rejected")
    assert event.data["reason"] == "other_government"
    assert event.data["reason_text"].startswith("É atribuição")
    assert event.data["responsible"] == "DNIT"
    assert event.note == "Rodovia."


def test_words_of_people_are_never_in_what_the_public_reads(issue, crew):
    do(issue, "ask", crew, note="Meu telefone é 5199")
    assert "5199" not in str(Event.objects.get(issue=issue, code="waiting").data)


# ---- proof


def closing(issue):
    return Resolution.objects.filter(issue=issue).latest("id")


def test_a_proved_closing_keeps_its_distance_and_its_photo(issue, crew):
    proof = proved()
    do(issue, "resolve", crew, proof=proof)
    kept = closing(issue)
    assert (kept.photos, kept.missing, kept.unproved, kept.team_id) == (1, "", "", issue.team_id)
    assert kept.distance_m == pytest.approx(0, abs=0.01)
    picture = Photo.objects.get(pk=proof.photos[0])
    assert (picture.kind, picture.issue_id) == ("after", issue.pk)


def test_from_afar_is_refused_with_both_distances(issue, crew):
    error = refused(issue, "resolve", crew, proof=proved(EAST))
    assert (type(error), error.code) == (Invalid, "proof.too_far")
    assert error.data == {"distance_m": pytest.approx(193, abs=2), "limit_m": 100}


def test_a_receiver_that_doubts_is_believed(issue, crew):
    do(issue, "resolve", crew, proof=proved(EAST, accuracy_m=120.0))
    assert closing(issue).missing == ""


def test_a_receiver_is_not_believed_without_end(issue, crew):
    far = LngLat(CENTRE.lng + 0.01, CENTRE.lat)
    assert refused(issue, "resolve", crew, proof=proved(far, accuracy_m=5000.0)).code == "proof.too_far"


def test_a_service_may_allow_another_distance(issue, crew):
    issue.service.proof_distance_m = 200
    issue.service.save()
    do(issue, "resolve", crew, proof=proved(EAST))


def test_without_a_position_or_a_photo_a_reason_is_asked_for_and_kept(issue, crew):
    assert refused(issue, "resolve", crew, proof=Proof(photos=(photo(),))).code == "proof.position"
    assert refused(issue, "resolve", crew, proof=Proof(without="because")).code == "reason.unknown"
    do(issue, "resolve", crew, proof=Proof(without="no_camera"))
    kept = closing(issue)
    assert (kept.missing, kept.unproved) == ("photo,position", "no_camera")
    assert Event.objects.get(issue=issue, code="resolved").data["unproved"] == "no_camera"


def test_a_reason_that_is_not_needed_is_not_counted(issue, crew):
    do(issue, "resolve", crew, proof=proved(without="no_camera"))
    assert closing(issue).unproved == ""


def test_a_service_without_a_place_needs_no_proof():
    office = bare_issue(team(), None)
    do(office, "resolve", staff(of=team()))
    assert closing(office).missing == ""


# ---- the clock


def test_a_reopened_request_has_all_of_its_time_again(issue, crew):
    do(issue, "resolve", crew, proof=proved())
    later = NOON + timedelta(days=3)
    again = do(issue, "reopen", CITIZEN, later, reason="not_done")
    assert again.due_at > issue.due_at
    assert running(issue).get().due_at == again.due_at
    issue.refresh_from_db()
    assert (issue.state, issue.closed_at) == ("reopened", None)
    assert closing(issue).reopened_at == later


def test_nobody_contests_what_was_closed_long_ago(issue, crew):
    do(issue, "resolve", crew, proof=proved())
    with pytest.raises(Conflict, match="reopen"):
        do(issue, "reopen", CITIZEN, NOON + timedelta(days=60))
    do(issue, "reopen", manager(), NOON + timedelta(days=60))


def test_one_justified_extension(issue, crew):
    leader = staff(of=issue.team, leads=True)
    until = issue.due_at + timedelta(days=3)
    done = do(issue, "extend", leader, reason="weather", until=until)
    issue.refresh_from_db()
    assert done.due_at == issue.due_at == running(issue).get().due_at
    assert done.due_at.date() >= until.date()
    assert Event.objects.get(issue=issue, code="extended").data["reason"] == "weather"
    assert (
        refused(issue, "extend", leader, reason="weather", until=until + timedelta(days=2)).code
        == "extension.used"
    )


def test_an_extension_is_no_longer_than_the_time_was(issue):
    far = issue.due_at + timedelta(days=90)
    assert refused(issue, "extend", manager(), reason="weather", until=far).code == "extension.too_long"
    assert refused(issue, "extend", manager(), reason="weather", until=NOON).code == "extension.not_later"


def test_a_wait_keeps_the_state_in_which_it_began(issue, crew):
    do(issue, "schedule", crew, on=date(2026, 11, 25))
    do(issue, "ask", crew, note="Há portão?")
    do(issue, "comment", CITIZEN, note="Vou ver.")
    assert do(issue, "resume", crew).state == "scheduled"


def test_somebody_assigns_and_no_rule_does_it_again(issue):
    boss = manager()
    do(issue, "assign", boss, team="smsurb-triagem")
    issue.refresh_from_db()
    assert (issue.team.slug, issue.assigned_by_id, issue.rule_id) == ("smsurb-triagem", boss.user_id, None)
    assert issue.reasons == [{"code": "assigned_by_person"}]


def test_what_a_crew_cannot_do_goes_back_to_the_triage_of_its_department(issue, crew):
    do(issue, "cannot_do", crew, reason="missing_material")
    issue.refresh_from_db()
    assert (issue.state, issue.team.slug) == ("triaged", "smsurb-triagem")


# ---- duplicates


def test_a_duplicate_follows_its_original(issue, crew):
    twin = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    do(twin, "duplicate", manager(), original=issue.protocol)
    twin.refresh_from_db()
    issue.refresh_from_db()
    assert (twin.state, twin.duplicate_of_id, issue.followers) == ("duplicate", issue.pk, 1)
    done = do(issue, "resolve", crew, proof=proved())
    assert told(done.event_id) == ["citizen_notice", "follower_notice"]
    do(twin, "restore", manager(), note="É outro buraco.")
    issue.refresh_from_db()
    twin.refresh_from_db()
    assert (issue.followers, twin.duplicate_of_id, twin.state) == (0, None, "reopened")


def test_a_request_repeats_neither_itself_nor_what_repeats_it(issue):
    twin = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    assert refused(issue, "duplicate", manager(), original=issue.protocol).code == "act.original_itself"
    do(twin, "duplicate", manager(), original=issue.protocol)
    assert refused(issue, "duplicate", manager(), original=twin.protocol).code == "act.original_itself"


# ---- who is told


def test_staff_hear_citizens_and_citizens_hear_staff(issue, crew):
    assert told(do(issue, "comment", CITIZEN, note="Piorou").event_id) == ["team_notice"]
    assert told(do(issue, "comment", crew, note="Amanhã").event_id) == ["citizen_notice"]
    note = do(issue, "note", crew, note="Cuidado com o cão")
    assert told(note.event_id) == []
    assert not Event.objects.get(pk=note.event_id).is_public


def test_the_system_acts_too(issue, crew):
    do(issue, "resolve", crew, proof=proved())
    assert do(issue, "confirm", SYSTEM).state == "confirmed"
