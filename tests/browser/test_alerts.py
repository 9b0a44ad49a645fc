"""An area drawn on a phone, corner by corner, by touch and by keyboard; without a script by choosing."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.server import LiveCity

SLOW = 20_000


def opened(page: Page, city: LiveCity) -> None:
    page.goto(f"{city.url}/alertas/")
    page.get_by_role("button", name="Desenhar no mapa").click()
    expect(page.locator("#draw-tools")).to_be_visible(timeout=SLOW)


def test_an_area_is_drawn_counted_and_asked_for(live_city: LiveCity, page: Page) -> None:
    opened(page, live_city)
    canvas = page.locator("#map canvas")
    canvas.scroll_into_view_if_needed()
    for x, y in [(80, 60), (260, 70), (250, 220), (90, 210)]:
        canvas.click(position={"x": x, "y": y})
    expect(page.locator("#draw-status")).to_have_text("Área pronta, com 4 cantos.")
    expect(page.locator("#count")).to_contain_text("pedidos novos nos últimos 30 dias", timeout=SLOW)
    assert page.locator("#polygon").input_value().count(";") == 3
    axe.check(page)
    page.get_by_role("button", name="Desfazer").click()
    expect(page.locator("#draw-status")).to_have_text("Área pronta, com 3 cantos.")
    page.get_by_role("textbox", name="E-mail").fill("ana@example.com")
    page.get_by_role("button", name="Receber por e-mail").click()
    expect(page.get_by_role("status").filter(has_text="Falta um passo")).to_be_visible()


def test_the_keyboard_draws_too_and_a_chosen_neighbourhood_clears_what_was_drawn(
    live_city: LiveCity, page: Page
) -> None:
    opened(page, live_city)
    page.locator("#map canvas").focus()
    centre = page.get_by_role("button", name="Marcar o centro")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        centre.press("Enter")
        page.locator("#map canvas").press(key)
        page.wait_for_timeout(700)  # the map glides
    expect(page.locator("#draw-status")).to_have_text("Área pronta, com 3 cantos.")
    page.get_by_label("Bairro").select_option(index=3)
    expect(page.locator("#draw-status")).to_have_text("Nenhum canto ainda.")
    assert page.locator("#polygon").input_value() == ""


@pytest.mark.parametrize("size", [axe.PHONE, axe.DESK])
def test_without_a_script_a_neighbourhood_is_chosen(live_city: LiveCity, page: Page, size) -> None:
    assert page.context.browser
    context = page.context.browser.new_context(java_script_enabled=False, viewport=size, locale="pt-BR")
    plain = context.new_page()
    plain.goto(f"{live_city.url}/alertas/")
    plain.get_by_label("Bairro").select_option(index=5)
    plain.get_by_role("button", name="Ver quantos").click()
    expect(plain.locator("#count")).to_have_text(re.compile(r"nos últimos 30 dias"))
    context.close()
