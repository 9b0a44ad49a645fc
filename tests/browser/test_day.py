"""The day in a good order and the leader's board, in a real browser with live streams."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from geo_central.kernel import clock
from geo_central.kernel.geo import LngLat
from geo_central.management.serving import find_nginx
from issues.crew.models import Assignment, Crew, CrewMember, WorkTime
from issues.lifecycle.models import Issue
from issues.teams.models import Team, User
from tests.browser import axe
from tests.factories.reports import issue
from tests.live import write
from tests.server import LiveCity, live_server

SOON = 12_000
HERE = LngLat(-51.19, -30.06)
TEAM = "smsurb-conservacao-16"
pytestmark = pytest.mark.skipif(find_nginx() is None, reason="nginx joins streams and pages")


@pytest.fixture(scope="module")
def city(own_database: str) -> Iterator[LiveCity]:
    """Pages and streams behind one front, as `make up` serves them."""
    with live_server(own_database, seed=0, streams=True) as city:
        yield city


@pytest.fixture
def team(city: LiveCity) -> Team:
    Assignment.objects.all().delete()
    Crew.objects.all().delete()
    WorkTime.objects.update(minutes=5)  # whatever the hour, it fits into what is left of the day
    Issue.objects.filter(is_open=True).update(state="cancelled")
    return Team.objects.get(slug=TEAM)


def work(team: Team, metres: int, **fields: object) -> Issue:
    now = clock.now()
    at = LngLat(HERE.lng + metres / 96_330, HERE.lat + metres / 300_000)
    facts = {
        "opened_at": now,
        "updated_at": now,
        "due_at": now + timedelta(days=3),
        "address": f"Rua {metres}",
    }
    return issue(team, at, **{**facts, **fields})


def sign_in(page: Page, city: LiveCity, username: str, path: str) -> None:
    page.set_viewport_size(axe.PHONE)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": HERE.lat, "longitude": HERE.lng, "accuracy": 15})
    page.goto(f"{city.url}{path}")
    page.get_by_label("Usuário").fill(username)
    page.get_by_label("Senha").fill(city.password)
    page.get_by_role("button", name="Entrar").click()
    expect(page).to_have_url(re.compile(re.escape(path.split("?")[0])))


def map_is_drawn(page: Page) -> None:
    expect(page.locator("#day-map[data-ready]")).to_be_attached(timeout=20_000)


def test_a_crew_plans_its_day_and_sees_it_in_order(city: LiveCity, team: Team, page: Page) -> None:
    rows = [work(team, m) for m in (1900, 400, 1100)]
    work(team, 700, priority=1)
    sign_in(page, city, "equipe", f"/equipe/dia/?equipe={TEAM}")
    map_is_drawn(page)  # its buttons have their names only then
    axe.check(page)
    page.get_by_label("Por quanto tempo").select_option("6")
    page.get_by_role("button", name="Planejar meu dia").click()
    expect(page.get_by_text("4 paradas em ordem")).to_be_visible()
    stops = page.locator(".day-stop")
    expect(stops).to_have_count(4)
    near_first = [rows[1], rows[2], rows[0]]
    order = [stops.nth(n).get_attribute("id") for n in range(4)]
    assert [i for i in order if i in {f"stop-{r.protocol}" for r in rows}] == [
        f"stop-{r.protocol}" for r in near_first
    ]
    expect(stops.first.locator(".day-time")).to_have_text(re.compile(r"\d\d:\d\d–\d\d:\d\d"))
    map_is_drawn(page)
    axe.check(page)


def test_work_that_arrives_is_said_at_once_and_planned_by_one_tap(
    city: LiveCity, team: Team, page: Page
) -> None:
    work(team, 400)
    sign_in(page, city, "equipe", f"/equipe/dia/?equipe={TEAM}")
    page.get_by_label("Por quanto tempo").select_option("6")
    page.get_by_role("button", name="Planejar meu dia").click()
    expect(page.locator(".day-stop")).to_have_count(1)
    expect(page.get_by_text("Ao vivo")).to_be_visible()
    page.evaluate("window.untouched = true")
    new = work(team, 900, updated_at=clock.now() + timedelta(seconds=1))
    write(city.database_url, new.pk, "assigned")
    expect(page.get_by_text("Chegou 1 chamado depois deste plano")).to_be_visible(timeout=SOON)
    assert page.evaluate("window.untouched")
    page.get_by_role("button", name="Planejar de novo").click()
    expect(page.locator(".day-stop")).to_have_count(2)
    expect(page.get_by_text("depois deste plano")).to_have_count(0)


def test_a_device_that_does_not_say_where_it_is_still_gets_a_plan(
    city: LiveCity, team: Team, page: Page
) -> None:
    work(team, 400)
    sign_in(page, city, "equipe", f"/equipe/dia/?equipe={TEAM}")
    page.context.clear_permissions()
    page.get_by_label("Por quanto tempo").select_option("4")
    page.get_by_role("button", name="Planejar meu dia").click()
    expect(page.locator(".day-stop")).to_have_count(1, timeout=20_000)


def board(page: Page, city: LiveCity) -> None:
    sign_in(page, city, "gestora", f"/equipe/quadro/?equipe={TEAM}")
    page.set_viewport_size(axe.DESK)
    expect(page.get_by_text("Ao vivo")).to_be_visible()


def column(page: Page, name: str):
    return page.get_by_role("region", name=re.compile(name))


@pytest.fixture
def lorries(team: Team) -> list[Crew]:
    found = [Crew.objects.create(team=team, name=f"Caminhão {n}") for n in (1, 2)]
    CrewMember.objects.create(crew=found[0], team=team, user=User.objects.get(username="equipe"))
    return found


def test_a_card_is_dragged_to_a_crew_and_others_see_it_at_once(
    city: LiveCity, team: Team, lorries: list[Crew], page: Page, browser: Browser
) -> None:
    row, _ = work(team, 400), work(team, 900, priority=1)
    board(page, city)
    other = browser.new_context(locale="pt-BR", viewport=axe.DESK).new_page()
    board(other, city)
    axe.check(page)
    card = page.locator(f"#card-{row.protocol}")
    card.drag_to(column(page, "Caminhão 2"))
    expect(column(page, "Caminhão 2").locator(f"#card-{row.protocol}")).to_be_visible(timeout=SOON)
    expect(column(other, "Caminhão 2").locator(f"#card-{row.protocol}")).to_be_visible(timeout=SOON)
    assert Assignment.objects.get(issue=row).crew == lorries[1]
    axe.check(page)
    other.context.close()


def test_the_list_of_a_card_gives_it_by_keyboard(
    city: LiveCity, team: Team, lorries: list[Crew], page: Page
) -> None:
    row = work(team, 400)
    board(page, city)
    select = page.get_by_label(f"Quem faz o chamado {row.protocol}")
    select.focus()
    page.keyboard.press("c")
    expect(column(page, "Caminhão 1").locator(f"#card-{row.protocol}")).to_be_visible(timeout=SOON)
    expect(select).to_be_focused()
    assert Assignment.objects.get(issue=row).crew == lorries[0]
    select.select_option("")
    expect(column(page, "Sem equipe de campo").locator(f"#card-{row.protocol}")).to_be_visible(timeout=SOON)


def test_what_was_closed_meanwhile_is_said_and_the_board_shows_how_it_is(
    city: LiveCity, team: Team, lorries: list[Crew], page: Page
) -> None:
    row = work(team, 400)
    board(page, city)
    Issue.objects.filter(pk=row.pk).update(state="resolved", closed_at=clock.now())
    page.get_by_label(f"Quem faz o chamado {row.protocol}").select_option(label="Caminhão 1")
    expect(page.get_by_role("alert")).to_be_visible(timeout=SOON)
    expect(page.locator(f"#card-{row.protocol}")).to_have_count(0)


def test_a_leader_plans_every_crew_and_looks_at_one(
    city: LiveCity, team: Team, lorries: list[Crew], page: Page
) -> None:
    for metres in (300, 600, 2500, 2900):
        work(team, metres)
    board(page, city)
    page.get_by_role("button", name="Planejar o dia de todas").click()
    expect(page.get_by_text("4 paradas em ordem")).to_be_visible()
    expect(page.locator(".board-card")).to_have_count(4)
    page.get_by_role("link", name="ver o dia Caminhão 1").click()
    expect(page.get_by_role("heading", name="Caminhão 1")).to_be_visible()


def test_without_a_script_the_board_works(
    city: LiveCity, team: Team, lorries: list[Crew], browser: Browser
) -> None:
    row = work(team, 400)
    context = browser.new_context(locale="pt-BR", viewport=axe.PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{city.url}/equipe/quadro/?equipe={TEAM}")
    page.get_by_label("Usuário").fill("gestora")
    page.get_by_label("Senha").fill(city.password)
    page.get_by_role("button", name="Entrar").click()
    page.get_by_label(f"Quem faz o chamado {row.protocol}").select_option(label="Caminhão 2")
    page.get_by_role("button", name=f"Dar {row.protocol}").click()
    expect(column(page, "Caminhão 2")).to_contain_text(f"Rua {400}")
    context.close()
