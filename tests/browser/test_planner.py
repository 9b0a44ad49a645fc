"""The planners' board in a real browser: time, comparison, files and hotspots; by day and by night."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.test_heat import SLOW, WATCH_SHIFTS, elsewhere
from tests.server import LiveCity

EVERY = "/planejamento/?period=all"


@pytest.fixture
def asked(page: Page) -> list[str]:
    """Every address that the page asks for."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    return seen


@pytest.fixture
def faults(page: Page) -> Iterator[list[str]]:
    """What the browser complains of: nothing."""
    seen: list[str] = []
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("console", lambda said: seen.append(said.text) if said.type == "error" else None)
    yield seen
    assert seen == []


@pytest.fixture
def planner(page: Page, live_city: LiveCity, faults: list[str]) -> Page:
    """The manager, signed in at a desk."""
    page.set_viewport_size(axe.DESK)
    page.goto(f"{live_city.url}/entrar/?next=/planejamento/visoes/")
    page.get_by_label("Usuário").fill("gestora")
    page.get_by_label("Senha").fill(live_city.password)
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url("**/planejamento/visoes/")
    return page


def open_board(page: Page, city: LiveCity, address: str = EVERY) -> None:
    page.goto(f"{city.url}{address}")
    expect(page.locator("#map[data-ready]")).to_be_visible(timeout=SLOW)


def shows(page: Page, name: str) -> None:
    page.locator("#shows").get_by_text(name, exact=True).click()


