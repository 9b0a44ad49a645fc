"""A manager links a department's system, chooses what goes there, and decides what is stuck."""

import html
import json
import re

import pytest
from django.urls import reverse

from geo_central.kernel import clock
from issues.interfaces.wording import say_event
from issues.partners import operations
from issues.partners.models import Forwarding, Parcel, Partner, PartnerService
from issues.partners.signing import is_secret
from issues.teams.models import User
from tests.factories.partners import road
from tests.factories.reports import POTHOLE
from tests.geo.test_partners import filed, in_order, parcels

pytestmark = pytest.mark.usefixtures("own_database")
NEW = {"nome": "Obras", "tipo": "open311", "formato": "json", "chave": "k-123"}


@pytest.fixture
def manager(client):
    client.force_login(User.objects.create(username=f"gestora-{clock.now().timestamp()}", role="manager"))
    return client


@pytest.fixture
def way(settings):
    with road() as made:
        settings.PARTNER_ORIGINS = [made.origin]
        yield made


@pytest.fixture(autouse=True)
def _tidy(own_database):
    yield
    for model in (Parcel, Forwarding, PartnerService, Partner):
        model.objects.all().delete()


def offering(seen):
    """A server that offers one service and takes what it is sent."""
    if "/services." in seen.path:
        return 200, b'[{"service_code":"B-12","service_name":"Buracos"}]'
    if seen.method == "POST":
        return 200, b'[{"service_request_id":"777"}]'
    return 404, b"[]"


def text(response):
    return html.unescape(response.content.decode())


def sweep():
    in_order()
    return operations.sweep(now=clock.now, say=say_event)


def link(manager, way, **changes):
    return manager.post(reverse("manager:partners"), {**NEW, "endereco": f"{way.origin}/v2/", **changes})


def test_a_system_is_linked_tried_and_given_services(manager, way):
    way.answers = offering
    made = link(manager, way)
    assert made.status_code == 200
    secret = html.unescape(re.search(r'class="secret">([^<]+)<', made.content.decode())[1])
    assert is_secret(secret)
    assert "Ele respondeu" in text(made)
    partner = Partner.objects.get()
    address = reverse("manager:partner", args=[partner.slug])
    page = text(manager.get(address))
    assert secret not in page
    assert "k-123" not in page
    assert "B-12" in page  # what it offers
    assert (partner.url, partner.repeats, partner.tells) == (f"{way.origin}/v2", "never", "requests")
    manager.post(
        reverse("manager:partner-services", args=[partner.slug]), {"novo": POTHOLE, "novo-la": "B-12"}
    )
    assert PartnerService.objects.get().remote_code == "B-12"
    issue = filed()
    sweep()
    assert b"B-12" in way.posts("requests")[0].body
    sent = text(manager.get(reverse("manager:partner-sent", args=[partner.slug])))
    assert issue.protocol in sent
    assert "777" in sent
    assert "1 chamado aberto" in text(manager.get(reverse("manager:partners")))
    manager.post(reverse("manager:partner-services", args=[partner.slug]), {})
    assert not PartnerService.objects.exists()


def test_what_is_stuck_is_shown_with_its_reason_and_decided(manager, way):
    link(manager, way)
    partner = Partner.objects.get()
    operations.choose(partner.slug, {POTHOLE: "B-12"}, now=clock.now())
    way.answers = lambda seen: (400, b'[{"code":400,"description":"depth required"}]')
    issues = [filed(lat=-30.03 - n / 100) for n in range(3)]
    sweep()
    address = reverse("manager:partner", args=[partner.slug])
    page = text(manager.get(address))
    assert "depth required" in page
    assert "3 esperam por você" in text(manager.get(reverse("manager:partners")))
    decide = reverse("manager:partner-decide", args=[partner.slug])
    again, gone, found = (parcels(i)[0].pk for i in issues)
    manager.post(decide, {"mensagem": again, "decisao": "reenviar"})
    manager.post(decide, {"mensagem": gone, "decisao": "desistir"})
    manager.post(decide, {"mensagem": found, "decisao": "chegou", "numero": "D-9"})
    assert [parcels(i)[0].state for i in issues] == ["waiting", "dropped", "sent"]
    assert Forwarding.objects.get(issue=issues[2]).remote_id == "D-9"
    late = manager.post(decide, {"mensagem": gone, "decisao": "reenviar"})
    assert late.status_code == 409
    assert "já foi tratada" in text(late)
    assert manager.post(decide, {"mensagem": again, "decisao": "chegou"}).status_code in (409, 422)


def test_how_it_is_spoken_to_can_be_changed_and_it_can_be_switched_off(manager, way):
    link(manager, way)
    partner = Partner.objects.get()
    key = bytes(partner.sealed_key)
    address = reverse("manager:partner", args=[partner.slug])
    given = {"nome": "Obras novas", "endereco": f"{way.origin}/v3", "repete": "key", "conta": "updates"}
    assert manager.post(address, given).status_code == 302
    partner.refresh_from_db()
    assert (partner.name, partner.repeats, partner.is_active, bytes(partner.sealed_key)) == (
        "Obras novas", "key", False, key,
    )  # fmt: skip
    assert manager.post(address, {**given, "repete": "sempre"}).status_code == 422


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"nome": ""}, 422),
        ({"tipo": "fax"}, 422),
        ({"endereco": "ftp://x"}, 422),
        ({"endereco": "https://x/?a=1"}, 422),
        ({"formato": "csv"}, 422),
        ({"segredo": "short"}, 422),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(manager, way, change, status):
    response = link(manager, way, **change)
    assert response.status_code == status
    assert 'role="alert"' in response.content.decode()
    assert not Partner.objects.exists()
    assert (change.get("nome", "Obras")) in text(response)


def test_a_service_goes_to_one_system_only_and_a_name_is_used_once(manager, way):
    link(manager, way)
    link(manager, way, nome="Outro")
    first, second = Partner.objects.order_by("name")
    operations.choose(first.slug, {POTHOLE: "x"}, now=clock.now())
    response = manager.post(reverse("manager:partner-services", args=[second.slug]), {"novo": POTHOLE})
    assert response.status_code == 422
    assert first.name in text(response)
    assert link(manager, way).status_code == 409
    wrong = manager.post(reverse("manager:partner-services", args=[second.slug]), {"novo": "nada-disso"})
    assert wrong.status_code == 422


def test_secrets_are_not_in_the_database_as_they_are(manager, way):
    link(manager, way)
    partner = Partner.objects.get()
    assert b"k-123" not in bytes(partner.sealed_key)
    assert json.dumps(partner.offered) == "[]"


@pytest.mark.parametrize("role", ["crew", "attendant", "planner"])
def test_only_managers_link_systems(client, own_database, role):
    client.force_login(User.objects.create(username=f"outro-{role}-{clock.now().timestamp()}", role=role))
    assert client.get(reverse("manager:partners")).status_code == 403
    assert client.get(reverse("manager:partner", args=["obras"])).status_code == 403
