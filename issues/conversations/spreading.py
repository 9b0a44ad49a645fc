"""From the outbox to messages: who is told of an event, by which channel, and when. No network."""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from geo_central.kernel.clock import city_zone
from geo_central.kernel.sql import Query
from issues.intake.outside import delay_after
from issues.lifecycle.models import Delivery

from .channels import BY_SCHEME, CHANNELS
from .kinds import TEAM, group_of, is_urgent
from .timing import available_at

log = logging.getLogger(__name__)

_NEXT = Query(__file__, "pending_delivery")
_PEOPLE = Query(__file__, "people", planned=True)
_STAFF = Query(__file__, "staff")
_PUT = Query(__file__, "put")

_NAMESPACE = uuid.UUID("6f1de1a0-9b1c-4c3e-8a3d-3f2f1c6f1b55")
CITIZEN_NOTICE, FOLLOWER_NOTICE, TEAM_NOTICE = "citizen_notice", "follower_notice", "team_notice"


class _Line(NamedTuple):
    """One recipient by one channel; what `put.sql` takes, in its order."""

    key: uuid.UUID
    address: str
    channel: str
    contact: int | None
    user: int | None
    available: datetime
    relation: str
    token: str


def spread_next(now: datetime) -> bool:
    """Make the messages of the next outbox row that is due; False when there is none.

    One transaction: whoever dies in the middle has done nothing. A row that fails is put off, noted and
    never given up; `manage.py doctor` tells of it.
    """
    row: Any = None
    try:
        with transaction.atomic():
            row = _NEXT.one({"now": now})
            if row is None:
                return False
            _spread(row, now)
    except Exception as error:
        if row is None:
            raise
        log.exception("outbox row %s was not spread", row.id)
        _put_off(row, error, now)
    return True


def _spread(row: Any, now: datetime) -> None:
    # Two rows of one event (reporter and followers) must not both tell the same contact.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('told', %s))", [row.event_id])
    lines = _staff_lines(row, now) if row.kind == TEAM_NOTICE else _people_lines(row, now)
    if lines:
        _PUT.run(
            {
                "event": row.event_id,
                "urgent": is_urgent(row.code, row.priority),
                "now": now,
                **{plural: [getattr(line, name) for line in lines] for plural, name in _ARRAYS.items()},
            }
        )
    Delivery.objects.filter(pk=row.id).update(delivered_at=now, failure="")


_ARRAYS = {
    "keys": "key", "addresses": "address", "channels": "channel", "contacts": "contact", "users": "user",
    "available": "available", "relations": "relation", "tokens": "token",
}  # fmt: skip


def _people_lines(row: Any, now: datetime) -> list[_Line]:
    """Contacts of citizens. Followers hear of what is public only."""
    ready = [c for c in CHANNELS if c.is_ready()]
    people = _PEOPLE.rows(
        {
            "issue": row.issue_id,
            "reporter": row.kind == CITIZEN_NOTICE,
            "others": row.kind == FOLLOWER_NOTICE and row.is_public,
            "group": group_of(row.code),
            "channels": [c.name for c in ready],
            "schemes": [scheme for c in ready for scheme in c.schemes],
        }
    )
    window = timedelta(minutes=settings.CITY.digest_minutes)
    lines = []
    for person in people:
        channel = BY_SCHEME[person.scheme].name
        address = f"{channel}:c{person.contact_id}"
        at = _when(row, person.last, window, now)
        key = _key(row, address)
        lines.append(_Line(key, address, channel, person.contact_id, None, at, person.relation, person.token))
    return lines


def _staff_lines(row: Any, now: datetime) -> list[_Line]:
    """Leaders of the team, by e-mail."""
    window = timedelta(minutes=settings.CITY.staff_digest_minutes)
    lines = []
    for leader in _STAFF.rows({"event": row.event_id}):
        address = f"email:u{leader.user_id}"
        at = _when(row, leader.last, window, now)
        lines.append(_Line(_key(row, address), address, "email", None, leader.user_id, at, TEAM, ""))
    return lines


def _when(row: Any, last: datetime | None, window: timedelta, now: datetime) -> datetime:
    if is_urgent(row.code, row.priority):
        return now
    return available_at(now, last, window, settings.CITY.quiet_hours, city_zone())


def _key(row: Any, address: str) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, f"{row.event_id}:{address}")


def _put_off(row: Any, error: Exception, now: datetime) -> None:
    attempts = row.attempts + 1
    Delivery.objects.filter(pk=row.id, delivered_at__isnull=True).update(
        attempts=min(attempts, 32_000),
        available_at=now + delay_after(attempts, str(row.id)),
        failure=f"{type(error).__name__}: {error}"[:500],
    )
