"""Accessibility of a page as it stands: axe with the rules of WCAG 2.2 AA."""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
# How many lines the name in the header takes; 0 where there is none.
LINES = """(() => {
  const name = document.querySelector('.brand b');
  return name ? name.offsetHeight / parseFloat(getComputedStyle(name).lineHeight) : 0;
})()"""


def check(page: Page) -> None:
    """No violation at the phone's and at the desk's size; nothing wider than it, no name in pieces."""
    before = page.viewport_size
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        result = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
        found = [
            f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:160]}" for v in result.response["violations"]
        ]
        assert found == [], f"{page.url} at {size['width']} px:\n" + "\n".join(found)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{page.url} is {width} px wide on a screen of {size['width']} px"
        assert page.evaluate(LINES) < 1.9, f"{page.url}: the name in the header breaks at {size['width']} px"
    if before:
        page.set_viewport_size(before)


def picture(page: Page, name: str) -> None:
    """Keep a screenshot for the README, when UPDATE_SCREENSHOTS=1."""
    if os.environ.get("UPDATE_SCREENSHOTS") == "1":
        IMAGES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=IMAGES / f"{name}.png")
