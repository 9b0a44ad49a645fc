"""Acts over HTTP: who may do what and when, once however often it is sent, refused with its reason."""

import uuid

import pytest
from django.db import transaction
from django.test import Client

from geo_central.kernel import clock
from issues.lifecycle.models import Follow, Issue, Resolution
from issues.lifecycle.protocol import format_protocol
from issues.lifecycle.states import OPEN, STATES, TABLE
from tests.factories.acts import person, photo
from tests.factories.acts_http import (
    OTHER_TEAM,
    body,
    by_steps,
    complete_body,
    pothole,
    problem,
    proof,
    send,
    signed_in,
    told,
)
from tests.factories.reports import CENTRE, OUTSIDE

pytestmark = pytest.mark.django_db

# Who may do it, in which states, and the state that it leads to (empty: the same).
TEAM = {"crew", "leader", "manager", "admin"}
DESK = {"leader", "attendant", "manager", "admin"}
WORKABLE = {"received", "triaged", "assigned", "scheduled", "in_progress", "reopened"}
ACTS = {
    "triage": (TEAM | DESK, {"received", "reopened", "assigned"}, "triaged"),
    "assign": (TEAM | DESK, set(OPEN), "assigned"),
    "schedule": (TEAM | DESK, WORKABLE, "scheduled"),
    "start": (TEAM, WORKABLE - {"in_progress"}, "in_progress"),
    "go": (TEAM, WORKABLE, ""),
    "ask": (TEAM | DESK, WORKABLE, "waiting"),
    "answer": (DESK | {"reporter"}, {"waiting"}, "scheduled"),
    "resume": (TEAM | DESK, {"waiting"}, "scheduled"),
    "extend": (DESK, WORKABLE, ""),
    "complete": (TEAM, WORKABLE, "assigned"),
    "resolve": (TEAM, WORKABLE, "resolved"),
    "cannot_do": (TEAM, WORKABLE, "triaged"),
    "confirm": ({"attendant", "manager", "reporter"}, {"resolved"}, "confirmed"),
    "reopen": (DESK | {"reporter"}, {"resolved", "confirmed", "rejected"}, "reopened"),
    "restore": (DESK, {"duplicate", "cancelled"}, "reopened"),
    "reject": (DESK, set(OPEN), "rejected"),
    "duplicate": (TEAM | DESK, set(OPEN), "duplicate"),
    "cancel": ({"attendant", "manager", "admin", "reporter"}, set(OPEN), "cancelled"),
    "comment": (TEAM | DESK | {"reporter"}, set(STATES), ""),
    "note": (TEAM | DESK, set(STATES), ""),
    "forward": (set(), set(OPEN), ""),  # only the house itself, once a partner has it
    "parts": (TEAM, set(STATES), ""),
}
REPORTERS = {a for a, (by, _, _) in ACTS.items() if "reporter" in by}


@pytest.fixture(autouse=True)
def _no_limits(settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 0)


@pytest.fixture
def crew(db):
    return signed_in("crew")


# ---- who, what, when


def test_the_table_of_this_contract_names_every_act():
    assert ACTS.keys() == TABLE.keys()


def check(who, row, given, answer):
    """One answer and what it left behind, against the table above."""
    action = given["action"]
    by, sources, target = ACTS[action]
    if who not in by:
        assert (answer.status_code, problem(answer)["code"]) == (403, "act.not_allowed"), action
    elif row.state not in sources:
        assert (answer.status_code, problem(answer)["code"]) == (409, "act.not_now"), action
        assert problem(answer)["data"]["state"] == row.state
    else:
        assert answer.status_code == 201, (action, answer.content)
        state = answer.json()["state"]
        assert state == (target or row.state), action
        assert answer.json()["is_open"] is (state in OPEN)
        assert Issue.objects.get(pk=row.pk).state == state
    assert told(row) == (answer.status_code == 201), action


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("who", ["crew", "leader", "attendant", "manager", "admin"])
def test_staff_do_what_their_role_and_the_state_allow(who, state):
    row, original, client = pothole(state), pothole(), signed_in(who)
    for action in ACTS:
        with transaction.atomic():
            given = complete_body(by_steps(row) if action == "complete" else row, action, original)
            check(who, row, given, send(client, row, given))
            transaction.set_rollback(True)


@pytest.mark.parametrize("state", STATES)
def test_whoever_reported_it_does_what_the_state_allows(state, client):
    row = pothole(state)
    for action in sorted(REPORTERS):
        with transaction.atomic():
            given = complete_body(row, action, row)
            check("reporter", row, given, send(client, row, given, token=row.token))
            transaction.set_rollback(True)


@pytest.mark.parametrize("action", sorted(ACTS.keys() - REPORTERS))
def test_whoever_reported_it_does_nothing_of_the_staff_s(action, client):
    row = pothole()
    answer = send(client, row, complete_body(row, action, pothole()), token=row.token)
    expected = {403: "act.not_allowed", 400: "body.unknown_key"}
    assert problem(answer)["code"] == expected[answer.status_code]
    assert told(row) == 0


@pytest.mark.parametrize("action", ACTS)
@pytest.mark.parametrize("who", ["stranger", "planner"])
def test_who_has_no_part_in_it_does_not_learn_that_it_exists(who, action):
    row, client = pothole(), signed_in(who)
    given = complete_body(row, action, pothole())
    hidden = send(client, row, given)
    row.protocol = format_protocol(2026, 8_999_999)
    unknown = send(client, row, given)
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.json() == unknown.json()
    assert told(row) == 0


