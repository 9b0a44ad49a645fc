"""A manager drafts a rule, sees what it would have done, publishes it, and the next report obeys it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from geo_central.kernel import clock
from issues.intake.hygiene.models import DuplicateSuggestion
from issues.intake.operations import report
from issues.interfaces.manager.urls import urlpatterns
from issues.lifecycle.models import Issue
from issues.routing.models import Rule
from issues.teams.models import User
from tests.factories.reports import draft

pytestmark = pytest.mark.django_db
PAGES = ("home", "rules", "rules-reroute", "simulation", "coverage", "coverage-csv", "hygiene")
RULE = {
    "slug": "tapa-buracos-de-teste", "service": "tapa-buracos", "where": "anywhere", "team": "dmae-centro",
    "priority": "1", "note": "Só para experimentar.", "revisao": "0",
}  # fmt: skip


def signed_in(client, role):
    user = User.objects.create_user(username=f"pessoa-{role}", password="x" * 12, role=role)
    client.force_login(user)
    return user


def revision(html):
    return re.search(r'name="revisao" value="(\d+)"', html)[1]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", [r for r in User.Role.values if r not in ("manager", "admin")])
def test_nobody_but_managers_sees_a_page(client, page, role):
    signed_in(client, role)
    answer = client.get(reverse(f"manager:{page}"), headers={"accept": "text/html"})
    assert answer.status_code == 403
    assert "gest" in answer.content.decode().lower()


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_asked_to_sign_in(client, page):
    answer = client.get(reverse(f"manager:{page}"))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("login"))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ["manager", "admin"])
def test_a_manager_sees_every_page(client, page, role):
    signed_in(client, role)
    assert client.get(reverse(f"manager:{page}"), follow=True).status_code == 200


def test_every_address_of_the_managers_has_a_guard(client):
    signed_in(client, "crew")
    for pattern in urlpatterns:
        values = {name: {"kind": "pairs", "code": "x"}.get(name, 1) for name in pattern.pattern.converters}
        address = reverse(f"manager:{pattern.name}", kwargs=values)
        assert client.get(address).status_code in (403, 405), pattern.name
        assert client.post(address).status_code in (403, 405), pattern.name


def test_a_rule_is_drafted_tried_published_and_obeyed(client, db):
    filed = report(draft=draft(), reporter=None, now=clock.now())
    signed_in(client, "manager")
    answer = client.post(reverse("manager:rules"), {"titulo": "Buracos para o DMAE"})
    here = answer.url
    html = client.get(here).content.decode()

    answer = client.post(f"{here}regra/", {**RULE, "revisao": revision(html)})
    assert answer.status_code == 302, answer.content.decode()
    html = client.get(here).content.decode()
    assert "DMAE Distrito Centro" in html
    assert not Rule.objects.filter(slug=RULE["slug"]).exists()

    number = here.rstrip("/").rpartition("/")[2]
    today = localdate()
    period = {"de": (today - timedelta(days=1)).isoformat(), "ate": today.isoformat()}
    answer = client.post(reverse("manager:simulation"), {"rascunho": number, **period})
    assert answer.status_code == 302, answer.content.decode()
    shown = client.get(answer.url).content.decode()
    assert filed.protocol in shown
    assert "DMAE Distrito Centro" in shown
    moved = client.get(f"{answer.url}mudam/").json()
    assert [f["properties"]["protocol"] for f in moved["features"]] == [filed.protocol]
    why = client.get(f"{answer.url}chamado/", {"protocolo": filed.protocol}).content.decode()
    assert "DMAE Distrito Centro" in why

    answer = client.post(f"{here}publicar/", {"revisao": revision(html)})
    assert answer.status_code == 302, answer.content.decode()
    following = report(draft=draft(lat=-30.05), reporter=None, now=clock.now())
    assert following.team_name == "DMAE Distrito Centro"
    assert Issue.objects.get(protocol=filed.protocol).team.slug != "dmae-centro"


def test_a_rule_that_names_what_does_not_exist_is_refused_beside_the_form(client, db):
    signed_in(client, "manager")
    here = client.post(reverse("manager:rules"), {"titulo": "Erro"}).url
    html = client.get(here).content.decode()
    answer = client.post(f"{here}regra/", {**RULE, "team": "no-such-team", "revisao": revision(html)})
    assert answer.status_code == 422
    assert "no-such-team" in answer.content.decode()


def test_two_managers_at_one_draft_do_not_overwrite_each_other(client, db):
    signed_in(client, "manager")
    here = client.post(reverse("manager:rules"), {"titulo": "A quatro mãos"}).url
    old = revision(client.get(here).content.decode())
    assert client.post(f"{here}regra/", {**RULE, "revisao": old}).status_code == 302
    late = client.post(f"{here}regra/", {**RULE, "slug": "outra", "revisao": old})
    assert late.status_code == 409


def test_suggested_duplicates_are_joined_or_dismissed_by_a_manager(client, db):
    words = "Buraco grande em frente ao número 100, perto da parada de ônibus"
    one = report(draft=draft(description=words), reporter=None, now=clock.now())
    two = report(draft=draft(description=words, lat=-30.02771), reporter=None, now=clock.now())
    signed_in(client, "manager")
    pair = DuplicateSuggestion.objects.create(
        earlier=Issue.objects.get(protocol=one.protocol),
        later=Issue.objects.get(protocol=two.protocol),
        score=0.9,
        found_at=clock.now(),
    )
    listing = client.get(reverse("manager:hygiene-list", args=["duplicados"]))
    assert {one.protocol, two.protocol} <= set(re.findall(r"\d{4}-\d{7}-\d", listing.content.decode()))
    answer = client.post(reverse("manager:hygiene-decide", args=[pair.id]), {"decisao": "unir"})
    assert answer.status_code == 302
    later = Issue.objects.get(protocol=two.protocol)
    assert (later.state, later.duplicate_of.protocol) == ("duplicate", one.protocol)
