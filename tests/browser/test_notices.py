"""A browser that is told: asked after a tap, subscribed with us, shown what the push service brings."""

import json
from collections.abc import Iterator

import msgspec
import pytest
from playwright.sync_api import Page, expect

from geo_central.kernel import clock
from issues.conversations import operations
from issues.conversations.models import Subscription
from issues.lifecycle.models import Delivery, Event, Issue
from issues.teams.models import Team
from tests.browser import axe
from tests.factories.peers import PushService, push_service
from tests.factories.reports import issue
from tests.server import LiveCity, live_server

VAPID = "6BQ_JuWGi3bWDh6zYbsW8IUrbRHhyq3tH8Z8Gd5Qq1E"

# Chromium's own push service is far away: what it would answer is answered by the one of this test.
SUBSCRIBES = """
PushManager.prototype.subscribe = async function (options) {
  const key = new Uint8Array(options.applicationServerKey);
  if (!options.userVisibleOnly || key.length !== 65 || key[0] !== 4) throw new Error('a bad key');
  return { toJSON: () => (%s) };
};
"""


@pytest.fixture(scope="module")
def push() -> Iterator[PushService]:
    with push_service() as service:
        yield service


@pytest.fixture(scope="module")
def city(own_database: str, push: PushService) -> Iterator[LiveCity]:
    with live_server(own_database, seed=20, VAPID_PRIVATE_KEY=VAPID, PUSH_HOSTS=push.origin) as running:
        yield running


@pytest.fixture
def mine(city: LiveCity) -> Issue:
    return issue(Team.objects.order_by("slug")[0], opened_at=clock.now())


def test_one_tap_and_the_browser_shows_what_happens(
    city: LiveCity, push: PushService, page: Page, mine: Issue, settings
) -> None:
    settings.VAPID_PRIVATE_KEY, settings.PUSH_HOSTS = VAPID, [push.origin]
    settings.CITY = msgspec.structs.replace(settings.CITY, quiet_hours=(0, 0))  # at whatever hour it runs
    browser = push.browser("tela")
    page.add_init_script(SUBSCRIBES % json.dumps(browser.subscription))
    page.context.grant_permissions(["notifications"], origin=city.url)
    page.goto(f"{city.url}/s/{mine.token}/avisos/")
    axe.check(page)
    page.get_by_role("button", name="Avisar neste aparelho").click()
    expect(page.locator("#push-status")).to_have_text("Pronto: este aparelho será avisado.")
    expect(page.get_by_role("button", name="Avisar neste aparelho")).to_be_hidden()
    assert Subscription.objects.filter(issue=mine).count() == 1

    now = clock.now()
    event = Event.objects.create(issue=mine, code="resolved", at=now, recorded_at=now)
    Delivery.objects.create(event=event, issue=mine, kind="citizen_notice", created_at=now, available_at=now)
    operations.deliver(now=clock.now)
    (told,) = browser.shown
    assert mine.protocol in told["title"]

    _receive(page, city, told)
    shown = page.evaluate(
        "navigator.serviceWorker.getRegistration('/avisos/')"
        ".then((r) => r.getNotifications()).then((all) => all.map((n) => [n.title, n.body, n.data.url]))"
    )
    assert shown == [[told["title"], told["body"], told["url"]]]


def test_a_browser_that_may_not_says_so_and_nothing_is_kept(city: LiveCity, page: Page, mine: Issue) -> None:
    before = Subscription.objects.count()
    page.add_init_script("Notification.requestPermission = async () => 'denied'")
    page.goto(f"{city.url}/s/{mine.token}/avisos/")
    page.get_by_role("button", name="Avisar neste aparelho").click()
    expect(page.locator("#push-status")).to_contain_text("O navegador não deixou")
    expect(page.get_by_role("button", name="Avisar neste aparelho")).to_be_enabled()
    assert Subscription.objects.count() == before


def _receive(page: Page, city: LiveCity, told: dict[str, str]) -> None:
    """The message comes to the worker, as from the browser's push service."""
    session = page.context.new_cdp_session(page)
    registered: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda seen: registered.extend(r["registrationId"] for r in seen["registrations"]),
    )
    session.send("ServiceWorker.enable")
    page.wait_for_timeout(200)
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": city.url, "registrationId": registered[-1], "data": json.dumps(told)},
    )
    page.wait_for_function(
        "navigator.serviceWorker.getRegistration('/avisos/')"
        ".then((r) => r.getNotifications()).then((all) => all.length > 0)"
    )
