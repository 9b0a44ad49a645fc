"""What tests of live streams need: somebody who reads one, and somebody who writes an event."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psycopg

PATIENCE = 20.0


@dataclass
class Message:
    """One message of a stream."""

    id: str
    event: str
    data: dict[str, Any]


@dataclass
class Reader:
    """A client of Server-Sent Events that comes back with Last-Event-ID whenever it is cut off."""

    url: str
    path: str
    cookie: str = ""
    messages: list[Message] = field(default_factory=list)
    raw: str = ""
    status: int = 0
    position: str = ""
    connections: int = 0
    comes_back: bool = True
    over: bool = False
    _socket: socket.socket | None = None

    def run(self) -> None:
        """Read, and come back, until told that it is over."""
        while not self.over:
            with suppress(OSError):
                self._connect()
            if not self.comes_back:
                return
            time.sleep(0.1)

    def codes(self) -> list[str]:
        """The codes of the events told so far."""
        return [m.data["code"] for m in self.messages if "code" in m.data]

    def numbers(self) -> list[str]:
        """The positions of the events told so far."""
        return [m.id for m in self.messages if m.id]

    def cut(self) -> None:
        """Lose the connection."""
        if self._socket is not None:
            self._socket.close()

    def _connect(self) -> None:
        where = urlsplit(self.url)
        with socket.create_connection((where.hostname, where.port or 80), 5) as link:
            self._socket = link
            link.settimeout(1)
            head = f"GET {self.path} HTTP/1.1\r\nHost: {where.netloc}\r\n"
            head += f"Last-Event-ID: {self.position}\r\n" if self.position else ""
            head += f"Cookie: {self.cookie}\r\n" if self.cookie else ""
            link.sendall(f"{head}\r\n".encode())
            self._read(link)

    def _read(self, link: socket.socket) -> None:
        text, begun = b"", False
        while not self.over:
            try:
                part = link.recv(65536)
            except TimeoutError:
                continue
            if not part:
                return
            self.raw += part.decode(errors="replace")
            text += part
            if not begun and b"\r\n\r\n" in text:
                head, _, text = text.partition(b"\r\n\r\n")
                self.status = int(head.split(b" ")[1])
                begun = True
                if self.status != 200:
                    return
                self.connections += 1
            if begun:
                *whole, text = text.split(b"\n\n")
                for block in whole:
                    self._take(block)
                if text.endswith(b"0\r\n\r\n") or text.strip() == b"0":
                    return

    def _take(self, block: bytes) -> None:
        fields: dict[str, str] = {}
        for line in block.decode().splitlines():
            name, colon, value = line.partition(": ")
            if colon and name:
                fields[name] = value
        if "id" in fields:
            self.position = fields["id"]
        if "data" in fields and fields.get("event") not in ("beat", "here"):
            self.messages.append(
                Message(fields.get("id", ""), fields.get("event", ""), json.loads(fields["data"]))
            )


@contextmanager
def reading(url: str, path: str, **options: Any) -> Iterator[Reader]:
    """A stream that is read for as long as the block runs."""
    reader = Reader(url, path, **options)
    thread = threading.Thread(target=reader.run)
    thread.start()
    try:
        wait(lambda: reader.status)
        yield reader
    finally:
        reader.over = True
        thread.join()


def wait(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """The first true value of the condition. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
    return value


def write(url: str, issue: int, code: str = "noted", *, public: bool = True, **data: Any) -> int:
    """Write an event as the house does: under the request's lock, with a notice. Its id."""
    with psycopg.connect(url) as link:
        link.execute("SELECT FROM issues_issue WHERE id = %s FOR UPDATE", [issue])
        (number,) = link.execute(
            "INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data, by, note)"
            " VALUES (%s, %s, now(), now(), %s, %s, '', '') RETURNING id",
            [issue, code, public, json.dumps(data)],
        ).fetchone()
        link.execute("SELECT pg_notify('issue_events', %s)", [str(issue)])
    return int(number)
