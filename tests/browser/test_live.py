"""A page that changes by itself when something happens elsewhere."""

import re
import urllib.request
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from geo_central.kernel import clock
from geo_central.management.serving import find_nginx
from issues.lifecycle.models import Issue
from issues.teams.models import Team
from tests.browser import axe
from tests.factories.reports import issue
from tests.live import write
from tests.server import LiveCity, live_server

SLOW = 20_000
SOON = 4_000  # the same second, on a machine that is busy with a browser and other tests
pytestmark = pytest.mark.skipif(find_nginx() is None, reason="nginx joins streams and pages")


@pytest.fixture(scope="module")
def whole_city(own_database: str) -> Iterator[LiveCity]:
    """Pages and streams behind one front, as `make up` serves them."""
    with live_server(own_database, seed=0, streams=True) as city:
        yield city


@pytest.fixture
def asked(whole_city: LiveCity) -> Issue:
    now = clock.now()
    return issue(Team.objects.order_by("slug")[0], opened_at=now, due_at=now + timedelta(days=3))


def resolve(city: LiveCity, asked: Issue) -> None:
    now = clock.now()
    Issue.objects.filter(pk=asked.pk).update(state="resolved", closed_at=now, updated_at=now)
    write(city.database_url, asked.pk, "resolved")


def follow(page: Page, city: LiveCity, asked: Issue) -> None:
    page.goto(f"{city.url}/s/{asked.token}/")
    expect(page.get_by_text("Ao vivo")).to_be_visible()


def test_the_page_changes_when_somebody_else_writes(whole_city: LiveCity, asked: Issue, page: Page) -> None:
    follow(page, whole_city, asked)
    share = page.get_by_role("button", name="Copiar número")
    share.focus()
    page.evaluate("window.untouched = true")
    axe.check(page)
    resolve(whole_city, asked)
    expect(page.locator(".timeline")).to_contain_text("Serviço concluído", timeout=SOON)
    expect(page.locator("[data-live=state]")).to_have_text("Resolvido")
    expect(page.locator("[data-live=due]")).to_contain_text("Encerrado")
    expect(page.locator("[data-live-said]")).to_contain_text("Serviço concluído")
    assert page.evaluate("window.untouched")  # the page was not loaded again
    expect(share).to_be_focused()
    axe.check(page)
    axe.picture(page, "ao-vivo")


def test_what_is_being_typed_is_left_alone(whole_city: LiveCity, asked: Issue, page: Page) -> None:
    follow(page, whole_city, asked)
    page.evaluate(
        """() => {
          const region = document.createElement('div');
          region.dataset.live = 'story';
          const field = document.createElement('textarea');
          region.append(field);
          document.querySelector('main').append(region);
          field.value = 'estou escrevendo';
        }"""
    )
    resolve(whole_city, asked)
    expect(page.locator("[data-live=state]")).to_have_text("Resolvido", timeout=SOON)
    expect(page.locator("textarea").last).to_have_value("estou escrevendo")


def test_a_lost_connection_is_said_and_made_good(whole_city: LiveCity, asked: Issue, page: Page) -> None:
    follow(page, whole_city, asked)
    page.context.set_offline(True)
    status = page.locator("[data-live-status]")
    expect(status).to_have_text("Reconectando…", timeout=SLOW)
    write(whole_city.database_url, asked.pk, "started")
    page.context.set_offline(False)
    expect(status).to_have_text("Ao vivo", timeout=SLOW)
    expect(page.locator(".timeline")).to_contain_text("Equipe no local", timeout=SLOW)
    expect(page.locator(".timeline li")).to_have_count(1)


def test_where_no_stream_comes_through_the_page_asks_again(
    whole_city: LiveCity, asked: Issue, page: Page
) -> None:
    page.route("**/fluxo/**", lambda route: route.fulfill(status=404))
    page.clock.install()
    page.goto(f"{whole_city.url}/s/{asked.token}/")
    expect(page.get_by_text("Atualiza a cada 15 s")).to_be_visible()
    write(whole_city.database_url, asked.pk, "started")
    page.clock.run_for(20_000)
    page.clock.run_for(5_000)
    expect(page.locator(".timeline")).to_contain_text("Equipe no local", timeout=SLOW)


def test_without_javascript_the_page_is_whole(whole_city: LiveCity, asked: Issue, page: Page) -> None:
    assert page.context.browser
    context = page.context.browser.new_context(java_script_enabled=False, viewport=axe.PHONE, locale="pt-BR")
    plain = context.new_page()
    plain.goto(f"{whole_city.url}/s/{asked.token}/")
    expect(plain.locator("[data-live-status]")).to_be_hidden()
    write(whole_city.database_url, asked.pk, "started")
    plain.reload()
    expect(plain.locator(".timeline")).to_contain_text("Equipe no local")
    context.close()


def test_polling_tells_the_same_events_with_a_position(whole_city: LiveCity, asked: Issue) -> None:
    def ask(after: str) -> str:
        url = f"{whole_city.url}/api/v1/requests/{asked.token}/events?after={after}"
        return urllib.request.urlopen(url).read().decode()

    number = write(whole_city.database_url, asked.pk, "started")
    assert re.search(rf'"id" : {number}, "code" : "started".*"position":"{number}"', ask("0"))
    assert ask(str(number)) == f'{{"events":[],"position":"{number}"}}'