def test_nobody_acts_without_signing_in(client):
    row = pothole()
    answer = send(client, row, body("start"))
    assert (answer.status_code, problem(answer)["code"]) == (403, "auth.needed")
    assert told(row) == 0


def test_another_site_cannot_act_with_a_session():
    row, client = pothole(), Client(enforce_csrf_checks=True)
    client.force_login(person("manager"))
    assert send(client, row, body("start")).status_code == 403
    assert told(row) == 0


def test_what_was_routed_away_is_not_there_any_more(crew):
    row = pothole()
    assert send(crew, row, body("start")).status_code == 201
    moved = send(signed_in("manager"), row, body("assign", team=OTHER_TEAM))
    assert moved.status_code == 201
    answer = send(crew, row, body("ask", note="Onde?"))
    assert (answer.status_code, problem(answer)["code"]) == (404, "issue.unknown")
    assert told(row) == 2


def test_whoever_follows_a_request_may_not_act_on_it(client):
    row = pothole()
    follow = Follow.objects.create(
        issue=row, client_id=uuid.uuid4(), token=uuid.uuid4().hex, created_at=clock.now()
    )
    answer = send(client, row, body("comment", note="Eu também."), token=follow.token)
    assert (answer.status_code, problem(answer)["code"]) == (403, "act.only_reporter")
    assert told(row) == 0


@pytest.mark.parametrize("token", ["x", "a" * 32, "..", "ção" * 8])
def test_a_link_that_leads_nowhere_says_no_more(client, token):
    answer = send(client, pothole(), body("cancel"), token=token)
    assert (answer.status_code, problem(answer)["code"]) == (404, "issue.unknown")


# ---- races and repetitions


def test_who_saw_another_state_is_told_the_current_one_and_nothing_is_done(crew):
    row = pothole("in_progress")
    answer = send(crew, row, body("resolve", seen="assigned", proof=proof()))
    assert (answer.status_code, problem(answer)["code"]) == (409, "issue.changed")
    assert problem(answer)["data"] == {"state": "in_progress"}
    assert told(row) == 0
    assert not Resolution.objects.filter(issue=row).exists()


@pytest.mark.parametrize("door", ["staff", "reporter"])
def test_the_same_client_id_twice_does_it_once_and_answers_the_same(door, crew, client):
    row = pothole()
    who, token = (crew, "") if door == "staff" else (client, row.token)
    given = body("comment", note="Chove.") if token else body("resolve", proof=proof())
    first, second = (send(who, row, given, token=token) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert told(row) == 1


def test_an_answer_is_repeated_even_after_others_went_on(crew):
    row = pothole()
    given = body("start", seen="assigned")
    first = send(crew, row, given)
    send(crew, row, body("resolve", proof=proof()))
    assert send(crew, row, given).json() == first.json()


def test_a_client_id_of_another_act_or_another_request_is_refused(crew):
    row, other = pothole(), pothole()
    given = body("start")
    send(crew, row, given)
    for where, again in ((row, {**given, "action": "go"}), (other, given)):
        answer = send(crew, where, again)
        assert (answer.status_code, problem(answer)["code"]) == (409, "act.id_taken")
        assert problem(answer)["field"] == "client_id"
    assert (told(row), told(other)) == (1, 0)


# ---- proof


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, "proof.photo"),
        ({"lat": CENTRE.lat, "lng": CENTRE.lng}, "proof.photo"),
        ({"photos": ["own"]}, "proof.position"),
        ({"photos": ["own"], "lat": CENTRE.lat + 0.002, "lng": CENTRE.lng}, "proof.too_far"),
        ({"photos": ["own"], "lat": OUTSIDE.lat, "lng": OUTSIDE.lng, "accuracy_m": 1e5}, "proof.too_far"),
        ({"without": "because"}, "reason.unknown"),
        ({"photos": [str(uuid.UUID(int=7))], "lat": CENTRE.lat, "lng": CENTRE.lng}, "photo.unknown"),
    ],
)
def test_what_is_missing_of_the_proof_is_named(crew, given, code):
    row = pothole()
    if given and given.get("photos") == ["own"]:
        given = {**given, "photos": [str(photo())]}
    answer = send(crew, row, body("resolve", proof=given))
    assert (answer.status_code, problem(answer)["code"]) == (422, code)
    assert problem(answer)["field"] in ("proof", "photos")
    assert told(row) == 0


def test_a_picture_of_another_request_proves_nothing(crew):
    row = pothole()
    answer = send(crew, row, body("resolve", proof=proof(photos=[str(photo(pothole()))])))
    assert (answer.status_code, problem(answer)["code"]) == (422, "photo.unknown")


def test_a_reason_stands_in_for_the_proof_and_is_kept(crew):
    row = pothole()
    assert send(crew, row, body("resolve", proof={"without": "no_camera"})).status_code == 201
    kept = Resolution.objects.get(issue=row)
    assert (kept.missing, kept.unproved) == ("photo,position", "no_camera")


def test_an_act_is_sent_by_post_alone(crew):
    row = pothole()
    address = f"/api/v1/crew/issues/{row.protocol}/acts/"
    assert [getattr(crew, verb)(address).status_code for verb in ("get", "put", "delete")] == [405] * 3


def test_whoever_sends_too_many_is_told_to_wait(settings, client):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "report": 2}
    row = pothole()
    answers = [send(client, row, body("comment", note="x"), token=row.token) for _ in range(3)]
    assert [a.status_code for a in answers] == [201, 201, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert told(row) == 2
