"""A crew's phone: sign in, see what is near, in several orders, and what may be done to each."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from geo_central.kernel import clock
from geo_central.kernel.geo import LngLat
from issues.lifecycle.models import Event, Issue
from tests.browser import axe
from tests.factories.acts import team
from tests.factories.reports import issue
from tests.server import LiveCity

SLOW = 20_000
HERE = LngLat(-51.19, -30.06)


@pytest.fixture
def crew(live_city: LiveCity, page: Page) -> Page:
    """A signed-in phone in the middle of the city. Managers see every team's work."""
    return signed_in(page, live_city, "gestora")


def signed_in(page: Page, city: LiveCity, username: str) -> Page:
    page.set_viewport_size(axe.PHONE)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": HERE.lat, "longitude": HERE.lng, "accuracy": 15})
    page.goto(f"{city.url}/equipe/")
    page.get_by_label("Usuário").fill(username)
    page.get_by_label("Senha").fill(city.password)
    page.get_by_role("button", name="Entrar").click()
    expect(page).to_have_url(f"{city.url}/equipe/")
    return page


def near(page: Page, radius: str = "10000") -> list[dict]:
    """The features that the list was drawn from."""
    expect(page.locator("#crew-bar span")).not_to_have_text("…")
    if page.locator("#where").get_attribute("open") is None:
        page.locator("#where summary").click()
    page.get_by_label("Raio").select_option(radius)
    with page.expect_response(lambda r: "/crew/area" in r.url and f"radius={radius}" in r.url) as answer:
        page.get_by_role("button", name="Usar minha localização").click()
    features = answer.value.json()["features"]
    expect(page.locator(".job")).to_have_count(min(25, len(features)))
    return features


def listed(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".job-protocol").all_text_contents()]


def test_a_stranger_is_asked_to_sign_in(live_city: LiveCity, page: Page) -> None:
    page.goto(f"{live_city.url}/equipe/")
    expect(page).to_have_url(re.compile("/entrar/"))
    page.get_by_label("Usuário").fill("ninguém")
    page.get_by_label("Senha").fill("errada")
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("alert")).to_be_visible()
    axe.check(page)


def test_open_requests_come_nearest_first_by_due_date_or_by_priority(crew: Page) -> None:
    features = {f["id"]: f["properties"] for f in near(crew)}
    metres = [features[p]["distance_m"] for p in listed(crew)]
    assert metres
    assert metres == sorted(metres)
    expect(crew.locator(".job-go").first).to_have_attribute("href", re.compile("^geo:-30"))
    axe.check(crew)
    axe.picture(crew, "equipe")
    crew.get_by_text("Prazo", exact=True).click()
    due = [features[p]["due_at"] for p in listed(crew)]
    assert due == sorted(due)
    crew.get_by_text("Prioridade", exact=True).click()
    keys = [(features[p]["priority"], features[p]["due_at"]) for p in listed(crew)]
    assert keys == sorted(keys)


def test_lateness_is_said_in_words(crew: Page) -> None:
    features = near(crew, "50000")
    late = [f["id"] for f in features if f["properties"]["overdue"]]
    assert late
    crew.locator(".pill", has_text="Atrasados").click()
    expect(crew.locator(".job")).to_have_count(min(25, len(late)))
    assert set(listed(crew)) <= set(late)
    for text in crew.locator(".job-due").all_text_contents():
        assert "vencido" in text


def test_one_service_is_chosen(crew: Page) -> None:
    features = near(crew, "50000")
    service = features[0]["properties"]["service"]
    crew.get_by_label("Serviço").select_option(service)
    same = [f for f in features if f["properties"]["service"] == service]
    expect(crew.locator(".job")).to_have_count(min(25, len(same)))


def test_more_are_shown_page_by_page(live_city: LiveCity, crew: Page) -> None:
    for _ in range(26):
        issue(team("smsurb-triagem"), LngLat(-51.21, -30.09), opened_at=clock.now())
    features = near(crew, "50000")
    crew.get_by_role("button", name="Mostrar mais").click()
    expect(crew.locator(".job")).to_have_count(min(50, len(features)))
    assert len(set(listed(crew))) == len(listed(crew))


def test_the_map_opens_on_a_tap(crew: Page) -> None:
    near(crew)
    crew.get_by_role("button", name="Mapa").click()
    expect(crew.locator("#map canvas")).to_be_visible(timeout=SLOW)
    axe.check(crew)


@pytest.fixture
def jobs(live_city: LiveCity) -> Iterator[list[Issue]]:
    """Two potholes side by side, of two teams of the same crew."""
    slugs = ("smsurb-conservacao-16", "smsurb-iluminacao-centro")
    rows = [
        issue(team(slug), LngLat(HERE.lng + 0.0002 * n, HERE.lat), opened_at=clock.now(),
              updated_at=clock.now(), address=f"Rua das Provas, {n}")
        for n, slug in enumerate(slugs)
    ]  # fmt: skip
    yield rows
    Issue.objects.filter(pk__in=[r.pk for r in rows]).update(team=team("smsurb-triagem"))


