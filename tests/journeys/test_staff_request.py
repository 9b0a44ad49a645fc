"""The people who do the work act on one request from a plain page."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from issues.intake.operations import report
from issues.lifecycle.models import Event, Issue, IssueStep, Photo, Resolution
from issues.teams.models import Membership, Team, User
from tests.factories.acts import photo
from tests.factories.reports import CENTRE, NOON, draft, issue, photo_bytes

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


def test_each_form_has_an_id_of_its_own(crew, case):
    html = crew.get(address(case)).content.decode()
    ids = re.findall(r'name="client_id" value="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == len(offered(html))


def test_after_an_error_everything_that_was_typed_and_sent_comes_back(crew, case):
    sent(crew, case, "start")
    photo = SimpleUploadedFile("depois.png", photo_bytes(), "image/png")
    answer = sent(crew, case, "resolve", photos=photo, note="Com massa fria.")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "1 foto já chegou" in html
    again = form(html, "resolve")
    assert again["client_id"] == answer.wsgi_request.POST["client_id"]
    crew.post(address(case), {**again, "lat": CENTRE.lat, "lng": CENTRE.lng, "accuracy_m": "9"})
    closing = Resolution.objects.get(issue=case)
    assert (closing.photos, closing.missing) == (1, "")


def test_what_was_chosen_comes_back(client, case):
    client.force_login(User.objects.create_user(username="chefe", password="x" * 12, role="manager"))
    html = sent(client, case, "extend", reason="weather", until="2020-01-01", note="Chuva.").content.decode()
    kept = next(f for f in re.findall(r"<form.*?</form>", html, re.S) if 'value="extend"' in f)
    assert '<option value="weather" selected>' in kept
    assert 'value="2020-01-01"' in kept
    assert "Chuva." in kept


def test_a_crew_at_a_parallel_step_sees_the_request_and_ends_its_own_step_only(client, case, team):
    other = Team.objects.get(slug="dmae-centro")
    received = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    first = IssueStep.objects.get(issue=received)
    IssueStep.objects.create(
        issue=received, code="rede", name="Rede", team=other, opened_at=NOON, due_at=first.due_at
    )
    user = User.objects.create_user(username="joana", password="x" * 12, role="crew")
    Membership.objects.create(user=user, team=other)
    client.force_login(user)
    html = client.get(address(received)).content.decode()
    ends = set(re.findall(r'name="step" value="(\w+) ', html))
    assert ends == {"rede"}
    IssueStep.objects.filter(code="rede", issue=received).update(state="done", closed_at=NOON)
    assert client.get(address(received)).status_code == 404


def test_the_last_step_is_ended_with_a_photo(client):
    received = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    client.force_login(User.objects.create_user(username="chefe", password="x" * 12, role="manager"))
    for outcome in ("vistoria so-pavimento", "pavimentacao feito"):
        assert 'id="photos-complete"' not in client.get(address(received)).content.decode()
        answer = sent(client, received, "complete", step=outcome)
        assert answer.status_code == 200, re.findall(r'role="alert".*', answer.content.decode())
    assert 'id="photos-complete"' in client.get(address(received)).content.decode()
    proof = SimpleUploadedFile("depois.png", photo_bytes(), "image/png")
    place = {"lat": CENTRE.lat, "lng": CENTRE.lng, "accuracy_m": "12"}
    sent(client, received, "complete", step="conferencia aprovado", photos=proof, **place)
    received.refresh_from_db()
    assert (received.state, Resolution.objects.get(issue=received).photos) == ("resolved", 1)


def test_answers_are_read_in_words_and_photos_before_and_after_apart(crew, team):
    asked = issue(team, answers={"tamanho": "maior-que-um-pneu"})
    html = crew.get(address(asked)).content.decode()
    assert "Qual é o tamanho do buraco?" in html
    assert "Maior que um pneu" in html
    assert "Depois</h3>" not in html
    Photo.objects.filter(pk=photo(asked)).update(kind="after")
    assert "Depois</h3>" in crew.get(address(asked)).content.decode()


def test_a_stranger_is_asked_to_sign_in(client, case):
    assert client.get(address(case)).status_code == 302
