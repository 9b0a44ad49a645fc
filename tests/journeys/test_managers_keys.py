"""A manager gives another system a key, which opens what it is for until it is taken back."""

import html
import re

import pytest
from django.urls import reverse

from issues.teams.models import ApiKey, Team, User
from tests.factories.open311 import here, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    client.force_login(User.objects.create(username="gestora-de-chaves", role="manager"))
    return client


def secret_of(response):
    return html.unescape(re.search(r'class="secret">([^<]+)<', response.content.decode())[1])


def test_a_key_is_made_shown_once_used_and_revoked(manager):
    address = reverse("manager:keys")
    team = Team.objects.order_by("slug")[0]
    made = manager.post(
        address, {"nome": "Aplicativo X", "limite": "0", "escopos": ["report"], "equipes": team.slug}
    )
    secret = secret_of(made)
    assert ApiKey.objects.get().teams.get() == team
    assert secret not in manager.get(address).content.decode()
    assert send(manager, api_key=secret, **here()).status_code == 200
    assert "usada" in manager.get(address).content.decode()
    manager.post(reverse("manager:keys-revoke", args=[ApiKey.objects.get().pk]))
    assert send(manager, api_key=secret, **here()).status_code == 403
    assert "Revogada" in manager.get(address).content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"nome": ""}, "obrigatório"),
        ({"escopos": []}, "obrigatório"),
        ({"escopos": ["tudo"]}, "não é uma das opções"),
        ({"limite": "muitas"}, "ão é um número"),
        ({"limite": "-1"}, "entre"),
        ({"equipes": "ninguem"}, "equipe"),
        ({"escopos": ["update"]}, "De que equipes"),
    ],
)
def test_a_key_that_cannot_be_is_refused_and_what_was_typed_stays(manager, change, said):
    given = {"nome": "Aplicativo Y", "limite": "5", "escopos": ["report"], "equipes": ""} | change
    response = manager.post(reverse("manager:keys"), given)
    text = response.content.decode()
    assert response.status_code in (400, 422)
    assert said in text
    assert given["nome"] in text
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("role", ["crew", "attendant", "planner"])
def test_only_managers_give_keys(client, role):
    client.force_login(User.objects.create(username=f"outro-{role}", role=role))
    assert client.get(reverse("manager:keys")).status_code == 403