@pytest.fixture
def edson(live_city: LiveCity, page: Page) -> Page:
    """The phone of somebody who works in three teams."""
    return signed_in(page, live_city, "equipe")


def events(row: Issue) -> list[str]:
    return list(Event.objects.filter(issue=row).order_by("at", "id").values_list("code", flat=True))


def arrived(page: Page) -> None:
    expect(page.locator("#act-form")).to_be_hidden()
    expect(page.locator("#crew-bar span")).to_have_text("Tudo enviado", timeout=SLOW)


def test_one_tap_is_one_act(edson: Page, jobs: list[Issue]) -> None:
    near(edson, "1000")
    edson.locator(f"#job-{jobs[0].protocol} .job-open").click()
    first = edson.locator("#acts-first")
    first.get_by_role("button", name="A caminho").click()
    expect(first.get_by_role("button", name="A caminho")).to_be_hidden()
    first.get_by_role("button", name="Começar o serviço").click()
    expect(edson.locator("#sheet-state")).to_have_text("Em execução")
    arrived(edson)
    assert events(jobs[0]) == ["on_the_way", "started"]
    axe.check(edson)


def test_what_was_used_and_what_is_the_same_are_told(edson: Page, jobs: list[Issue]) -> None:
    near(edson, "1000")
    edson.locator(f"#job-{jobs[0].protocol} .job-open").click()
    expect(edson.locator("#sheet-here")).to_contain_text("Rua das Provas, 1")
    edson.get_by_role("button", name="Material usado").click()
    edson.get_by_label("Quantidade").fill("2")
    edson.get_by_label("Material", exact=True).fill("sacos de asfalto")
    axe.check(edson)
    edson.locator("#act-send").click()
    arrived(edson)
    assert Event.objects.get(issue=jobs[0], code="parts_used").note == "2 × sacos de asfalto"
    edson.get_by_role("button", name="É repetição de outro").click()
    edson.locator("[data-part=original] .chip").filter(
        has=edson.locator(f"[value='{jobs[1].protocol}']")
    ).click()
    edson.locator("#act-send").click()
    expect(edson.locator("#sheet")).to_be_hidden()
    arrived(edson)
    jobs[0].refresh_from_db()
    assert jobs[0].duplicate_of_id == jobs[1].pk


def test_a_wrong_place_is_mended_from_where_the_crew_stands(edson: Page, jobs: list[Issue]) -> None:
    near(edson, "1000")
    edson.locator(f"#job-{jobs[0].protocol} .job-open").click()
    edson.context.set_geolocation({"latitude": HERE.lat - 0.001, "longitude": HERE.lng, "accuracy": 5})
    edson.get_by_role("button", name="Corrigir o local").click()
    edson.get_by_role("button", name="O lugar certo é onde estou").click()
    expect(edson.locator("#act-place")).to_have_text("Novo lugar marcado.")
    edson.locator("#act-send").click()
    arrived(edson)
    jobs[0].refresh_from_db()
    assert jobs[0].geom.y == pytest.approx(HERE.lat - 0.001, abs=1e-6)


def test_a_crew_of_several_teams_chooses_one(edson: Page, jobs: list[Issue]) -> None:
    near(edson, "1000")
    edson.locator("#where summary").click()
    edson.get_by_label("Equipe", exact=True).select_option("smsurb-iluminacao-centro")
    expect(edson.locator(f"#job-{jobs[0].protocol}")).to_have_count(0)
    expect(edson.locator(f"#job-{jobs[1].protocol}")).to_have_count(1)


def test_without_what_an_act_needs_it_is_not_kept(edson: Page, jobs: list[Issue]) -> None:
    near(edson, "1000")
    edson.locator(f"#job-{jobs[0].protocol} .job-open").click()
    edson.get_by_role("button", name="Não foi possível fazer").click()
    edson.locator("#act-send").click()
    expect(edson.locator("#act-error")).to_contain_text("Escolha um motivo")
    edson.locator("#act-cancel").click()
    edson.get_by_role("button", name="Concluir o serviço").click()
    edson.locator("#act-send").click()
    expect(edson.locator("#act-error")).to_contain_text("Tire uma foto")
    assert events(jobs[0]) == []


def test_the_application_can_be_installed(edson: Page, live_city: LiveCity) -> None:
    link = edson.locator("link[rel=manifest]").get_attribute("href")
    manifest = edson.request.get(f"{live_city.url}{link}").json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
        "/equipe/", "/equipe/", "standalone",
    )  # fmt: skip
    for icon in manifest["icons"]:
        answer = edson.request.get(f"{live_city.url}{icon['src']}")
        assert answer.headers["content-type"] == "image/png"
    worker = edson.request.get(f"{live_city.url}/equipe/sw.js")
    assert worker.headers["service-worker-allowed"] == "/equipe/"
    assert "no-cache" in worker.headers["cache-control"]
    scope = edson.evaluate("navigator.serviceWorker.ready.then((r) => r.scope)")
    assert scope == f"{live_city.url}/equipe/"
