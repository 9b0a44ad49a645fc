"""One open answer, in the words of Server-Sent Events (HTML Living Standard, 9.2).

A frame is encoded once, however many streams it goes to. What a client has not taken yet waits in
its stream, up to a limit: a client that is too slow is let go, and reads on from where it was when
it comes back, because every frame carries its position.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Any

ROOM_BYTES = 2 << 20
"""What may wait for one client: more than a long absence of it, or of the database, has to tell."""

STUCK_BEATS = 3
"""A client that has taken nothing for so many heart-beats is let go."""

BEAT = b":\n\nevent: beat\ndata: {}\n\n"
"""A comment keeps proxies awake; the event lets the page know that nobody holds the stream back."""
AWAY = b"event: away\ndata: {}\n\n"
BACK = b"event: back\ndata: {}\n\n"
RESET = b"event: reset\ndata: {}\n\n"


def frame(position: str, body: str, event: str = "") -> bytes:
    """One message: `body` is a line of JSON; `position` is what Last-Event-ID will say."""
    kind = f"event: {event}\n" if event else ""
    return f"id: {position}\n{kind}data: {body}\n\n".encode()


def opening() -> bytes:
    """How long to wait before coming back, not the same for all: a herd must not return at once."""
    return b"retry: %d\n\n" % random.randint(1000, 3000)  # noqa: S311 (no secret)


def here(position: str) -> bytes:
    """Where a stream begins, so that a client which is cut off before its first event can say so."""
    return frame(position, "{}", "here")


def closing(reason: str) -> bytes:
    """The last message of a stream that its client must not open again."""
    return b'event: closed\ndata: {"reason":"%s"}\n\n' % reason.encode()


class Stream:
    """Frames on their way to one client. `sent` is the position of the last one given to it.

    `drop` is called once when the client takes nothing any more: it must end the connection.
    """

    __slots__ = ("_bytes", "_frames", "_idle", "_missed", "_over", "_waiter", "drop", "sent")

    def __init__(self, sent: Any, drop: Callable[[], object]) -> None:
        self.sent = sent
        self.drop = drop
        self._frames: deque[bytes] = deque([opening()])
        self._bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._over = False
        self._idle = True
        self._missed = 0

    def push(self, message: bytes) -> None:
        """Add a frame; beyond ROOM_BYTES the client is dropped."""
        if self._over:
            return
        self._idle = False
        self._frames.append(message)
        self._bytes += len(message)
        if self._bytes > ROOM_BYTES:
            self._give_up()
        else:
            self._wake()

    def end(self, last: bytes = b"") -> None:
        """No more frames after this one and those that wait."""
        if last:
            self.push(last)
        self._over = True
        self._wake()

    def beat(self) -> None:
        """A sign of life, if there was none since the last one; the end, if nothing is taken."""
        self._missed = self._missed + 1 if self._frames else 0
        if self._missed >= STUCK_BEATS and not self._over:
            return self._give_up()
        if self._idle:
            self.push(BEAT)
        self._idle = True

    async def take(self) -> bytes:
        """Everything that waits, in one piece; empty once the stream is over."""
        while not self._frames:
            if self._over:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        message = b"".join(self._frames)
        self._frames.clear()
        self._bytes = 0
        return message

    def _give_up(self) -> None:
        self._frames.clear()
        self._over = True
        self.drop()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
