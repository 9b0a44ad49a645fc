"""The reporter answers, judges and compares in a real browser; managers look at their pages."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from geo_central.kernel import clock
from issues.lifecycle.models import Issue, Resolution
from issues.lifecycle.ratings.models import Rating
from issues.teams.models import Team, User
from tests.browser import axe
from tests.factories.reports import issue, photo_bytes
from tests.server import LiveCity, live_server


@pytest.fixture(scope="module")
def city(own_database: str) -> Iterator[LiveCity]:
    with live_server(own_database, seed=300) as running:
        yield running


@pytest.fixture
def resolved(city: LiveCity) -> Issue:
    now = clock.now()
    team = Team.objects.order_by("slug")[0]
    return issue(team, state="resolved", opened_at=now - timedelta(days=9), closed_at=now)


def test_five_faces_and_a_reason_from_a_phone(city: LiveCity, resolved: Issue, page: Page) -> None:
    page.goto(f"{city.url}/s/{resolved.token}/")
    axe.check(page)
    page.get_by_text("Dizer por quê").click()
    page.get_by_label("O serviço ficou pela metade").check()
    page.locator(".faces label").nth(1).click()
    page.get_by_role("button", name="Enviar avaliação").click()
    expect(page.get_by_role("status").first).to_contain_text("Sua avaliação foi registrada")
    axe.check(page)
    assert Rating.objects.get(issue=resolved).face == 2


def test_not_solved_is_one_tap(city: LiveCity, resolved: Issue, page: Page) -> None:
    page.goto(f"{city.url}/s/{resolved.token}/")
    page.get_by_role("button", name="Não foi resolvido").click()
    expect(page.locator("[data-live=state]")).to_contain_text("Reaberto")


def test_words_are_added_to_an_open_request(city: LiveCity, page: Page) -> None:
    case = issue(Team.objects.order_by("slug")[0], opened_at=clock.now())
    page.goto(f"{city.url}/s/{case.token}/")
    page.get_by_text("Acrescentar uma informação").click()
    page.get_by_label("O que a equipe deve saber").fill("É perto da escola.")
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.locator(".timeline")).to_contain_text("É perto da escola.")


def test_the_ranking_reads_well_on_every_screen(city: LiveCity, page: Page) -> None:
    for query in ("", "?by=district", "?by=theme&order=worst"):
        page.goto(f"{city.url}/ranking/{query}")
        axe.check(page)


def test_the_managers_pages_read_well_on_every_screen(city: LiveCity, page: Page) -> None:
    page.goto(f"{city.url}/entrar/?next=/gestao/")
    page.get_by_label("Usuário").fill("gestora")
    page.get_by_label("Senha").fill(city.password)
    page.get_by_role("button", name="Entrar").click()
    expect(page).to_have_url(f"{city.url}/gestao/")
    paths = ("", "chamados/?o_que=overdue", "regras/", "simulacao/", "cobertura/", "higiene/")
    more = ("processos/", "avisos/", "avisos/modelo/", "moderacao/", "regras/redistribuir/", "chaves/")
    for path in (*paths, *more):
        page.goto(f"{city.url}/gestao/{path}")
        expect(page).to_have_url(f"{city.url}/gestao/{path}")
        axe.check(page)
    case = issue(Team.objects.order_by("slug")[0], opened_at=clock.now())
    page.goto(f"{city.url}/equipe/chamado/{case.protocol}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(case.protocol)
    axe.check(page)
    page.get_by_text("Começar o serviço").first.click()
    page.get_by_role("button", name="Começar o serviço").click()
    expect(page.get_by_role("status").first).to_contain_text("Em execução")
    page.set_viewport_size(axe.PHONE)
    page.get_by_text("Concluir o serviço").first.click()
    axe.check(page)


def test_a_crew_member_closes_a_request_with_a_photo_on_its_page(city: LiveCity, page: Page) -> None:
    mine = User.objects.get(username="equipe").teams.order_by("pk")[0]
    case = issue(mine, opened_at=clock.now())
    page.goto(f"{city.url}/entrar/?next=/equipe/chamado/{case.protocol}/")
    page.get_by_label("Usuário").fill("equipe")
    page.get_by_label("Senha").fill(city.password)
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(case.protocol)
    page.get_by_text("Começar o serviço").first.click()
    page.get_by_role("button", name="Começar o serviço").click()
    expect(page.get_by_role("status").first).to_contain_text("Em execução")
    page.context.grant_permissions(["geolocation"], origin=city.url)
    page.context.set_geolocation({"latitude": case.geom.y, "longitude": case.geom.x, "accuracy": 8})
    page.get_by_text("Concluir o serviço").first.click()
    photo = {"name": "depois.png", "mimeType": "image/png", "buffer": photo_bytes("green")}
    form = page.locator("form:has(input[type=file])").last
    form.locator("input[type=file]").set_input_files([photo])
    form.get_by_role("button", name="Informar minha posição").click()
    expect(form.get_by_role("status")).to_have_text("Posição informada")
    form.get_by_role("button", name="Concluir o serviço").click()
    expect(page.get_by_role("status").first).to_contain_text("Resolvido")
    axe.check(page)
    kept = Resolution.objects.get(issue=case)
    assert (kept.photos, kept.team_id) == (1, mine.pk)
