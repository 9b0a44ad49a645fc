"""Deciding what the public may read and see of a request."""

import json
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from geo_central.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from geo_central.kernel.sql import Query
from issues.lifecycle.models import Issue, Photo
from issues.lifecycle.needs import Actor
from issues.lifecycle.ratings.models import Rating

_MODERATED = Query(__file__, "moderated")
MAY = frozenset({"attendant", "manager", "admin"})
NOTE_LIMIT = 400


@transaction.atomic
def moderate(
    *,
    issue_id: int,
    shown: Collection[str],
    hidden: Collection[str],
    by: Actor,
    now: datetime,
    note: str = "",
) -> None:
    """Show some of a request to the public and keep the rest from it, and write down who decided.

    Items are `text`, `photo:<uuid>` and `rating:<id>`; each is decided once. `note` says why something
    is hidden, for staff. Raises Forbidden `act.not_allowed`; NotFound `issue.unknown`; Invalid
    `moderation.unknown` for what is no item of the request, `field.too_long`; Conflict
    `moderation.decided` when somebody else was faster with any of them.
    """
    if by.kind != "staff" or by.role not in MAY:
        raise Forbidden("act.not_allowed", action="moderate")
    if len(note) > NOTE_LIMIT:
        raise Invalid("field.too_long", field="note", limit=NOTE_LIMIT)
    issue = Issue.objects.select_for_update(of=("self",)).filter(pk=issue_id).first()
    if issue is None:
        raise NotFound("issue.unknown")
    both = set(shown) & set(hidden)
    if both or not (shown or hidden):
        raise Invalid("moderation.unknown", field="items", value=min(both, default=""))
    for items, is_shown in ((shown, True), (hidden, False)):
        for item in items:
            if not _decide(issue, item, is_shown, now):
                raise Conflict("moderation.decided", value=item)
    issue.updated_at = max(now, issue.updated_at)
    issue.save(update_fields=["updated_at", "is_moderated", "moderated_at"])
    data = {"shown": sorted(shown), "hidden": sorted(hidden)}
    _MODERATED.run(
        {
            "issue_id": issue.pk,
            "now": now,
            "user_id": by.user_id,
            "data": json.dumps(data),
            "note": note.strip(),
        }
    )


def _decide(issue: Issue, item: str, is_shown: bool, now: datetime) -> bool:
    """Whether the item was still to be decided."""
    change = {"is_moderated": is_shown, "moderated_at": now}
    kind, _colon, key = item.partition(":")
    if item == "text":
        if issue.moderated_at is not None or issue.is_moderated:
            return False
        issue.is_moderated, issue.moderated_at = is_shown, now
        return True
    try:
        if kind == "photo":
            photos = Photo.objects.filter(pk=UUID(key), issue=issue)
            fresh, known = photos.filter(is_moderated=False, moderated_at=None), photos.exists()
        elif kind == "rating":
            ratings = Rating.objects.filter(pk=int(key), issue=issue)
            return _known(ratings.exists(), item) and bool(
                ratings.filter(is_moderated=False, moderated_at=None).update(**change)
            )
        else:
            known = False
    except ValueError:
        known = False
    return _known(known, item) and bool(fresh.update(**change))


def _known(known: bool, item: str) -> bool:
    if not known:
        raise Invalid("moderation.unknown", field="items", value=item[:60])
    return True
