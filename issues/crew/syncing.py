"""What a phone did without a connection, applied act by act."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError

from geo_central.kernel.errors import Conflict, DomainError, NotFound
from geo_central.kernel.sql import Query
from issues.lifecycle.operations import Acted, Actor, act

from .moments import DeviceTime, when_done
from .moving import move

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
    """Do these acts in their order, each once (by client id) and in a transaction of its own.

    The first act on a request that does not pass holds back the later ones on it. Nothing is
    raised for one act: each has its answer. Events carry the moment when the act was done.
    """
    rows = {r.protocol: r for r in _KNOWN.rows({"protocols": list({s.protocol for s in sent})})}
    last = {protocol: row.last_at for protocol, row in rows.items()}
    stuck: set[str] = set()
    answers = []
    for one in sent:
        if one.protocol in stuck:
            answers.append(Answer(one.client_id, one.protocol, HELD))
            continue
        answer, at = _apply(one, rows.get(one.protocol), by, last.get(one.protocol, now), now)
        last[one.protocol] = at
        if answer.status != DONE:
            stuck.add(one.protocol)
        answers.append(answer)
    return _with_standing(answers)


def _apply(one: SentAct, row: Any, by: Actor, floor: datetime, now: datetime) -> tuple[Answer, datetime]:
    at = when_done(one.device, floor=min(floor, now), now=now) if one.device else now
    try:
        if one.error:
            raise one.error
        if row is None:
            raise NotFound("issue.unknown", field="protocol")
        asked = dict(one.asked)
        if asked["action"] == "move":
            del asked["action"]
            done = move(issue_id=row.id, by=by, now=at, learnt_at=now, **asked)
        else:
            done = act(issue_id=row.id, by=by, now=at, learnt_at=now, **asked)
        return Answer(one.client_id, one.protocol, DONE, acted=done), at
    except Conflict as error:
        return Answer(one.client_id, one.protocol, CONFLICT, error=error), floor
    except DomainError as error:
        return Answer(one.client_id, one.protocol, REFUSED, error=error), floor
    except DatabaseError:
        _log.exception("act %s on %s failed", one.client_id, one.protocol)
        return Answer(one.client_id, one.protocol, LATER), floor


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
