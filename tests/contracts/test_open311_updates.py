"""What happened to requests, told to other systems and taken from them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from geo_central.kernel import clock
from issues.intake.operations import report
from issues.lifecycle.models import Event, Issue, Photo, Resolution
from issues.teams import keys
from issues.teams.models import Team
from tests.factories.open311 import ROOT, TEST, read
from tests.factories.reports import draft, photo_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed():
    return Issue.objects.get(protocol=report(draft=draft(), now=clock.now()).protocol)


def key_for(*teams, scopes=("update",)):
    """Its teams: all of them, where none is named."""
    teams = teams or Team.objects.values_list("pk", flat=True)
    return keys.make(name="DMAE", scopes=scopes, quota=0, teams=teams, by=None, now=clock.now())[1]


def tell(client, row, secret, root=ROOT, **more):
    given = {
        "api_key": secret,
        "service_request_id": row.protocol,
        "update_id": "u1",
        "status": "IN_PROGRESS",
    }
    return client.post(f"{root}/servicerequestupdates.json", {**given, **more})


def test_what_happened_today_is_told_in_order(client, filed):
    for form in ("json", "xml"):
        response, told = read(client, "servicerequestupdates", form)
        assert response.status_code == 200
    _, told = read(client, "servicerequestupdates", service_request_id=filed.protocol)
    assert [t["service_request_id"] for t in told] == [filed.protocol] * 2
    assert [t["update_id"] for t in told] == [str(e) for e in filed.events.values_list("id", flat=True)]
    assert [t["status"] for t in told] == ["open", "investigating"]
    yesterday = (clock.now() - timedelta(days=1)).isoformat()
    assert read(client, "servicerequestupdates", end_date=yesterday)[1] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_date": "x"},
        {"start_date": "2026-01-01", "end_date": "2026-09-01"},
        {"start_date": "2026-09-01", "end_date": "2026-01-01"},
        {"cursor": "x"},
        {"start_date": "9999-12-31"},
        {"end_date": "0001-01-01"},
    ],
)
def test_a_period_that_cannot_be_is_refused_by_name(client, wrong):
    response, told = read(client, "servicerequestupdates", **wrong)
    assert response.status_code == 400
    assert any(name in told[0]["description"] for name in wrong)


def test_a_partner_starts_and_finishes_and_each_update_counts_once(client, filed):
    secret = key_for(filed.team_id)
    first, again = tell(client, filed, secret), tell(client, filed, secret)
    assert first.status_code == again.status_code == 200, first.content
    assert first.json() == again.json()
    filed.refresh_from_db()
    assert filed.state == "in_progress"
    done = tell(client, filed, secret, update_id="u2", status="FIXED", description="Rede <i>consertada</i>.")
    assert done.status_code == 200, done.content
    filed.refresh_from_db()
    assert filed.state == "resolved"
    last = Event.objects.get(pk=done.json()[0]["update_id"])
    assert (last.by, last.note) == ("partner", "Rede consertada.")
    assert Resolution.objects.get(issue=filed).unproved == "done_by_others"


def test_a_state_that_no_partner_reaches_is_kept_as_a_note(client, filed):
    secret = key_for(filed.team_id)
    assert tell(client, filed, secret, status="PLANNED").status_code == 400  # a note needs words
    said = tell(client, filed, secret, status="PLANNED", description="Entrou na programação.")
    assert said.status_code == 200
    filed.refresh_from_db()
    assert filed.state == "assigned"
    assert filed.events.filter(code="noted").count() == 1


def test_a_partner_acts_on_requests_of_its_teams_only(client, filed):
    other = Team.objects.exclude(pk=filed.team_id).order_by("pk")[0]
    assert tell(client, filed, key_for(other.pk)).status_code == 403
    assert tell(client, filed, key_for(filed.team_id, scopes=["report"])).status_code == 403
    assert tell(client, filed, "errada").status_code == 403
    assert tell(client, filed, key_for()).status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"service_request_id": ""}, 400),
        ({"service_request_id": "2026-0000000-0"}, 404),
        ({"update_id": ""}, 400),
        ({"status": "PERHAPS"}, 400),
        ({"updated_datetime": "ontem"}, 400),
    ],
)
def test_a_bad_update_is_refused_by_name(client, filed, change, status):
    response = tell(client, filed, key_for(), **change)
    assert response.status_code == status
    assert next(iter(change)) in response.json()[0]["description"]


def test_an_update_from_tomorrow_happened_now(client, filed):
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    done = tell(client, filed, key_for(), updated_datetime=tomorrow)
    assert Event.objects.get(pk=done.json()[0]["update_id"]).at <= clock.now()


def test_each_update_tells_the_state_that_it_left(client, filed):
    secret = key_for()
    tell(client, filed, secret)
    tell(client, filed, secret, update_id="u2", status="FIXED")
    tell(client, filed, secret, update_id="u3", status="UNCHANGED", description="Fotos a caminho.")
    _, told = read(client, "servicerequestupdates", service_request_id=filed.protocol)
    assert [t["status"] for t in told] == ["open", "investigating", "in_progress", "fixed", "fixed"]


def test_an_update_is_told_by_when_we_learnt_of_it(client, filed):
    long_ago = clock.now() - timedelta(days=40)
    Issue.objects.filter(pk=filed.pk).update(opened_at=long_ago)
    a_month = (clock.now() - timedelta(days=30)).isoformat()
    done = tell(client, filed, key_for(), updated_datetime=a_month)
    _, told = read(client, "servicerequestupdates")  # of the last day
    assert done.json()[0]["update_id"] in [t["update_id"] for t in told]


def test_nothing_happens_before_the_request_was_made(client, filed):
    done = tell(client, filed, key_for(), updated_datetime="1990-01-01T00:00:00Z")
    assert Event.objects.get(pk=done.json()[0]["update_id"]).at == filed.opened_at


def test_the_pictures_of_an_update_are_kept_once_and_none_of_one_without_words(client, filed):
    secret = key_for()
    for words in ("", "Antes e depois.", "Antes e depois."):
        photo = SimpleUploadedFile("depois.png", photo_bytes(), "image/png")
        tell(client, filed, secret, status="PLANNED", description=words, media=photo)
    assert Photo.objects.count() == filed.photos.count() == 1


def test_the_test_endpoint_takes_no_updates(client, filed):
    assert tell(client, filed, key_for(), root=TEST).status_code == 404
