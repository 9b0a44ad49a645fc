"""A crew's phone in a test's hands: the server that can go away, and what a thumb does."""

import io
import random
from contextlib import ExitStack
from dataclasses import dataclass, field

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from geo_central.kernel.geo import LngLat
from issues.lifecycle.models import Event, Issue
from tests.factories.reports import photo_bytes
from tests.server import PASSWORD, free_port, running, serve_command, wait_for

HERE = LngLat(-51.2287, -30.0277)


@dataclass
class Server:
    """The real server at one address, which can be stopped and started again."""

    database_url: str
    port: int = field(default_factory=free_port)
    stack: ExitStack = field(default_factory=ExitStack)
    is_up: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        if self.is_up:
            return
        processes = self.stack.enter_context(
            running([serve_command(self.port)], DATABASE_URL=self.database_url)
        )
        wait_for(f"{self.url}/saude/", processes)
        self.is_up = True

    def stop(self) -> None:
        self.stack.close()
        self.stack = ExitStack()
        self.is_up = False


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
    expect(page.locator("#near-list .job")).to_have_count(count)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def noise() -> bytes:
    """A picture that no compression makes small."""
    out = io.BytesIO()
    side = 1600
    Image.frombytes("RGB", (side, side), random.Random(5).randbytes(side * side * 3)).save(out, "PNG")
    return out.getvalue()


def cut(page: Page, server: Server) -> None:
    page.context.set_offline(True)
    server.stop()


def mend(page: Page, server: Server) -> None:
    server.start()
    page.context.set_offline(False)


def bar(page: Page) -> Locator:
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


def resolved(rows: list[Issue]) -> list[str]:
    return list(
        Event.objects.filter(issue__in=rows, code="resolved").order_by("at", "id")
        .values_list("issue__protocol", flat=True)
    )  # fmt: skip
