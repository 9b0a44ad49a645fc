"""Boards kept under a name: each has a link that stays as it is."""

import re
import secrets
from datetime import date, datetime, timedelta

from django.http import QueryDict

from geo_central.kernel.errors import Conflict, Invalid, NotFound
from issues.teams.models import User
from maps.models import SavedView

from .access import Scope
from .asked import board

MOST = 200  # views of one person
_PLACE = re.compile(r"\d{1,2}(\.\d+)?/-?\d{1,3}(\.\d+)?/-?\d{1,3}(\.\d+)?")
NAME_LIMIT = 80


def keep(
    owner: User, scope: Scope, *, name: str, query: str, place: str, rolling: bool, now: datetime
) -> SavedView:
    """Keep a board; `rolling` lets its period end on the day of opening.

    Raises Invalid `field.required` or `field.too_long` (name), what the board's form raises, and Conflict
    `planning.too_many_views`.
    """
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise Invalid("field.required", field="name")
    if len(name) > NAME_LIMIT:
        raise Invalid("field.too_long", field="name", limit=NAME_LIMIT)
    seen = board(QueryDict(query[:20_000]), scope)
    if seen.asked.error is not None:
        raise seen.asked.error
    if SavedView.objects.filter(owner=owner).count() >= MOST:
        raise Conflict("planning.too_many_views", limit=MOST)
    filters = seen.filters
    days = (filters.last - filters.first).days + 1 if rolling and filters.first and filters.last else None
    return SavedView.objects.create(
        token=secrets.token_urlsafe(12),
        name=name,
        query=seen.query,
        place=place if _PLACE.fullmatch(place) else "",
        days=days,
        owner=owner,
        created_at=now,
    )


def views_of(owner: User) -> list[SavedView]:
    """What somebody has kept, the newest first."""
    return list(SavedView.objects.filter(owner=owner))


def opened(token: str, today: date) -> str:
    """The query of a kept board, with the map's place behind it. Raises NotFound `planning.no_view`."""
    found = SavedView.objects.filter(token=token).first()
    if found is None:
        raise NotFound("planning.no_view")
    query = QueryDict(found.query, mutable=True)
    if found.days:
        query["from"] = (today - timedelta(days=found.days - 1)).isoformat()
        query["to"] = today.isoformat()
    return query.urlencode(safe=",:") + (f"#{found.place}" if found.place else "")


def forget(owner: User, token: str) -> None:
    """Take one's own view away. Raises NotFound `planning.no_view`."""
    if not SavedView.objects.filter(owner=owner, token=token).delete()[0]:
        raise NotFound("planning.no_view")
