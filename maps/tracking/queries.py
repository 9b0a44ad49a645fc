"""Reading events for those who watch: the streams' process asynchronously, polling pages through Django."""

from typing import Any, NamedTuple

import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo

from geo_central.kernel.errors import NotFound
from geo_central.kernel.sql import Query

_FOLLOWED = Query(__file__, "followed")
_REQUEST_EVENTS = Query(__file__, "request_events")
_TEAM_EVENTS = Query(__file__, "team_events")
_TEAM_POSITION = Query(__file__, "team_position")
_SLUGS = Query(__file__, "visible_teams")

FOLLOWED = _FOLLOWED.text
REQUEST_EVENTS = _REQUEST_EVENTS.text
TEAM_EVENTS = _TEAM_EVENTS.text
TEAM_POSITION = _TEAM_POSITION.text

POLL_LIMIT = 500


class Told(NamedTuple):
    """Events as JSON texts, and the position after which the next ones come."""

    events: tuple[str, ...]
    position: str


async def connect(purpose: str) -> psycopg.AsyncConnection[Any]:
    """A connection of its own to the project's database. Raises psycopg.OperationalError."""
    entry = settings.DATABASES["default"]
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {k: v for k, v in entry["OPTIONS"].items() if k not in {"pool", "prepare_threshold"}}
    told: dict[str, Any] = {key: entry[name] or None for key, name in names.items()}
    told |= {"connect_timeout": 5, "application_name": f"geo-central-{purpose}"}
    where = make_conninfo(**told, **options)
    return await psycopg.AsyncConnection.connect(where, autocommit=True, prepare_threshold=1)


def issue_of(token: str) -> int:
    """The request that a secret link follows. Raises NotFound `issue.unknown`."""
    issue: int | None = _FOLLOWED.value({"token": token})
    if issue is None:
        raise NotFound("issue.unknown", field="token")
    return issue


def request_events(token: str, after: int) -> Told:
    """Public events of one request after the event `after`, oldest first. Raises NotFound `issue.unknown`."""
    rows = _REQUEST_EVENTS.rows({"issues": [issue_of(token)], "after": [after]})
    return Told(tuple(r.body for r in rows), str(rows[-1].id if rows else after))


def team_slugs(ids: tuple[int, ...]) -> dict[str, int]:
    """Active teams among these ids, by slug."""
    return {row.slug: row.id for row in _SLUGS.rows({"ids": list(ids)})}


def team_events(teams: frozenset[int], after: tuple[int, int] | None) -> Told:
    """What happened to these teams' requests after a place in the order of commits; None is now.

    At most POLL_LIMIT events are read at once; the position says how far.
    """
    if after is None:
        now = _TEAM_POSITION.one({"xid": "0", "id": 0, "limit": 0})
        return Told((), f"{now.xid}-0")
    told = []
    for row in _TEAM_EVENTS.rows({"xid": str(after[0]), "id": after[1], "limit": POLL_LIMIT}):
        after = (int(row.xid), row.id)
        if teams & frozenset(row.teams):
            told.append(row.body)
        elif teams & frozenset(row.former):
            told.append(row.farewell)
    return Told(tuple(told), f"{after[0]}-{after[1]}")
