"""A crew's phone: sign in, see what is near, by distance and by due date."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.server import LiveCity

SLOW = 20_000


@pytest.fixture
def crew(live_city: LiveCity, page: Page) -> Page:
    """A signed-in phone in the middle of the city. Managers see every team's work."""
    page.set_viewport_size(axe.PHONE)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": -30.06, "longitude": -51.19, "accuracy": 15})
    page.goto(f"{live_city.url}/equipe/")
    page.get_by_label("Usuário").fill("gestora")
    page.get_by_label("Senha").fill(live_city.password)
    page.get_by_role("button", name="Entrar").click()
    expect(page).to_have_url(f"{live_city.url}/equipe/")
    return page


def near(page: Page, order: str) -> list[dict]:
    """The features that the list was drawn from."""
    with page.expect_response(lambda r: "/crew/issues" in r.url and f"order={order}" in r.url) as answer:
        if order == "distance":
            page.get_by_role("button", name="Usar minha localização").click()
        else:
            page.get_by_text("Prazo", exact=True).click()
    return answer.value.json()["features"]


def test_a_stranger_is_asked_to_sign_in(live_city: LiveCity, page: Page) -> None:
    page.goto(f"{live_city.url}/equipe/")
    expect(page).to_have_url(re.compile("/entrar/"))
    page.get_by_label("Usuário").fill("ninguém")
    page.get_by_label("Senha").fill("errada")
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("alert")).to_be_visible()
    axe.check(page)


def test_open_requests_come_nearest_first_and_then_by_due_date(crew: Page) -> None:
    crew.get_by_label("Raio").select_option("10000")
    features = near(crew, "distance")
    metres = [f["properties"]["distance_m"] for f in features]
    assert metres
    assert metres == sorted(metres)
    expect(crew.locator(".job")).to_have_count(len(features))
    expect(crew.locator(".job-go").first).to_have_attribute("href", re.compile("^geo:-30"))
    axe.check(crew)
    axe.picture(crew, "equipe")
    due = [f["properties"]["due_at"] for f in near(crew, "due")]
    assert due == sorted(due)


def test_lateness_is_said_in_words(crew: Page) -> None:
    crew.get_by_label("Raio").select_option("50000")
    features = near(crew, "distance")
    late = [f["properties"]["protocol"] for f in features if f["properties"]["overdue"]]
    for protocol in late[:3]:
        expect(crew.locator(f"#job-{protocol} .job-due")).to_contain_text("vencido")


def test_more_are_shown_page_by_page(crew: Page) -> None:
    crew.get_by_label("Raio").select_option("50000")
    crew.locator("#near-form").evaluate("form => { form.dataset.page = 5 }")
    first = near(crew, "distance")
    more = crew.get_by_role("button", name="Mostrar mais")
    expect(more).to_be_visible()
    more.click()
    expect(crew.locator(f"#job-{first[0]['id']}")).to_be_visible()
    expect(crew.locator(".job").nth(len(first))).to_be_visible()


def test_the_map_opens_on_a_tap(crew: Page) -> None:
    near(crew, "distance")
    crew.get_by_role("button", name="Mapa").click()
    expect(crew.locator("#map canvas")).to_be_visible(timeout=SLOW)
    axe.check(crew)
