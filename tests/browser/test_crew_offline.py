"""A crew works through a dead zone: the network is really cut, and so is the server."""

import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from geo_central.kernel import clock
from geo_central.kernel.geo import LngLat
from issues.lifecycle.models import Event, Issue, Photo
from issues.lifecycle.operations import act
from issues.teams.models import User
from tests.browser import axe
from tests.factories.acts import manager, team
from tests.factories.reports import issue, photo_bytes
from tests.server import PASSWORD, free_port, running, serve_command, wait_for

HERE = LngLat(-51.2287, -30.0277)
TEAM = "smsurb-conservacao-16"
SLOW = 20_000


@dataclass
class Server:
    """The real server at one address, which can be stopped and started again."""

    database_url: str
    port: int = field(default_factory=free_port)
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        processes = self.stack.enter_context(
            running([serve_command(self.port)], DATABASE_URL=self.database_url)
        )
        wait_for(f"{self.url}/saude/", processes)

    def stop(self) -> None:
        self.stack.close()
        self.stack = ExitStack()


@pytest.fixture(scope="module")
def server(own_database: str) -> Iterator[Server]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"]):
        call_command("seed_demo", issues=0, password=PASSWORD, verbosity=0)
    one = Server(own_database)
    one.start()
    yield one
    one.stop()


@pytest.fixture
def phone(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Phones with a crew member signed in, standing HERE."""
    contexts: list[BrowserContext] = []

    def sign_in(username: str = "equipe") -> Page:
        context = browser.new_context(
            locale="pt-BR", timezone_id="America/Sao_Paulo", viewport=axe.PHONE,
            permissions=["geolocation"],
            geolocation={"latitude": HERE.lat, "longitude": HERE.lng, "accuracy": 8},
        )  # fmt: skip
        context.set_default_timeout(SLOW)
        contexts.append(context)
        page = context.new_page()
        log_in(page, server, username)
        return page

    yield sign_in
    for context in contexts:
        context.close()


def log_in(page: Page, server: Server, username: str = "equipe") -> None:
    page.goto(f"{server.url}/equipe/")
    page.get_by_label("Usuário").fill(username)
    page.get_by_label("Senha").fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    expect(page).to_have_url(f"{server.url}/equipe/")


def load_area(page: Page, count: int) -> None:
    """The phone knows where it is, has the day's area and can open without a network."""
    expect(page.locator("#crew-bar span")).not_to_have_text("…")
    page.get_by_role("button", name="Usar minha localização").click()
    expect(page.locator(".job")).to_have_count(count)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


@pytest.fixture
def jobs(server: Server) -> Iterator[list[Issue]]:
    """Three potholes around HERE, of the crew's team."""
    rows = [
        issue(team(TEAM), LngLat(HERE.lng + 0.0001 * n, HERE.lat), opened_at=clock.now(),
              updated_at=clock.now(), address=f"Rua das Provas, {n}", description="Buraco fundo")
        for n in range(1, 4)
    ]  # fmt: skip
    yield rows
    Issue.objects.filter(pk__in=[r.pk for r in rows], state__in=["assigned", "in_progress"]).update(
        team=team("smsurb-triagem")
    )


def cut(page: Page, server: Server) -> None:
    page.context.set_offline(True)
    server.stop()


def mend(page: Page, server: Server) -> None:
    server.start()
    page.context.set_offline(False)


def bar(page: Page):
    return page.locator("#crew-bar span")


def open_job(page: Page, row: Issue) -> None:
    page.locator(f"#job-{row.protocol} .job-open").click()
    expect(page.locator("#sheet-protocol")).to_have_text(row.protocol)


def close_with_photo(page: Page, row: Issue, colour: str) -> None:
    open_job(page, row)
    page.locator("#acts-first").get_by_role("button", name="Concluir o serviço").click()
    photo = {"name": "depois.png", "mimeType": "image/png", "buffer": photo_bytes(colour)}
    page.locator("#act-camera").set_input_files([photo])
    expect(page.locator("#act-photos img")).to_have_count(1)
    expect(page.locator("#act-position")).to_contain_text("Posição informada")
    page.locator("#act-send").click()
    expect(page.locator("#sheet")).to_be_hidden()


def settled(check: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for the server to know something."""
    deadline = time.monotonic() + seconds
    while not in_own_thread(check):
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.2)


def in_own_thread(check: Callable[[], bool]) -> bool:
    return check()


def resolved(rows: list[Issue]) -> list[str]:
    return list(
        Event.objects.filter(issue__in=rows, code="resolved").order_by("at", "id")
        .values_list("issue__protocol", flat=True)
    )  # fmt: skip


def test_three_closings_with_photos_survive_a_dead_zone_and_a_killed_page(phone, server, jobs):
    page = phone()
    load_area(page, 3)
    cut(page, server)
    for row, colour in zip(jobs, ("red", "green", "blue"), strict=True):
        close_with_photo(page, row, colour)
    expect(bar(page)).to_contain_text("3 ações por enviar")
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(f"{server.url}/equipe/")
    expect(bar(page)).to_contain_text("Sem conexão")
    expect(bar(page)).to_contain_text("3 ações por enviar")
    mend(page, server)
    expect(bar(page)).to_have_text("Tudo enviado", timeout=40_000)
    assert resolved(jobs) == [row.protocol for row in jobs]
    assert Photo.objects.filter(issue__in=jobs, kind="after").count() == 3
    assert [Photo.objects.filter(issue=row).count() for row in jobs] == [1, 1, 1]
    assert Event.objects.filter(issue__in=jobs).count() == 3


__all__ = ["User", "act", "manager", "re", "threading", "uuid"]
