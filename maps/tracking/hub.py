"""The heart of the streams' process: one connection that listens, one that reads, many streams.

`NOTIFY issue_events, '<issue>'` says only that something has happened. What it was is read in one
query a burst, from positions kept here, so a notice that was lost with its connection is
made good by the first reading on the next one.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from geo_central.kernel.errors import Unready

from . import queries
from .feeds import Commit, RequestFeed, TeamFeed
from .streams import AWAY, BACK, Stream

log = logging.getLogger(__name__)

CHANNEL = "issue_events"
BEAT_SECONDS = 15
BATCH = 1000
FAR_BEHIND = 5000
"""Events of teams that a returning client may have missed before it's told to read its list anew."""

LOST_AFTER_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 5.0
FENCE_SECONDS = 0.02
FENCE_LONGEST_SECONDS = 1.0
HEALTH_SECONDS = 10.0


class Hub:
    """Streams join it and leave it; `run` keeps it fed until `close`."""

    def __init__(self) -> None:
        self.requests = RequestFeed()
        self.teams = TeamFeed()
        self.is_away = True
        self.closing = False
        self._told_away = False
        self._reader: psycopg.AsyncConnection[Any] | None = None
        self._work = asyncio.Event()
        self._issues: dict[str, int] = {}
        self._fence_wait = FENCE_SECONDS

    # ---- Streams come and go

    async def issue_of(self, token: str) -> int | None:
        """The request that a secret link follows. Raises Unready `stream.away` without a database."""
        if (known := self._issues.get(token)) is None:
            ((known,),) = await self._ask(queries.FOLLOWED, {"token": token})
            if known is not None:
                if len(self._issues) > 20_000:
                    self._issues.clear()
                self._issues[token] = known
        return known

    def follow(self, issue: int, stream: Stream) -> None:
        """Feed a stream with one request's public events."""
        self.requests.join(issue, stream)
        self._work.set()

    async def present(self, since: Commit) -> tuple[Commit, bool]:
        """Where commits are now, and whether `since` is too far back to be read from."""
        ((xid, _, missed),) = await self._ask(queries.TEAM_POSITION, _after(since, FAR_BEHIND + 1))
        return (int(xid), 0), missed > FAR_BEHIND or since[0] > int(xid)

    def join(self, teams: frozenset[int], stream: Stream) -> None:
        """Feed a stream with what happens to the requests of these teams."""
        self.teams.join(teams, stream)
        self._work.set()

    def streams(self) -> list[Stream]:
        """Every open stream."""
        return [*self.requests.streams(), *self.teams.streams()]

    def close(self) -> None:
        """End every stream, and take no more."""
        self.closing = True
        for stream in self.streams():
            stream.end()

    # ---- The database comes and goes

    async def run(self) -> None:
        """Listen and read, on new connections whenever the old ones are lost. Ends when cancelled."""
        wait = 0.0
        while True:
            try:
                async with self._connected():
                    wait = 0.0
                    await self._serve()
            except* (psycopg.Error, OSError) as lost:
                log.warning("The database is away: %s", str(lost.exceptions[0]).strip())
            except* Exception:  # a fault of ours must not leave every stream silent for good
                log.exception("Reading for the streams has failed; beginning anew")
            self.is_away = True
            self._reader = None
            asyncio.get_running_loop().call_later(LOST_AFTER_SECONDS, self._tell_away)
            await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311 (no secret)
            wait = min(LONGEST_WAIT_SECONDS, wait * 2 or 0.1)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        async with await queries.connect("listen") as ear, await queries.connect("read") as reader:
            await ear.execute(f"LISTEN {CHANNEL}")
            self._ear, self._reader = ear, reader
            # Whatever was said while nobody listened is read now.
            self.requests.all_dirty()
            self.teams.dirty = True
            self._work.set()
            self.is_away = False
            if self._told_away:
                self._told_away = False
                self._tell(BACK)
            yield

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._read())

    async def _listen(self) -> None:
        while True:
            async for notice in self._ear.notifies(timeout=HEALTH_SECONDS):
                if notice.payload.isdigit():
                    self.requests.notice(int(notice.payload))
                self.teams.dirty = True
                self._work.set()
            async with asyncio.timeout(HEALTH_SECONDS):
                await self._ear.execute("SELECT 1")  # a link that is dead but not closed says nothing

    async def _read(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            issues, after = self.requests.wanted()
            try:
                if issues:
                    asked = {"issues": issues, "after": after}
                    self.requests.told(await self._ask(queries.REQUEST_EVENTS, asked))
                if self.teams.dirty and self.teams.members:
                    await self._read_teams()
            except Unready as lost:
                raise psycopg.OperationalError("the reading connection is gone") from lost

    async def _read_teams(self) -> None:
        self.teams.dirty = False
        while True:
            rows = await self._ask(queries.TEAM_EVENTS, _after(self.teams.read, BATCH))
            self.teams.told(rows)
            if len(rows) < BATCH:
                break
            await asyncio.sleep(0)
        ((_, waiting, _),) = await self._ask(queries.TEAM_POSITION, _after(self.teams.read, 1))
        if waiting:  # committed, but behind a transaction that is still open
            asyncio.get_running_loop().call_later(self._fence_wait, self._look_again)
            self._fence_wait = min(FENCE_LONGEST_SECONDS, self._fence_wait * 1.5)
        else:
            self._fence_wait = FENCE_SECONDS

    def _look_again(self) -> None:
        self.teams.dirty = True
        self._work.set()

    async def _ask(self, sql: str, params: dict[str, Any]) -> list[Any]:
        reader = self._reader
        if reader is None:
            raise Unready("stream.away")
        try:
            cursor = await reader.execute(sql, params)
            return await cursor.fetchall()
        except psycopg.OperationalError as error:
            raise Unready("stream.away") from error

    # ---- What every stream is told

    def _tell_away(self) -> None:
        if self.is_away and not self._told_away:
            self._told_away = True
            self._tell(AWAY)

    def _tell(self, message: bytes) -> None:
        for stream in self.streams():
            stream.push(message)

    async def beat(self) -> None:
        """A heart-beat to every stream in BEAT_SECONDS, a share of them each second."""
        tick = 0
        while True:
            await asyncio.sleep(1)
            tick += 1
            for stream in _share(self.streams(), tick % BEAT_SECONDS):
                stream.beat()


def _share(streams: Iterable[Stream], part: int) -> list[Stream]:
    return [s for s in streams if (id(s) >> 6) % BEAT_SECONDS == part]


def _after(at: Commit, limit: int) -> dict[str, Any]:
    return {"xid": str(at[0]), "id": at[1], "limit": limit}
