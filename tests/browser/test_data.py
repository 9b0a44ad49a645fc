"""The pages of data: found, read, copied from and downloaded by anybody, on a phone and by night."""

import fcntl
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from maps.opendata.collections import AREAS
from maps.opendata.files.exporting import export
from tests.browser import axe
from tests.server import LiveCity

SLOW = 20_000


@pytest.fixture(scope="module")
def city(live_city: LiveCity) -> Iterator[LiveCity]:
    """The demo city with an edition of its areas."""
    # Every server of the tests has the same shelf, so their runs take turns.
    with (settings.VAR_DIR / "test-dados-areas.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        export(AREAS, now=timezone.now(), tell=lambda what, n: None)
        yield live_city


def test_a_dataset_is_found_from_the_footer_and_drawn_on_a_map(city, page: Page) -> None:
    page.set_viewport_size(axe.PHONE)
    page.goto(f"{city.url}/ranking/")
    page.get_by_role("contentinfo").get_by_role("link", name="Dados abertos").click()
    page.get_by_role("heading", name="Áreas").get_by_role("link").click()
    expect(page.locator("#map[data-ready]")).to_be_visible(timeout=SLOW)
    with page.expect_download() as file:
        page.get_by_role("link", name="CSV").first.click()
    assert file.value.suggested_filename == "areas.csv"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    ["/transparencia/", "/dados/", "/dados/areas/", "/dados/events/", "/ogc/?f=html",
     "/ogc/collections/issues?f=html", "/ogc/collections/issues/items?f=html&limit=25"],
)  # fmt: skip
def test_everybody_can_use_it(city, page: Page, path: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{city.url}{path}")
    if "areas" in path:
        expect(page.locator("#map[data-ready]")).to_be_visible(timeout=SLOW)
    axe.check(page)


def test_features_are_turned_page_by_page(city, page: Page) -> None:
    page.goto(f"{city.url}/ogc/collections/issues/items?f=html&limit=25")
    first = page.locator("tbody th").first.inner_text()
    page.get_by_role("link", name="Próximos").click()
    page.wait_for_url("**cursor=**")
    assert page.locator("tbody th").first.inner_text() != first
    page.locator("tbody th a").first.click()
    expect(page.get_by_role("table")).to_be_visible()
