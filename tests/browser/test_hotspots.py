"""Hotspots on the public map: a switch, colours with words, the same in tables; by day and by night."""

import pytest
from playwright.sync_api import Page, expect

from geo_central.kernel import clock
from maps.analytics import operations
from maps.analytics.asking import Question, standing_period
from tests.browser import axe
from tests.browser.test_heat import SLOW, open_map
from tests.geo.test_analytics_hotspots import around, file_requests, service
from tests.server import LiveCity

BUSY = (-51.2000, -30.0600)


@pytest.fixture(scope="module")
def hot_city(live_city: LiveCity) -> LiveCity:
    """The demo city with one busy place, and an edition of its hotspots."""
    file_requests(around(BUSY, 200, 150), service("exact"), opened=clock.now() - operations.PATIENCE * 12)
    today = clock.now().astimezone(clock.city_zone()).date()
    run = operations.begin(Question(*standing_period(today), least=15), now=clock.now())
    operations.work(run, now=clock.now, tell=lambda *_: None, standing=True)
    return live_city


def show_hotspots(page: Page, city: LiveCity, address: str = "/mapa/") -> None:
    open_map(page, city, address)
    page.locator("#what").get_by_text("Focos").click()
    expect(page.locator("#hot-legend[data-ready]")).to_be_visible(timeout=SLOW)


@pytest.mark.parametrize(("size", "name"), [(axe.PHONE, "focos-celular"), (axe.DESK, "focos")])
def test_hotspots_take_the_place_of_the_heat(hot_city, page, size, name) -> None:
    page.set_viewport_size(size)
    show_hotspots(page, hot_city)
    expect(page.locator("#heat-legend")).to_be_hidden()
    axe.picture(page, name)
    page.locator("#what").get_by_text("Calor").click()
    expect(page.locator("#heat-legend")).to_be_visible()
    expect(page.locator("#hot-legend")).to_be_hidden()


def test_a_tapped_cell_is_told_in_words(hot_city, page) -> None:
    page.set_viewport_size(axe.DESK)
    show_hotspots(page, hot_city, f"/mapa/#14.0/{BUSY[1]:.4f}/{BUSY[0]:.4f}")
    page.wait_for_timeout(600)
    page.locator("#map canvas").click()
    expect(page.locator("#hot-said")).to_contain_text("pedidos, z", timeout=SLOW)


def test_the_table_names_where_the_map_is_hot(hot_city, page) -> None:
    page.goto(f"{hot_city.url}/mapa/")
    table = page.get_by_role("table", name="Focos por bairro")
    assert table.get_by_role("row").count() > 1
    page.get_by_text("Como os focos são calculados").click()
    expect(page.get_by_text("Benjamini e Hochberg")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_by_day_and_by_night(hot_city, page, scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    show_hotspots(page, hot_city)
    page.get_by_text("Como os focos são calculados").click()
    axe.check(page)
