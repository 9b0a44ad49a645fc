"""Systems of departments for tests: this very server as another city's, and the road to it."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from geo_central.kernel import clock
from issues.teams import keys
from issues.teams.models import Team
from tests import database
from tests.server import free_port, running, serve_command, wait_for


@dataclass
class Seen:
    """One call as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Road:
    """An HTTP server on loopback that passes calls on, answers by itself, or loses what comes back."""

    def __init__(self, to: str = "") -> None:
        self.to = to
        self.seen: list[Seen] = []
        self.loses_answers = False
        self.answers: Callable[[Seen], tuple[int, bytes] | None] = lambda seen: None
        self.delay = threading.Event()
        self.delay.set()
        self.origin = ""
        self.headers: dict[str, str] = {}

    def posts(self, resource: str) -> list[Seen]:
        """Calls that wanted to change something there."""
        return [s for s in self.seen if s.method == "POST" and f"/{resource}." in s.path]

    def _serve(self, call: BaseHTTPRequestHandler) -> None:
        body = call.rfile.read(int(call.headers.get("Content-Length") or 0))
        headers = {k.lower(): v for k, v in call.headers.items()}
        seen = Seen(call.command, call.path, headers, body)
        self.seen.append(seen)
        status, told, more = 200, b"[]", {"Content-Type": "application/json"}
        if (own := self.answers(seen)) is not None:
            status, told = own
        elif self.to:
            status, told, more = self._pass_on(seen)
        self.delay.wait(30)
        if self.loses_answers:
            call.close_connection = True
            call.connection.close()
            return
        call.send_response(status)
        for name, value in {**more, **self.headers}.items():
            call.send_header(name, value)
        call.send_header("Content-Length", str(len(told)))
        call.end_headers()
        call.wfile.write(told)

    def _pass_on(self, seen: Seen) -> tuple[int, bytes, dict[str, str]]:
        where = urlsplit(self.to)
        link = http.client.HTTPConnection(where.hostname or "", where.port or 80, timeout=20)
        try:
            # As a browser's address bar would: the other side makes its links with the road's name.
            link.request(seen.method, seen.path, seen.body, seen.headers)
            answer = link.getresponse()
            kept = {k: v for k, v in answer.getheaders() if k in ("Content-Type", "Link", "Retry-After")}
            return answer.status, answer.read(), kept
        finally:
            link.close()


@contextmanager
def road(to: str = "") -> Iterator[Road]:
    """A road that is open until the end of the block."""
    made = Road(to)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made._serve(self)

        do_POST = do_GET

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.origin = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class SecondCity:
    """Another installation of this system, with a key for us."""

    url: str
    database_url: str
    api_key: str
    extra: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Do and look there, in the block, as its own staff."""
        with database.using(self.database_url):
            yield


@contextmanager
def second_city(template: str, name: str) -> Iterator[SecondCity]:
    """A server of its own on a database of its own."""
    server = database.cluster()
    server.drop_database(name)
    url = server.create_database(name, template)
    with database.using(url):
        _, secret = keys.make(
            name="Central",
            scopes=("report", "update"),
            quota=0,
            teams=list(Team.objects.values_list("pk", flat=True)),
            by=None,
            now=clock.now(),
        )
    port = free_port()
    with running([serve_command(port, 1)], DATABASE_URL=url) as processes:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/saude/", processes)
        yield SecondCity(address, url, secret)
    server.drop_database(name)
