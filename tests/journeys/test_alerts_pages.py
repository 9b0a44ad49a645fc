"""Somebody asks for an alert, says that it was they, reads a letter, changes it and stops it with one tap."""

import re
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from geo_central.kernel import clock
from issues.conversations.alerts import operations
from issues.conversations.alerts.links import stop_link
from issues.conversations.alerts.models import Alert
from issues.teams.models import Team
from tests.factories.reports import issue
from tests.geo.test_alerts import ANA, AROUND

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


def link(letter, part):
    """The path of the address in a letter that has this part."""
    body = letter.get_body(("plain",)).get_content()
    return urlsplit(re.search(rf"https?://\S+/alertas/{part}/\S+/", body)[0]).path


def ask(client, **given):
    return client.post(reverse("citizen:alerts"), {"email": ANA, "quando": "day", **given})


def test_the_whole_way_from_the_page_to_the_last_letter(client, mail):
    asked = ask(client, polygon=AROUND)
    assert (asked.status_code, asked["Location"]) == (302, "/alertas/?pedido=1")
    assert "Falta um passo" in client.get(asked["Location"]).content.decode()
    operations.deliver(now=clock.now)
    confirm = link(mail.mails[0], "confirmar")
    assert "Fui eu" in client.get(confirm).content.decode()
    assert Alert.objects.get().confirmed_at is None  # looking is not saying yes
    assert "Alerta confirmado" in client.post(confirm).content.decode()
    alert = Alert.objects.get()
    Alert.objects.update(told_until="2026-11-20T00:00:00Z", next_at="2026-11-20T00:00:00Z")
    row = issue(Team.objects.order_by("slug")[0])
    operations.deliver(now=clock.now)
    letter = mail.mails[1]
    assert f"/chamado/{row.protocol}/" in letter.get_body(("plain",)).get_content()
    mine = link(letter, "meus")
    assert ANA in client.get(mine).content.decode()
    client.post(mine, {"alerta": alert.pk, "quando": "week", "resolvidos": "1", "acao": "guardar"})
    alert.refresh_from_db()
    assert (alert.every, alert.resolved) == ("week", True)
    stop = urlsplit(re.search(r"http[^>\s]+", letter["List-Unsubscribe"])[0]).path
    client.get(stop)
    alert.refresh_from_db()
    assert alert.ended_at is None
    assert client.post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 204
    alert.refresh_from_db()
    assert alert.ended_at is not None
    client.post(stop, {"on": "1"})
    alert.refresh_from_db()
    assert alert.ended_at is None


def test_mail_programs_stop_it_without_a_cookie():
    stranger, now = Client(enforce_csrf_checks=True), clock.now()
    wish = operations.Wish(theme="agua")
    operations.ask(wish=wish, email=ANA, every="day", resolved=False, language="", now=now)
    alert = operations.confirm(Alert.objects.get().pk, now=now)
    path = urlsplit(stop_link(alert.pk)).path
    assert stranger.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 204


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({}, 422, "Diga de onde"),
        ({"tema": "agua", "email": ""}, 422, "obrigatório"),
        ({"tema": "agua", "email": "nobody"}, 422, "e-mail não é válido"),
        ({"tema": "agua", "quando": "hour"}, 422, "não é uma das opções"),
        ({"polygon": "1,2"}, 400, "3 a 100 cantos"),
        ({"polygon": "-51.20,-30.00;-51.19,-30.01;-51.19,-30.00;-51.20,-30.01"}, 422, "se cruza"),
        ({"bairro": "atlantida"}, 422, "não é uma das opções"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(client, given, status, said):
    response = ask(client, **given)
    text = response.content.decode()
    assert response.status_code == status
    assert said in text
    assert given.get("email", ANA) in text
    assert not Alert.objects.exists()


def test_how_much_it_would_be_is_told_with_its_feed(client):
    issue(Team.objects.order_by("slug")[0], opened_at=clock.now())
    told = client.get(reverse("citizen:alerts-count"), {"polygon": AROUND}).content.decode()
    assert re.search(r'<b class="num">1</b> pedido novo', told)
    feed = re.search(r'href="(/alertas/feed\.atom\?[^"]+)"', told)[1].replace("&amp;", "&")
    shown = client.get(feed)
    assert shown.status_code == 200
    assert shown.content.decode().count("<entry>") == 1
    assert "Escolha" in client.get(reverse("citizen:alerts-count")).content.decode()
    wrong = client.get(reverse("citizen:alerts-count"), {"polygon": "1,2"})
    assert 'role="alert"' in wrong.content.decode()


def test_a_feed_of_a_drawn_area_has_what_lies_in_it_and_refuses_what_is_no_area(client):
    team = Team.objects.order_by("slug")[0]
    issue(team, opened_at=clock.now())
    away = "-51.10,-30.10;-51.09,-30.10;-51.09,-30.09"
    assert client.get("/alertas/feed.rss", {"polygon": away}).content.decode().count("<item>") == 0
    assert client.get("/alertas/feed.rss", {"polygon": AROUND}).content.decode().count("<item>") == 1
    refused = client.get("/alertas/feed.rss", {"polygon": "1,2"})
    assert (refused.status_code, refused.json()["field"]) == (400, "polygon")


def test_a_link_that_is_not_ours_opens_nothing(client):
    for name in ("alerts-confirm", "alerts-mine", "alerts-stop"):
        assert client.get(reverse(f"citizen:{name}", args=["made-up"])).status_code == 404