@pytest.mark.parametrize(("size", "name"), [(axe.PHONE, "quadro-celular"), (axe.DESK, "quadro")])
def test_the_board_is_drawn_from_this_machine_alone_and_stays_where_it_is(
    live_city, planner, asked, size, name
) -> None:
    planner.set_viewport_size(size)
    planner.add_init_script(WATCH_SHIFTS)
    open_board(planner, live_city)
    assert elsewhere(asked, live_city) == []
    assert planner.evaluate("() => window.shifted") < 0.02
    axe.picture(planner, name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_way_of_seeing_is_accessible(live_city, planner, scheme) -> None:
    planner.emulate_media(color_scheme=scheme)
    open_board(planner, live_city)
    for summary in ("Mais filtros", "Classes e passos", "Os mesmos números em tabela", "Guardar esta visão"):
        planner.get_by_text(summary, exact=True).click()
    axe.check(planner)
    for name in ("Calor", "Lado a lado", "Diferença"):
        shows(planner, name)
        expect(planner).to_have_url(re.compile("show="))
        planner.wait_for_timeout(1000)
        axe.check(planner)


def test_time_slides_and_plays_over_the_map_and_the_table(live_city, planner) -> None:
    open_board(planner, live_city)
    expect(planner.locator("#step")).to_have_text("Todo o período")
    planner.locator("#slider").focus()
    planner.keyboard.press("ArrowRight")
    first = planner.locator("#step").inner_text()
    assert re.search(r": \d+", first)
    expect(planner.locator("#step-column")).to_be_visible()
    expect(planner.locator("[data-legend=steps]").first).to_be_visible()
    shown = planner.locator(".board-areas td.step-column:visible").all_inner_texts()
    assert any(n not in ("0", "sem dado") for n in shown)
    planner.get_by_role("button", name="Tocar").click()
    expect(planner.get_by_role("button", name="Pausar")).to_be_visible()
    expect(planner.locator("#step")).not_to_have_text(first)
    planner.get_by_role("button", name="Pausar").click()
    expect(planner.get_by_role("button", name="Tocar")).to_be_visible()


def test_another_layer_and_measure_change_map_table_and_address(live_city, planner) -> None:
    open_board(planner, live_city)
    planner.get_by_label("Áreas de", exact=True).select_option("regions")
    expect(planner).to_have_url(re.compile("layer=regions"))
    expect(planner.locator("#by-area")).to_have_text("Regiões")
    planner.get_by_label("Medida").select_option("in_time")
    expect(planner).to_have_url(re.compile("measure=in_time"))
    expect(planner.locator("#legends [data-legend=whole] .label")).to_have_text("Resolvidos no prazo (%)")
    query = planner.url.split("?")[1].split("#")[0]
    planner.reload()
    assert planner.url.split("?")[1].split("#")[0] == query
    expect(planner.locator("#by-area")).to_have_text("Regiões")


def test_two_periods_lie_side_by_side_under_an_edge_that_moves(live_city, planner, asked) -> None:
    open_board(planner, live_city, "/planejamento/?from=2026-06-01&to=2026-11-23")
    asked.clear()
    shows(planner, "Lado a lado")
    expect(planner.locator("#map-before canvas")).to_be_visible(timeout=SLOW)
    planner.wait_for_timeout(1500)
    tiles = {re.search(r"from=([\d-]+)", a).group(1) for a in asked if "/tiles/heat/staff/" in a}
    assert len(tiles) == 2
    expect(planner.locator("#left-name")).not_to_be_empty()
    before = planner.locator("#edge").bounding_box()
    planner.get_by_label("Divisão do mapa").fill("20")
    assert planner.locator("#edge").bounding_box()["x"] < before["x"]


def test_a_tapped_area_is_told_in_words_and_marked_in_the_table(live_city, planner) -> None:
    open_board(planner, live_city, "/planejamento/?period=all#12.0/-30.0350/-51.2100")
    planner.locator("#map canvas").click()
    expect(planner.locator("#said")).to_contain_text("Pedidos:")
    expect(planner.locator(".board-areas tr.chosen")).to_have_count(1)


def test_each_number_leads_to_its_requests_and_a_request_to_its_page(live_city, planner) -> None:
    open_board(planner, live_city)
    row = (
        planner.locator(".board-areas tr[data-code]")
        .filter(has=planner.locator("a:not(:text-is('0'))"))
        .first
    )
    n = row.locator("td.n a").inner_text()
    row.locator("td.n a").click()
    planner.wait_for_url("**/chamados/**")
    expect(planner.locator("main")).to_contain_text(f"de {n}, os mais novos primeiro")
    axe.check(planner)
    planner.locator(".list a").first.click()
    planner.wait_for_url("**/equipe/chamado/**")


def test_a_view_is_kept_with_the_place_of_the_map(live_city, planner) -> None:
    open_board(planner, live_city, "/planejamento/?period=all&layer=regions#13.0/-30.0300/-51.2200")
    planner.get_by_text("Guardar esta visão").click()
    planner.get_by_label("Nome", exact=True).fill("Regiões do centro")
    planner.locator("#map canvas").focus()
    planner.keyboard.press("ArrowRight")
    expect(planner).to_have_url(re.compile(r"#13\.0/-30\.03\d*/-51\.2[01]"))
    planner.get_by_role("button", name="Guardar").click()
    planner.wait_for_url("**/visoes/")
    axe.check(planner)
    planner.get_by_role("link", name="Regiões do centro").click()
    planner.wait_for_url("**layer=regions#13.0/**")


@pytest.mark.parametrize(
    ("name", "ending"), [("Imagem (PNG)", "png"), ("Documento (PDF)", "pdf"), ("Tabela (CSV)", "csv")]
)
def test_what_is_on_the_screen_is_taken_away(live_city, planner, name, ending) -> None:
    open_board(planner, live_city)
    planner.locator("#slider").focus()
    planner.keyboard.press("ArrowRight")
    planner.get_by_text("Exportar o que está na tela").click()
    with planner.expect_download(timeout=60_000) as download:
        planner.get_by_role("link", name=name).click()
    assert re.search(r"at=1&bbox=", download.value.url)
    assert download.value.suggested_filename.endswith(f".{ending}")


def test_the_map_that_opens_alone_needs_no_network(live_city, planner, asked, tmp_path: Path) -> None:
    open_board(planner, live_city, "/planejamento/?period=all&show=difference")
    planner.get_by_text("Exportar o que está na tela").click()
    with planner.expect_download(timeout=60_000) as download:
        planner.get_by_role("link", name="Mapa que abre sozinho").click()
    saved = tmp_path / "quadro.html"
    download.value.save_as(saved)
    planner.context.set_offline(True)
    asked.clear()
    planner.goto(saved.as_uri())
    expect(planner.locator(".leaflet-container")).to_be_visible(timeout=SLOW)
    expect(planner.locator(".about")).to_contain_text("Diferença")
    assert [a for a in asked if not a.startswith(("data:", "blob:"))] == [saved.as_uri()]
    planner.context.set_offline(False)


def test_without_a_script_the_board_is_tables_and_a_form(live_city, planner) -> None:
    context = planner.context.browser.new_context(
        java_script_enabled=False,
        viewport=axe.PHONE,
        locale="pt-BR",
        storage_state=planner.context.storage_state(),
    )
    plain = context.new_page()
    plain.goto(f"{live_city.url}{EVERY}")
    expect(plain.get_by_role("table")).to_have_count(4)
    plain.get_by_label("Áreas de", exact=True).select_option("regions")
    plain.get_by_role("button", name="Aplicar").click()
    expect(plain.locator("#by-area")).to_have_text("Regiões")
    context.close()


def test_hotspots_are_asked_for_on_a_page_that_is_accessible(live_city, planner) -> None:
    planner.goto(f"{live_city.url}/planejamento/focos/")
    planner.get_by_text("Teste e história").click()
    axe.check(planner)
    planner.get_by_role("button", name="Calcular focos").click()
    planner.wait_for_url(re.compile(r"/focos/\d+/"))
    expect(planner.get_by_text("Pode fechar esta página")).to_be_visible()
    axe.check(planner)


def test_the_public_map_asks_for_a_day_only_where_one_is_needed(live_city, page) -> None:
    page.set_viewport_size(axe.DESK)
    page.goto(f"{live_city.url}/mapa/")
    expect(page.locator("#map[data-ready]")).to_be_visible(timeout=SLOW)
    expect(page.get_by_label("Em que dia")).to_be_hidden()
    page.get_by_label("Atrasados no fim de um dia").check()
    expect(page.get_by_label("Em que dia")).to_be_visible()
    expect(page).to_have_url(re.compile("mode=overdue"))
    page.get_by_text("Mais filtros").click()
    page.get_by_label("Canal").select_option("phone")
    expect(page).to_have_url(re.compile("channel=phone"))
    axe.check(page)
