"""A citizen with a phone: report, look up, see what is around; with JavaScript and without."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.server import LiveCity

CENTRE = {"latitude": -30.0346, "longitude": -51.2177, "accuracy": 12}
PROTOCOL = re.compile(r"\d{4}-\d{7,}-\d")
SLOW = 20_000  # a map is drawn in software on two busy cores


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "buraco.jpg"
    Image.effect_noise((1600, 1200), 40).convert("RGB").save(path, quality=85)
    return path


@pytest.fixture
def plain(page: Page) -> Iterator[Page]:
    """A phone whose browser runs no JavaScript."""
    assert page.context.browser
    context = page.context.browser.new_context(java_script_enabled=False, viewport=axe.PHONE, locale="pt-BR")
    yield context.new_page()
    context.close()


def located(page: Page, **position: float) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({**CENTRE, **position})


def tell(page: Page, city: LiveCity, words: str) -> None:
    page.set_viewport_size(axe.PHONE)
    page.goto(f"{city.url}/novo/")
    page.get_by_label("Conte em poucas palavras").fill(words)
    expect(page.get_by_text("Pelas suas palavras")).to_be_visible()


def protocol_of(page: Page) -> str:
    expect(page.locator("#protocol")).to_have_text(PROTOCOL, timeout=SLOW)
    return page.locator("#protocol").inner_text().strip()


def test_three_taps_file_a_report_with_its_photo(live_city: LiveCity, page: Page, photo: Path) -> None:
    located(page)
    tell(page, live_city, "buraco na rua")
    page.get_by_role("button", name="Usar minha localização").click()
    expect(page.locator(".place-found")).to_be_visible()
    page.locator("#gallery").set_input_files(photo)
    expect(page.get_by_text("Foto enviada.").first).to_be_visible(timeout=SLOW)
    page.locator("#services label").first.click()
    expect(page.locator("[data-service-facts]")).to_be_visible()
    axe.check(page)
    axe.picture(page, "novo")
    page.get_by_role("button", name="Enviar", exact=True).click()
    protocol = protocol_of(page)
    assert "Prazo" in page.locator("main").inner_text()
    expect(page.get_by_alt_text("Foto do problema 1")).to_be_visible()
    axe.check(page)
    axe.picture(page, "protocolo")

    page.goto(f"{live_city.url}/consulta/")
    page.get_by_label("Número do protocolo").fill(protocol.replace("-", ""))
    page.get_by_role("button", name="Consultar").click()
    expect(page).to_have_url(f"{live_city.url}/chamado/{protocol}/")
    expect(page.get_by_alt_text("Foto do problema 1")).to_have_count(0)  # not moderated: not public
    axe.check(page)


def test_the_place_is_found_by_address_with_the_keyboard_alone(live_city: LiveCity, page: Page) -> None:
    tell(page, live_city, "poste com a luz apagada")
    address = page.get_by_role("combobox", name="Endereço")
    address.focus()
    page.keyboard.type("avenida ipiranga 1200")
    expect(page.get_by_role("option").first).to_contain_text("Avenida Ipiranga, 1200")
    axe.check(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(address).to_have_value("Avenida Ipiranga, 1200")
    expect(page.locator(".place-found")).to_be_visible()


def test_the_pin_moves_by_arrow_keys_and_enter_confirms(live_city: LiveCity, page: Page) -> None:
    located(page)
    tell(page, live_city, "lixo na calçada")
    page.get_by_role("button", name="Usar minha localização").click()
    expect(page.locator(".place-found")).to_be_visible()
    before = page.locator("[name=lng]").input_value()
    page.get_by_role("button", name="Ajustar no mapa").click()
    pin = page.get_by_role("button", name="Alfinete do local")
    expect(pin).to_be_focused(timeout=SLOW)
    axe.check(page)
    pin.press("ArrowRight")
    assert float(page.locator("[name=lng]").input_value()) > float(before)
    pin.press("Enter")
    expect(page.locator("#map-panel")).to_be_hidden()


def test_a_vague_position_has_to_be_confirmed(live_city: LiveCity, page: Page) -> None:
    located(page, accuracy=400)
    tell(page, live_city, "buraco na rua")
    page.get_by_role("button", name="Usar minha localização").click()
    expect(page.get_by_text("400 m distante")).to_be_visible()
    page.locator("#services label").first.click()
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.locator("#problems")).to_be_focused()
    page.get_by_role("button", name="O local está certo").click()
    page.get_by_role("button", name="Enviar", exact=True).click()
    protocol_of(page)


def test_outside_the_city_says_whom_to_ask_and_forgets_the_place(live_city: LiveCity, page: Page) -> None:
    located(page, latitude=-29.6868, longitude=-51.1281)
    tell(page, live_city, "buraco na rua")
    page.get_by_role("button", name="Usar minha localização").click()
    expect(page.get_by_text("fora de Porto Alegre")).to_be_visible()
    assert page.locator("[name=lat]").input_value() == ""


def test_what_is_missing_is_named_where_the_focus_goes(live_city: LiveCity, page: Page) -> None:
    page.goto(f"{live_city.url}/novo/")
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.locator("#problems")).to_be_focused()
    expect(page.locator("#problems")).to_contain_text("Diga onde é")
    expect(page.locator("#problems")).to_contain_text("Escolha o assunto")
    axe.check(page)


def test_a_draft_survives_the_page(live_city: LiveCity, page: Page) -> None:
    tell(page, live_city, "vazamento de água na esquina")
    page.reload()
    expect(page.get_by_text("Recuperamos o que você tinha começado")).to_be_visible()
    expect(page.get_by_label("Conte em poucas palavras")).to_have_value("vazamento de água na esquina")


def test_everything_but_the_map_works_without_javascript(
    live_city: LiveCity, plain: Page, photo: Path
) -> None:
    plain.goto(f"{live_city.url}/novo/")
    plain.get_by_label("Galeria").set_input_files(photo)
    plain.get_by_label("Conte em poucas palavras").fill("buraco na rua")
    plain.get_by_label("Endereço").fill("Avenida Ipiranga, 1200")
    plain.get_by_role("button", name="Continuar").click()
    if plain.locator("[name=candidate]").count():
        plain.locator("[name=candidate]").first.check()
    plain.locator("[name=service]").first.check()
    plain.get_by_role("button", name="Continuar").click()
    plain.get_by_label("Celular").fill("123")
    plain.get_by_role("button", name="Enviar").click()
    expect(plain.get_by_text("O telefone não é válido").first).to_be_visible()
    plain.get_by_label("Celular").fill("")
    plain.get_by_role("button", name="Enviar").click()
    protocol = protocol_of(plain)

    plain.goto(f"{live_city.url}/consulta/?protocolo={protocol}")
    expect(plain).to_have_url(f"{live_city.url}/chamado/{protocol}/")
    plain.goto(f"{live_city.url}/perto/")
    plain.get_by_label("Endereço").fill("Avenida Ipiranga, 1200")
    plain.get_by_role("button", name="Procurar").click()
    if plain.get_by_text("Qual é?").count():
        plain.locator(".list a").first.click()
    expect(plain.get_by_role("link", name="Registrar").first).to_be_attached()


def test_the_second_reporter_may_follow_the_first(live_city: LiveCity, plain: Page) -> None:
    for _ in range(2):
        plain.goto(f"{live_city.url}/novo/?servico=tapa-buracos")
        plain.get_by_label("Conte em poucas palavras").fill("buraco na rua")
        plain.get_by_label("Endereço").fill("Rua dos Andradas, 1001")
        plain.get_by_role("button", name="Continuar").click()
        if plain.locator("[name=candidate]").count():
            plain.locator("[name=candidate]").first.check()
        plain.locator("[name=service][value=tapa-buracos]").check()
        plain.get_by_role("button", name="Continuar").click()
        known = plain.get_by_role("button", name="quero acompanhar")
        send = plain.get_by_role("button", name="Enviar")
        expect(known.or_(send).first).to_be_visible()  # the next page is there, whichever it is
        if known.count():
            break
        send.click()
        first = protocol_of(plain)
    known.first.click()
    assert protocol_of(plain) == first
    expect(plain.get_by_text("Você está acompanhando")).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("banana", "tem a forma"),
        ("2026-0000001-0", "dígito final não confere"),
        ("2019-0000001-0", "confere"),
    ],
)
def test_a_mistyped_protocol_is_explained(live_city: LiveCity, page: Page, typed: str, says: str) -> None:
    page.goto(f"{live_city.url}/consulta/")
    page.get_by_label("Número do protocolo").fill(typed)
    page.get_by_role("button", name="Consultar").click()
    expect(page.locator("#protocolo-error")).to_contain_text(says)
    axe.check(page)


def test_the_map_around_and_its_list_are_the_same_answer(live_city: LiveCity, page: Page) -> None:
    page.set_viewport_size(axe.DESK)
    with page.expect_response(lambda r: "/api/v1/issues?" in r.url, timeout=SLOW) as answer:
        page.goto(f"{live_city.url}/perto/")
    features = answer.value.json()["features"]
    assert features
    rows = page.locator("#list .item")
    expect(rows).to_have_count(min(len(features), 60))
    expect(rows.first).to_contain_text(features[0]["properties"]["service_name"])
    axe.check(page)
    axe.picture(page, "perto")


READ = [
    "/",
    "/carta/",
    "/carta/?q=poda",
    "/carta/tapa-buracos/",
    "/acessibilidade/",
    "/privacidade/",
    "/entrar/",
    "/nada/",
]


@pytest.mark.parametrize("path", READ)
def test_pages_that_are_read_have_no_barrier(live_city: LiveCity, page: Page, path: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(live_city.url + path)
        axe.check(page)


def test_no_page_reaches_for_another_server(live_city: LiveCity, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/novo/", "/perto/", "/carta/"):
        page.goto(live_city.url + path)
        page.wait_for_load_state("networkidle")
    foreign = [u for u in asked if not u.startswith((live_city.url, "data:", "blob:"))]
    assert foreign == []
