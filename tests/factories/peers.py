"""Providers on loopback, real enough to be spoken to: a mail server and a push service."""

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Gate:
    """Lets a test hold a provider just after it has taken a message, before it says so."""

    taken: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.open.set()

    def pass_through(self) -> None:
        self.taken.set()
        self.open.wait(30)


class Mailbox:
    """An SMTP server's handler; `refuse` maps an address to what the server answers for it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}
        self.gate = Gate()
        self.port = 0

    async def handle_RCPT(self, server, session, envelope, address, options):  # type: ignore[no-untyped-def]
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # type: ignore[no-untyped-def]
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        await server.loop.run_in_executor(None, self.gate.pass_through)
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [m for m in self.mails if m["To"] == address]


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mail server on a free port of this machine."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=_free_port())
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        box.gate.open.set()
        controller.stop()


def _free_port() -> int:
    from tests.server import free_port

    return free_port()


class Browser:
    """A browser that subscribed at the push service, and what it was shown."""

    def __init__(self, origin: str, name: str) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        self.endpoint = f"{origin}/push/{name}"
        self.shown: list[dict[str, Any]] = []

    @property
    def subscription(self) -> dict[str, Any]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": base64url(point), "auth": base64url(self.secret)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def read(self, body: bytes) -> dict[str, Any]:
        """RFC 8291: only this browser can."""
        text = http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret, version="aes128gcm")
        told: dict[str, Any] = json.loads(text)
        return told


class PushService:
    """Takes messages for its browsers; honours the Topic: a repetition is not shown again."""

    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.topics: set[tuple[str, str]] = set()
        self.requests: list[dict[str, str]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.gate = Gate()
        self.origin = ""

    def browser(self, name: str) -> Browser:
        made = Browser(self.origin, name)
        self.browsers[f"/push/{name}"] = made
        return made

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        self.requests.append(headers)
        if self.answers:
            return self.answers.pop(0)
        browser = self.browsers.get(path)
        if browser is None:
            return 410, {}
        if not headers.get("authorization", "").startswith("vapid t="):
            return 401, {}
        told = browser.read(body)
        if (path, headers["topic"]) not in self.topics:
            self.topics.add((path, headers["topic"]))
            browser.shown.append(told)
        self.gate.pass_through()
        return 201, {}


@contextmanager
def push_service() -> Iterator[PushService]:
    """A push service on a free port of this machine."""
    service = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answered = service.take(self.path, headers, body)
            try:
                self.send_response(status)
                for name, value in answered.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the tests look at what was taken."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.gate.open.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
