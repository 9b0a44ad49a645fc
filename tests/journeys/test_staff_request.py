"""The people who do the work act on one request from a plain page."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from issues.lifecycle.models import Event, Issue, Resolution
from issues.teams.models import Membership, Team, User
from tests.factories.reports import CENTRE, issue, photo_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(db):
    return Team.objects.get(slug="smsurb-conservacao-16")


@pytest.fixture
def case(team):
    return issue(team, description="Buraco fundo.")


@pytest.fixture
def crew(client, team):
    user = User.objects.create_user(username="maria", password="x" * 12, role="crew")
    Membership.objects.create(user=user, team=team)
    client.force_login(user)
    return client


def address(case):
    return reverse("crew:request", args=[case.protocol])


def form(html, action):
    found = next(f for f in re.findall(r"<form.*?</form>", html, re.S) if f'value="{action}"' in f)
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found))


def offered(html):
    return set(re.findall(r'name="action" value="(\w+)"', html))


def sent(client, case, action, **fields):
    html = client.get(address(case)).content.decode()
    return client.post(address(case), {**form(html, action), **fields}, follow=True)


def test_a_crew_is_offered_what_the_table_allows_and_no_more(crew, case):
    acts = offered(crew.get(address(case)).content.decode())
    assert {"start", "resolve", "schedule", "ask", "cannot_do", "note"} <= acts
    assert not {"reject", "extend", "cancel", "confirm"} & acts


def test_a_manager_is_offered_more(client, case):
    client.force_login(User.objects.create_user(username="chefe", password="x" * 12, role="manager"))
    assert {"reject", "extend", "assign", "cancel"} <= offered(client.get(address(case)).content.decode())


def test_work_is_started_and_finished_with_a_photo_and_a_position(crew, case):
    answer = sent(crew, case, "start")
    assert "Em execução" in answer.content.decode()
    photo = SimpleUploadedFile("depois.png", photo_bytes(), "image/png")
    place = {"lat": CENTRE.lat, "lng": CENTRE.lng, "accuracy_m": "12"}
    sent(crew, case, "resolve", photos=photo, **place)
    case.refresh_from_db()
    closing = Resolution.objects.get(issue=case)
    assert (case.state, closing.photos, closing.missing) == ("resolved", 1, "")


def test_without_proof_the_page_asks_for_it_and_keeps_what_was_written(crew, case):
    answer = sent(crew, case, "resolve", note="Feito com massa fria.")
    assert answer.status_code == 422
    assert "Feito com massa fria." in answer.content.decode()
    sent(crew, case, "resolve", without="no_camera")
    assert Resolution.objects.get(issue=case).unproved == "no_camera"


def test_a_note_is_read_by_the_team_and_not_by_the_reporter(crew, case):
    answer = sent(crew, case, "note", note="Levar a placa vibratória.")
    assert "Levar a placa vibratória." in answer.content.decode()
    assert "placa" not in crew.get(f"/s/{case.token}/").content.decode()


def test_who_was_faster_is_told_with_the_state_as_it_is(crew, case):
    html = crew.get(address(case)).content.decode()
    Issue.objects.filter(pk=case.pk).update(state="in_progress")
    answer = crew.post(address(case), form(html, "resolve") | {"without": "no_camera"})
    assert answer.status_code == 409
    assert "Em execução" in answer.content.decode()


def test_what_went_to_another_team_is_not_there_any_more(crew, case):
    html = crew.get(address(case)).content.decode()
    Issue.objects.filter(pk=case.pk).update(team=Team.objects.get(slug="dmae-centro"))
    assert crew.get(address(case)).status_code == 404
    assert crew.post(address(case), form(html, "start")).status_code == 404
    assert not Event.objects.filter(issue=case, code="started").exists()


def test_a_stranger_is_asked_to_sign_in(client, case):
    assert client.get(address(case)).status_code == 302
