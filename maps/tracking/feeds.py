"""Who watches what, how far each has been told, and what must be read for them next.

Both feeds answer the same three questions: what must be read now (`wanted`), who gets what was
read (`told`), and who is gone (`leave`). A stream joins with the position that its client has seen;
the feed reads from the lowest position that somebody needs, and a stream takes only what lies
after its own. So joining, living on and coming back after a failure are one and the same reading.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .streams import Stream, frame

Commit = tuple[int, int]
"""A place in the order of commits: the transaction, and the event within it."""


@dataclass(slots=True)
class Watch:
    """One request, up to which event it has been read, and its streams."""

    read: int
    streams: set[Stream] = field(default_factory=set)


class RequestFeed:
    """Streams of single requests. Events of one request are committed in the order of their ids."""

    def __init__(self) -> None:
        self.watched: dict[int, Watch] = {}
        self.dirty: set[int] = set()

    def join(self, issue: int, stream: Stream) -> None:
        """Tell the stream everything about the request after `stream.sent`."""
        watch = self.watched.setdefault(issue, Watch(stream.sent))
        watch.read = min(watch.read, stream.sent)
        watch.streams.add(stream)
        self.dirty.add(issue)

    def leave(self, issue: int, stream: Stream) -> None:
        """Forget the stream."""
        if watch := self.watched.get(issue):
            watch.streams.discard(stream)
            if not watch.streams:
                del self.watched[issue]

    def notice(self, issue: int) -> None:
        """Something has happened to the request."""
        if issue in self.watched:
            self.dirty.add(issue)

    def all_dirty(self) -> None:
        """Something may have happened to any of them."""
        self.dirty.update(self.watched)

    def wanted(self) -> tuple[list[int], list[int]]:
        """Requests to read, and the event after which each; they count as read from now on."""
        issues = [i for i in self.dirty if i in self.watched]
        self.dirty.clear()
        return issues, [self.watched[i].read for i in issues]

    def told(self, rows: Iterable[Any]) -> None:
        """Hand out what was read: rows of `request_events`."""
        for issue, number, body in rows:
            if (watch := self.watched.get(issue)) is None:
                continue
            message = frame(str(number), body)
            watch.read = max(watch.read, number)
            for stream in watch.streams:
                if stream.sent < number:
                    stream.sent = number
                    stream.push(message)

    def streams(self) -> Iterable[Stream]:
        """Every stream of this feed."""
        return (s for watch in self.watched.values() for s in watch.streams)


class TeamFeed:
    """Streams of teams' queues, in the order of commits."""

    def __init__(self) -> None:
        self.members: dict[Stream, frozenset[int]] = {}
        self.read: Commit = (0, 0)
        self.dirty = False

    def join(self, teams: frozenset[int], stream: Stream) -> None:
        """Tell the stream what happens to requests of these teams after `stream.sent`."""
        self.read = min(self.read, stream.sent) if self.members else stream.sent
        self.members[stream] = teams
        self.dirty = True

    def leave(self, stream: Stream) -> None:
        """Forget the stream."""
        self.members.pop(stream, None)

    def told(self, rows: Iterable[Any]) -> None:
        """Hand out what was read: rows of `team_events`, in the order of commits."""
        for xid, number, teams, former, body, farewell in rows:
            at = (int(xid), number)
            self.read = at
            has, had = frozenset(teams), frozenset(former)
            place = position_text(at)
            message, goodbye = frame(place, body), frame(place, farewell, "gone")
            for stream, mine in self.members.items():
                if stream.sent >= at:
                    continue
                stream.sent = at
                if mine & has:
                    stream.push(message)
                elif mine & had:
                    stream.push(goodbye)

    def streams(self) -> Iterable[Stream]:
        """Every stream of this feed."""
        return iter(self.members)


def position_text(at: Commit) -> str:
    """A place in the order of commits, as clients keep it."""
    return f"{at[0]}-{at[1]}"


def read_number(text: str) -> int | None:
    """The event that a client has seen; None for what is no such thing."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def read_commit(text: str) -> Commit | None:
    """The place that a client has seen; None for what is no such thing."""
    transaction, _, event = text.partition("-")
    first, second = read_number(transaction), read_number(event)
    return None if first is None or second is None else (first, second)
