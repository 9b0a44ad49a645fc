"""The map of requests and its report, in a real browser; with a map, without one, without a script."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.server import LiveCity

SLOW = 20_000  # a map is drawn in software on two busy cores
WATCH_SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
"""
NO_WEBGL = """
    const real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
      return kind.startsWith('webgl') ? null : real.call(this, kind, ...rest);
    };
"""


@pytest.fixture
def plain(page: Page) -> Iterator[Page]:
    """A phone whose browser runs no JavaScript."""
    assert page.context.browser
    context = page.context.browser.new_context(java_script_enabled=False, viewport=axe.PHONE, locale="pt-BR")
    yield context.new_page()
    context.close()


@pytest.fixture
def asked(page: Page) -> list[str]:
    """Every address that the page asks for."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    return seen


def open_map(page: Page, city: LiveCity, address: str = "/mapa/") -> None:
    page.goto(f"{city.url}{address}")
    expect(page.locator("#map[data-ready]")).to_be_visible(timeout=SLOW)


def total(page: Page) -> str:
    return page.locator(".heat-facts dd").first.inner_text()


def elsewhere(addresses: list[str], city: LiveCity) -> list[str]:
    return [a for a in addresses if not a.startswith((f"{city.url}/", "data:", "blob:"))]


@pytest.mark.parametrize(("size", "name"), [(axe.PHONE, "mapa-celular"), (axe.DESK, "mapa")])
def test_the_heat_is_drawn_from_this_machine_alone(live_city, page, asked, size, name) -> None:
    page.set_viewport_size(size)
    page.add_init_script(WATCH_SHIFTS)
    open_map(page, live_city)
    assert elsewhere(asked, live_city) == []
    kinds = {urlsplit(a).path.split("/")[2] for a in asked if "/tiles/" in a}
    assert kinds == {"base", "heat"}
    assert page.evaluate("() => window.shifted") < 0.02
    axe.picture(page, name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_by_day_and_by_night(live_city, page, scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    open_map(page, live_city)
    axe.check(page)


def test_filters_change_the_map_the_tables_and_the_address(live_city, page, asked) -> None:
    page.set_viewport_size(axe.DESK)
    open_map(page, live_city)
    before = total(page)
    asked.clear()
    page.get_by_text("Abertos", exact=True).first.click()
    expect(page).to_have_url(re.compile(r"/mapa/\?state=open"))
    expect(page.locator("#heat-status")).to_contain_text("com estes filtros")
    assert total(page) != before
    expect(page.locator("#results [data-query='state=open']")).to_be_visible()
    page.wait_for_timeout(500)
    assert any("/tiles/heat/" in a and a.endswith("state=open") for a in asked)
    after = total(page)
    page.reload()
    expect(page.get_by_role("radio", name="Abertos", exact=True)).to_be_checked()
    assert total(page) == after


def test_a_period_is_one_tap_and_can_be_taken_back(live_city, page) -> None:
    page.set_viewport_size(axe.PHONE)
    open_map(page, live_city)
    page.get_by_role("link", name="90 dias").click()
    expect(page).to_have_url(re.compile(r"from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d"))
    expect(page.get_by_role("link", name="90 dias")).to_have_attribute("aria-current", "true")
    assert page.locator("#from").input_value()
    page.get_by_role("link", name="Limpar").click()
    expect(page).not_to_have_url(re.compile("from="))
    assert page.locator("#from").input_value() == ""


def test_a_theme_offers_only_its_own_services(live_city, page) -> None:
    open_map(page, live_city)
    everything = page.locator("#service-names option").count()
    page.get_by_label("Tema", exact=True).select_option("iluminacao-publica")
    expect(page).to_have_url(re.compile("theme=iluminacao-publica"))
    assert 0 < page.locator("#service-names option").count() < everything


def test_a_service_that_does_not_exist_is_said_beside_its_field(live_city, page) -> None:
    open_map(page, live_city)
    page.get_by_label("Serviço", exact=True).fill("coisa nenhuma")
    page.get_by_role("button", name="Aplicar").click()
    expect(page.locator("#service-error")).to_contain_text("Este serviço não existe.")
    expect(page.locator("#service")).to_have_attribute("aria-invalid", "true")
    axe.check(page)
    page.locator("#service").fill("")
    page.get_by_role("button", name="Aplicar").click()
    expect(page.locator("#service-error")).to_be_hidden()


def test_the_place_seen_is_in_the_address(live_city, page) -> None:
    open_map(page, live_city, "/mapa/#15.0/-30.0300/-51.2200")
    page.locator("#map canvas").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"#15\.0/-30\.03\d*/-51\.21\d*"))
    share = page.locator("#share").get_attribute("data-share")
    assert share == urlsplit(page.url).path + "#" + urlsplit(page.url).fragment


def test_without_a_script_the_same_numbers_are_in_tables(live_city, plain) -> None:
    plain.goto(f"{live_city.url}/mapa/")
    before = total(plain)
    plain.get_by_role("radio", name="Encerrados").check(force=True)
    plain.get_by_role("button", name="Aplicar").click()
    expect(plain).to_have_url(f"{live_city.url}/mapa/?state=closed")
    assert total(plain) != before
    expect(plain.get_by_role("table")).to_have_count(2)
    expect(plain.get_by_text("O mapa precisa de JavaScript.")).to_be_visible()


def test_a_device_that_draws_no_map_is_told_so(live_city, page) -> None:
    page.add_init_script(NO_WEBGL)
    page.goto(f"{live_city.url}/mapa/")
    expect(page.locator("#map")).to_contain_text("Este aparelho não mostra o mapa")
    page.get_by_text("Abertos", exact=True).first.click()
    expect(page).to_have_url(re.compile("state=open"))


def test_the_report_is_framed_and_reaches_nothing(live_city, page, asked) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.set_viewport_size(axe.DESK)
    page.goto(f"{live_city.url}/mapa/relatorio/?state=closed")
    frame = page.frame_locator("iframe.report-frame")
    expect(frame.locator(".leaflet-container canvas").first).to_be_visible(timeout=SLOW)
    expect(frame.get_by_text("Só os encerrados.")).to_be_visible()
    frame.get_by_label("Pedidos por bairro").check()
    frame.get_by_label("Pedidos, um a um").check()
    expect(frame.locator(".marker-cluster").first).to_be_visible()
    assert errors == []
    assert elsewhere(asked, live_city) == []
    inside = asked[asked.index(f"{live_city.url}/mapa/folium/?state=closed") + 1 :]
    assert [a for a in inside if "/static/" in a and "leaflet" in a] == []
    axe.check(page)


def test_the_report_saved_to_a_disk_opens_without_a_network(live_city, page, asked, tmp_path: Path) -> None:
    page.goto(f"{live_city.url}/mapa/relatorio/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Baixar o relatório").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    page.context.set_offline(True)
    asked.clear()
    page.goto(saved.as_uri())
    expect(page.locator(".leaflet-container canvas").first).to_be_visible(timeout=SLOW)
    assert [a for a in asked if not a.startswith(("data:", "blob:"))] == [saved.as_uri()]
    page.context.set_offline(False)


def test_time_is_slid_through_and_its_step_is_read_in_the_tables(live_city, page, asked) -> None:
    open_map(page, live_city, "/mapa/?from=2026-01-01&to=2026-06-30")
    expect(page.locator("#step")).to_have_text("Todo o período")
    page.get_by_label("Passo do tempo").press("ArrowRight")
    expect(page.locator("#step")).not_to_have_text("Todo o período")
    with page.expect_request(lambda r: "/tiles/heat/" in r.url and "from=2026-01" in r.url) as first:
        page.get_by_label("Passo do tempo").press("ArrowRight")
    assert "to=2026-06-30" not in first.value.url
    axe.check(page)
    page.get_by_role("button", name="Em tabela").click()
    expect(page.locator("#heat-status")).to_contain_text("com estes filtros")
    expect(page.locator("#from")).not_to_have_value("2026-01-01")
    assert f"from={page.locator('#from').input_value()}" in page.url
    expect(page.locator("#step")).to_have_text("Todo o período")


def test_play_goes_from_step_to_step_and_stops(live_city, page) -> None:
    open_map(page, live_city, "/mapa/?from=2026-06-01&to=2026-06-30")
    page.get_by_role("button", name="Tocar").click()
    expect(page.get_by_role("button", name="Pausar")).to_be_visible()
    expect(page.locator("#slider")).to_have_value("2", timeout=SLOW)
    page.get_by_role("button", name="Pausar").click()
    expect(page.get_by_role("button", name="Tocar")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_neighbourhoods_in_classes_say_what_the_table_says(live_city, page, scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(axe.DESK)
    open_map(page, live_city)
    page.locator("#what").get_by_text("Bairros").click()
    legend = page.locator("#area-legend")
    expect(legend).to_have_attribute("data-ready", "", timeout=SLOW)
    expect(page.locator("#heat-legend")).to_be_hidden()
    before = legend.locator("ul").inner_text()
    assert before.splitlines()[-1] == "nenhum"
    axe.check(page)
    page.get_by_label("Tema", exact=True).select_option("limpeza-urbana")
    expect(legend.locator("ul")).not_to_have_text(before, use_inner_text=True, timeout=SLOW)
    page.locator("#map canvas").click()
    expect(page.locator("#area-said")).to_contain_text("pedidos")
    page.locator("#what").get_by_text("Calor").click()
    expect(legend).to_be_hidden()
