"""The streams over HTTP: a plain ASGI application, without a Django request for each stream.

    GET /fluxo/s/<token>        public events of one request, for whoever has its secret link
    GET /fluxo/equipe/<slug>    what happens to a team's requests, for its members
    GET /fluxo/equipe/          the same of every team that the reader sees
    GET /fluxo/saude            whether events reach this process

A position comes as Last-Event-ID, or as `?after=` on the first connection: events after it are told.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.db import OperationalError

from geo_central.kernel.errors import Forbidden, Malformed, NotFound, Unready
from issues.lifecycle.queries import is_token

from .feeds import position_text, read_commit, read_number
from .gate import Turnstile, teams_seen
from .hub import Hub
from .streams import RESET, Stream, closing, here

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CHECK_SECONDS = 15
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]


class Streams:
    """The application. It raises DomainError before an answer has begun; the caller words it."""

    def __init__(self) -> None:
        self.hub = Hub()
        self._turnstile = Turnstile()
        self._threads = ThreadPoolExecutor(2, "sessions")
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        if scope["type"] != "http" or scope["method"] != "GET":
            raise NotFound("not_found")
        room, _, rest = scope["path"].removeprefix("/fluxo/").partition("/")
        if room == "saude":
            return await self._health(send)
        if self.hub.closing:
            raise Unready("stream.away")
        with self._turnstile.pass_through(address_of(scope)):
            if room == "s":
                return await self._follow(scope, receive, send, rest.rstrip("/"))
            if room == "equipe":
                return await self._watch(scope, receive, send, rest.rstrip("/"))
        raise NotFound("not_found")

    async def _follow(self, scope: Scope, receive: Receive, send: Send, token: str) -> None:
        after = read_number(position_of(scope) or "0")
        if after is None:
            raise Malformed("cursor.bad", field="after")
        issue = await self.hub.issue_of(token) if is_token(token) else None
        if issue is None:
            raise NotFound("issue.unknown", field="token")
        stream = Stream(after, _cancel())
        self.hub.follow(issue, stream)
        try:
            await pump(stream, receive, send)
        finally:
            self.hub.requests.leave(issue, stream)

    async def _watch(self, scope: Scope, receive: Receive, send: Send, slug: str) -> None:
        text = position_of(scope)
        since = read_commit(text) if text else None
        if text and since is None:
            raise Malformed("cursor.bad", field="after")
        session = _session(scope)
        teams = await self._teams_seen(session, slug)
        now, too_far = await self.hub.present(since or (0, 0))
        stream = Stream(since if since and not too_far else now, _cancel())
        if since and too_far:
            stream.push(RESET)
        stream.push(here(position_text(stream.sent)))
        self.hub.join(teams, stream)
        guard = asyncio.ensure_future(self._check_again(session, slug, stream))
        try:
            await pump(stream, receive, send)
        finally:
            guard.cancel()
            self.hub.teams.leave(stream)

    async def _check_again(self, session: str, slug: str, stream: Stream) -> None:
        """Cut off whoever has left the team or signed out; follow whoever has changed teams."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                teams = await self._teams_seen(session, slug)
            except Forbidden as refused:
                return stream.end(closing(refused.code))
            except Unready:
                continue
            if stream in self.hub.teams.members:
                self.hub.teams.members[stream] = teams

    async def _teams_seen(self, session: str, slug: str) -> frozenset[int]:
        loop = asyncio.get_running_loop()
        for _ in range(3):  # each thread finds out by itself that its connection has gone
            try:
                return await loop.run_in_executor(self._threads, teams_seen, session, slug)
            except OperationalError:
                continue
        raise Unready("stream.away")

    async def _health(self, send: Send) -> None:
        if self.hub.is_away or self.hub.closing:
            raise Unready("stream.away")
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok %d" % self._turnstile.total})

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._tasks = [asyncio.ensure_future(t) for t in (self.hub.run(), self.hub.beat())]
                asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._stop)
                await send({"type": "lifespan.startup.complete"})
            else:
                self.hub.close()
                for task in self._tasks:
                    task.cancel()
                self._threads.shutdown(wait=False, cancel_futures=True)
                return await send({"type": "lifespan.shutdown.complete"})

    def _stop(self) -> None:
        """The server waits for open answers before it stops: end them first, then let it."""
        self.hub.close()
        asyncio.get_running_loop().call_later(0.2, signal.raise_signal, signal.SIGINT)


async def pump(stream: Stream, receive: Receive, send: Send) -> None:
    """Send what the stream holds until it's over, its client has gone or takes no more."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    gone = asyncio.ensure_future(_disconnected(receive))
    gone.add_done_callback(lambda _: stream.end())
    try:
        while message := await stream.take():
            await send({"type": "http.response.body", "body": message, "more_body": True})
        if not gone.done():
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _cancel() -> Callable[[], object]:
    task = asyncio.current_task()
    assert task is not None
    return task.cancel


def position_of(scope: Scope) -> str:
    """What the client has seen: the header of a reconnection, else the query; empty for nothing."""
    if told := header(scope, b"last-event-id"):
        return told
    asked: bytes = scope["query_string"]
    return parse_qs(asked.decode("latin-1")).get("after", [""])[0]


def address_of(scope: Scope) -> str:
    """The client's address; behind our own proxy, the one that the proxy saw."""
    if settings.BEHIND_PROXY and (told := header(scope, b"x-forwarded-for")):
        return told.rpartition(",")[2].strip()
    return str((scope.get("client") or ("",))[0])


def header(scope: Scope, name: bytes) -> str:
    """One header as text; empty where it was not sent."""
    found: bytes = next((v for k, v in scope["headers"] if k == name), b"")
    return found.decode("latin-1")


def _session(scope: Scope) -> str:
    try:
        cookies = SimpleCookie(header(scope, b"cookie"))
    except CookieError:
        raise Forbidden("auth.needed") from None
    if (morsel := cookies.get(settings.SESSION_COOKIE_NAME)) is None:
        raise Forbidden("auth.needed")
    return morsel.value
