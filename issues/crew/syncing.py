"""What a phone did without a connection, applied act by act."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction

from geo_central.kernel.errors import Conflict, DomainError, NotFound
from geo_central.kernel.sql import Query
from issues.lifecycle.operations import Acted, Actor, act

from .moments import DeviceTime, when_done
from .moving import move

_FREE = Query(__file__, "free")
_KNOWN = Query(__file__, "known")
_STANDING = Query(__file__, "standing")
_log = logging.getLogger(__name__)

DONE, CONFLICT, REFUSED, HELD, LATER = "done", "conflict", "refused", "held", "later"


@dataclass(frozen=True, slots=True)
class SentAct:
    """One act of a batch: arguments of `lifecycle.act` or `move`, or the error of reading them."""

    client_id: str
    protocol: str
    asked: dict[str, Any]
    device: DeviceTime | None
    error: DomainError | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The current state of a request that an act came too late for, and who brought it there."""

    state: str
    is_open: bool
    at: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one act.

    `done` (now or before); `conflict` with how the request stands; `refused`; `held` behind an
    earlier act on the same request that did not pass; `later`: the database failed, send it again.
    """

    client_id: str
    protocol: str
    status: str
    acted: Acted | None = None
    error: DomainError | None = None
    standing: Standing | None = None


def apply(sent: Sequence[SentAct], *, by: Actor, now: datetime) -> list[Answer]:
    """Do these acts in their order, each once (by client id).

    The first act on a request that does not pass holds back the later ones on it. Nothing is
    raised for one act: each has its answer. Events carry the moment when the act was done.

    Acts on requests that nobody else is changing share one transaction, each behind a savepoint:
    fifty commits would cost more than the acts. Those that must wait for somebody come after it,
    each in a transaction of its own, so that nothing is held while it waits.
    """
    numbered = list(enumerate(sent))
    answers: dict[int, Answer] = {}
    try:
        with transaction.atomic():
            free = _free(sent)
            work = _Work(by, now, sent)
            answers |= {n: work.do(one) for n, one in numbered if free.issuperset(_touched(one))}
    except DatabaseError:
        _log.exception("a batch of %s acts failed", len(answers))
        answers = {n: Answer(one.client_id, one.protocol, LATER) for n, one in numbered if n in answers}
    if waiting := [(n, one) for n, one in numbered if n not in answers]:
        work = _Work(by, now, [one for _, one in waiting])
        answers |= {n: work.do(one) for n, one in waiting}
    return _with_standing([answers[n] for n, _ in numbered])


def _free(sent: Sequence[SentAct]) -> frozenset[str]:
    """The protocols of these acts that are locked for us, and those of no request at all."""
    asked = {protocol for one in sent for protocol in _touched(one)}
    locked = {r.protocol for r in _FREE.rows({"protocols": list(asked)})}
    known = (
        {r.protocol for r in _KNOWN.rows({"protocols": list(asked - locked)})} if asked - locked else set()
    )
    busy = known - locked
    # Whatever touches a busy request makes all acts on its own request wait, to keep their order.
    behind = {one.protocol for one in sent if busy & _touched(one)}
    return frozenset(asked - busy - behind)


def _touched(one: SentAct) -> frozenset[str]:
    """The requests that an act changes: a duplicate changes its original too."""
    return frozenset(filter(None, (one.protocol, one.asked.get("original"))))


class _Work:
    """Acts in their order: what is known of their requests, and which of them are stuck."""

    def __init__(self, by: Actor, now: datetime, sent: Sequence[SentAct]) -> None:
        self.by, self.now = by, now
        self.rows = {r.protocol: r for r in _KNOWN.rows({"protocols": list({s.protocol for s in sent})})}
        self.last = {protocol: row.last_at for protocol, row in self.rows.items()}
        self.stuck: set[str] = set()

    def do(self, one: SentAct) -> Answer:
        """The answer to one act."""
        if one.protocol in self.stuck:
            return Answer(one.client_id, one.protocol, HELD)
        floor = min(self.last.get(one.protocol, self.now), self.now)
        at = when_done(one.device, floor=floor, now=self.now) if one.device else self.now
        answer = self._try(one, at)
        if answer.status == DONE:
            self.last[one.protocol] = at
        else:
            self.stuck.add(one.protocol)
        return answer

    def _try(self, one: SentAct, at: datetime) -> Answer:
        try:
            with transaction.atomic():
                return Answer(one.client_id, one.protocol, DONE, acted=self._do(one, at))
        except Conflict as error:
            return Answer(one.client_id, one.protocol, CONFLICT, error=error)
        except DomainError as error:
            return Answer(one.client_id, one.protocol, REFUSED, error=error)
        except DatabaseError:
            _log.exception("act %s on %s failed", one.client_id, one.protocol)
            return Answer(one.client_id, one.protocol, LATER)

    def _do(self, one: SentAct, at: datetime) -> Acted:
        if one.error:
            raise one.error
        row = self.rows.get(one.protocol)
        if row is None:
            raise NotFound("issue.unknown", field="protocol")
        asked = dict(one.asked)
        if asked["action"] == "move":
            del asked["action"]
            return move(issue_id=row.id, by=self.by, now=at, learnt_at=self.now, **asked)
        return act(issue_id=row.id, by=self.by, now=at, learnt_at=self.now, **asked)


def _with_standing(answers: list[Answer]) -> list[Answer]:
    late = [a.protocol for a in answers if a.status == CONFLICT]
    rows = {r.protocol: r for r in _STANDING.rows({"protocols": late})} if late else {}
    return [
        Answer(a.client_id, a.protocol, a.status, error=a.error, standing=_standing(rows[a.protocol]))
        if a.status == CONFLICT and a.protocol in rows
        else a
        for a in answers
    ]


def _standing(row: Any) -> Standing:
    return Standing(row.state, row.is_open, row.at, row.by_name or "")
