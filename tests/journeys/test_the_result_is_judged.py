"""The citizen judges what was done: on a plain page, with one tap, or in words."""

import re

import pytest

from issues.lifecycle.models import Event, Issue
from issues.lifecycle.ratings.models import Rating
from issues.teams.models import Team
from tests.factories.reports import NOON, issue

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(db):
    return issue(Team.objects.order_by("id").first(), state="resolved", closed_at=NOON)


def page(client, case):
    return client.get(f"/s/{case.token}/").content.decode()


def fields(html, action):
    """The hidden fields of the form that does `action`."""
    form = next(f for f in re.findall(r"<form.*?</form>", html, re.S) if f'value="{action}"' in f)
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_not_solved_is_one_tap_and_the_request_is_back_with_its_team(client, case):
    sent = fields(page(client, case), "reopen")
    answer = client.post(f"/s/{case.token}/agir/", sent, follow=True)
    assert "Feito" in answer.content.decode()
    case.refresh_from_db()
    assert (case.state, case.is_open) == ("reopened", True)


def test_the_same_tap_twice_is_one_event(client, case):
    sent = fields(page(client, case), "confirm")
    for _ in range(2):
        assert client.post(f"/s/{case.token}/agir/", sent).status_code == 302
    assert Event.objects.filter(issue=case, code="confirmed").count() == 1


def test_five_faces_and_words_are_kept_and_can_be_changed(client, case):
    sent = {"face": "2", "reasons": ["half_done", "too_slow"], "words": "Ficou um degrau.", "then": "keep"}
    answer = client.post(f"/s/{case.token}/avaliar/", sent, follow=True).content.decode()
    assert "Sua avaliação foi registrada" in answer
    assert "Mudar a avaliação" in answer
    assert re.search(r'value="2" required checked', answer)
    client.post(f"/s/{case.token}/avaliar/", {"face": "4"})
    assert Rating.objects.get().face == 4


def test_a_bad_result_is_rated_and_reopened_at_once(client, case):
    sent = {"face": "1", "reasons": ["came_back"], "words": "Voltou.", "then": "reopen"}
    client.post(f"/s/{case.token}/avaliar/", sent)
    case.refresh_from_db()
    assert (case.state, Rating.objects.get().face) == ("reopened", 1)
    assert Event.objects.get(issue=case, code="reopened").data["reason"] == "came_back"


def test_a_request_that_somebody_has_reopened_meanwhile_is_told_and_nothing_is_half_done(client, case):
    sent = {"face": "1", "then": "reopen"}
    Issue.objects.filter(pk=case.pk).update(state="reopened")
    answer = client.post(f"/s/{case.token}/avaliar/", sent)
    assert answer.status_code == 409
    assert not Rating.objects.exists()


def test_a_rating_without_a_face_says_so_on_the_same_page(client, case):
    answer = client.post(f"/s/{case.token}/avaliar/", {"then": "keep"})
    assert answer.status_code == 422
    assert "Escolha uma das cinco carinhas" in answer.content.decode()


def test_a_question_of_the_team_is_answered_on_the_page(client, db):
    case = issue(Team.objects.order_by("id").first(), state="waiting", resumes_as="assigned")
    Event.objects.create(
        issue=case, code="waiting", at=NOON, recorded_at=NOON, note="Qual é o número da casa?"
    )
    html = page(client, case)
    assert "Qual é o número da casa?" in html
    sent = {**fields(html, "answer"), "note": "É o 120."}
    client.post(f"/s/{case.token}/agir/", sent)
    case.refresh_from_db()
    assert case.state == "assigned"


def test_an_unknown_link_is_not_found(client, db):
    assert client.post("/s/0123456789abcdef0123/avaliar/", {"face": "5"}).status_code == 404
