"""The pages of notices: subscribe, choose, stop with one tap, and take it back."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from issues.citizens.models import PersonalDataAccess
from issues.conversations import links, operations
from issues.conversations.models import ContactPreference, Subscription
from issues.intake.operations import follow, report
from issues.lifecycle.models import Issue
from tests.factories.peers import Browser
from tests.factories.reports import NOON, draft

pytestmark = pytest.mark.django_db
ANA = "ana@example.com"


@pytest.fixture(autouse=True)
def _quiet_doors(settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 0)


@pytest.fixture
def receipt():
    return report(draft=draft(), now=NOON)


@pytest.fixture
def signed(receipt):
    reader = operations.subscribe_email(token=receipt.token, email=ANA, language="pt-br", now=NOON)
    return links.sign(reader)


def page(response):
    return response.content.decode()


# ---- subscribing


def test_leaving_an_address_with_the_secret_link_of_an_anonymous_request(client, receipt):
    address = reverse("citizen:notices", args=[receipt.token])
    assert client.get(address).status_code == 200
    response = client.post(address, {"email": " Ana@Example.com "}, follow=True)
    assert response.status_code == 200
    assert "a•••@example.com" in page(response)
    assert ANA not in page(response)
    assert Issue.objects.get(token=receipt.token).citizen_id is not None
    assert response.headers["Referrer-Policy"] == "same-origin"


def test_a_wrong_address_is_named_and_nothing_is_lost(client, receipt):
    for wrong in ("", "ana", "ana@"):
        response = client.post(reverse("citizen:notices", args=[receipt.token]), {"email": wrong})
        assert response.status_code == 422
        assert f'value="{wrong}"' in page(response)
        assert 'aria-invalid="true"' in page(response)


def test_a_link_that_does_not_exist_tells_nothing(client):
    address = reverse("citizen:notices", args=["a" * 22])
    assert client.get(address).status_code == 404
    assert client.post(address, {"email": ANA}).status_code == 404


def test_a_follower_sees_only_the_contacts_left_with_their_own_link(client, receipt, signed):
    followed = follow(protocol=receipt.protocol, client_id=draft().client_id, now=NOON)
    shown = page(client.get(reverse("citizen:notices", args=[followed.token])))
    assert "a•••@example.com" not in shown
    assert Issue.objects.get(token=receipt.token).citizen_id is not None


def test_the_same_address_twice_is_one_subscription_and_takes_it_up_again(receipt, signed):
    reader = links.unsign(signed)
    operations.mute(reader, everything=True, on=False, now=NOON)
    assert operations.subscribe_email(token=receipt.token, email=ANA, language="es", now=NOON) == reader
    assert Subscription.objects.count() == 1
    assert ContactPreference.objects.get().off_at is None


def test_a_browser_leaves_its_subscription(client, receipt, settings):
    settings.PUSH_HOSTS = ["push.example"]
    address = reverse("citizen:notices-browser", args=[receipt.token])
    given = Browser("https://push.example", "um").subscription
    response = client.post(address, json.dumps(given), content_type="application/json")
    assert response.status_code == 201
    assert client.get(response.json()["preferences"]).status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"endpoint": "https://127.0.0.1/x"}, 422, "push.host_not_allowed"),
        ({"endpoint": "http://push.example/x"}, 422, "push.host_not_allowed"),
        ({"endpoint": 7}, 422, "push.host_not_allowed"),
        ({"keys": {}}, 422, "push.bad_subscription"),
        ({"keys": None}, 422, "push.bad_subscription"),
        (None, 422, "push.bad_subscription"),
        ("{", 400, "body.not_json"),
    ],
)
def test_a_browser_that_says_something_else_is_refused(client, receipt, settings, change, status, code):
    settings.PUSH_HOSTS = ["push.example"]
    given = Browser("https://push.example", "um").subscription
    body = change if isinstance(change, str) else json.dumps({**given, **change} if change else None)
    address = reverse("citizen:notices-browser", args=[receipt.token])
    response = client.post(address, body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not Subscription.objects.exists()


def test_a_page_elsewhere_cannot_subscribe_a_visitor(receipt):
    strict = Client(enforce_csrf_checks=True)
    address = reverse("citizen:notices", args=[receipt.token])
    assert strict.post(address, {"email": ANA}).status_code == 403


# ---- stopping


def test_a_mail_program_stops_the_messages_with_one_post_and_no_cookie(signed):
    strict = Client(enforce_csrf_checks=True)
    address = reverse("citizen:unsubscribe", args=[signed])
    response = strict.post(address, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 204
    assert Subscription.objects.get().muted_at is not None


def test_looking_at_the_link_stops_nothing(client, signed):
    assert client.get(reverse("citizen:unsubscribe", args=[signed])).status_code == 200
    assert Subscription.objects.get().muted_at is None


def test_one_tap_stops_and_another_undoes(client, signed):
    address = reverse("citizen:unsubscribe", args=[signed])
    stopped = client.post(address, follow=True)
    assert "Pronto" in page(stopped)
    assert "Desfazer" in page(stopped)
    client.post(address, {"on": "1"})
    assert Subscription.objects.get().muted_at is None
    everything = client.post(address, {"what": "all"}, follow=True)
    assert "nenhum aviso" in page(everything)
    client.post(address, {"what": "all", "on": "1"})
    assert ContactPreference.objects.get().off_at is None


def test_a_link_that_was_changed_is_refused_and_so_is_one_of_a_contact_that_has_gone(client, signed):
    assert client.get(reverse("citizen:unsubscribe", args=[signed[:-2] + "xx"])).status_code == 404
    assert client.post(reverse("citizen:unsubscribe", args=["x"])).status_code == 404
    gone = links.sign(links.Reader(10**9, None))
    assert client.get(reverse("citizen:preferences", args=[gone])).status_code == 404
    assert (
        client.post(
            reverse("citizen:unsubscribe", args=[gone]), {"List-Unsubscribe": "One-Click"}
        ).status_code
        == 204
    )


# ---- choosing


def test_a_reader_chooses_subjects_and_language(client, signed):
    address = reverse("citizen:preferences", args=[signed])
    assert len(re.findall(" checked", page(client.get(address)))) == 5
    client.post(address, {"groups": ["outcome", "question"], "language": "en"})
    shown = page(client.get(address))
    assert len(re.findall(" checked", shown)) == 2
    assert ContactPreference.objects.get().language == "en"


def test_no_subject_at_all_means_nothing_and_says_so(client, signed):
    address = reverse("citizen:preferences", args=[signed])
    assert "parados" in page(client.post(address, {"language": "pt-br"}, follow=True))


def test_a_subject_that_does_not_exist_is_refused(client, signed):
    address = reverse("citizen:preferences", args=[signed])
    assert client.post(address, {"groups": ["everything"]}).status_code == 422


def test_every_look_at_an_address_is_written_down(client, signed):
    before = PersonalDataAccess.objects.count()
    client.get(reverse("citizen:preferences", args=[signed]))
    assert PersonalDataAccess.objects.count() == before + 1
    assert PersonalDataAccess.objects.latest("id").purpose == "preferences"


def test_the_service_worker_is_at_a_fixed_address_and_always_fresh(client):
    response = client.get("/avisos/sw.js")
    assert response.headers["Content-Type"] == "text/javascript"
    assert response.headers["Cache-Control"] == "no-cache"
    assert b"showNotification" in response.content
