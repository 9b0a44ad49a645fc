"""Data hygiene: writes. Looking, and deciding about what a look suggested."""

from datetime import datetime

from django.db import transaction

from geo_central.kernel.errors import Conflict, NotFound
from geo_central.kernel.sql import Query
from issues.lifecycle.models import Issue
from issues.lifecycle.operations import Acted, Actor, act

from .looking import look
from .models import DuplicateSuggestion

_JOINED = Query(__file__, "joined")

__all__ = ["accept", "dismiss", "look"]


def accept(*, suggestion_id: int, by: Actor, now: datetime) -> Acted:
    """The later request becomes a duplicate of the earlier one, whose followers it brings along.

    One transaction, an event on both. Raises NotFound `suggestion.unknown`, Conflict
    `suggestion.decided` with its state, and what the act `duplicate` raises: Conflict
    `act.not_now`, Invalid `act.original_closed`, Forbidden `act.not_allowed`.
    """
    with transaction.atomic():
        pair = _pair(suggestion_id)
        # Requests before their suggestion, in the order of their ids: as every act on two of them.
        list(Issue.objects.select_for_update(of=("self",)).filter(pk__in=pair).order_by("pk").values("pk"))
        suggestion = _open(suggestion_id)
        earlier, later = suggestion.earlier, suggestion.later
        done = act(issue_id=later.pk, action="duplicate", by=by, original=earlier.protocol, now=now)
        _JOINED.run({"original": earlier.pk, "protocol": later.protocol, "user_id": by.user_id, "now": now})
        _decide(suggestion, DuplicateSuggestion.State.MERGED, by, now)
    return done


def dismiss(*, suggestion_id: int, by: Actor, now: datetime) -> None:
    """They are two requests: the pair is never suggested again.

    Raises NotFound `suggestion.unknown` or Conflict `suggestion.decided` with its state.
    """
    with transaction.atomic():
        _decide(_open(suggestion_id), DuplicateSuggestion.State.DISMISSED, by, now)


def _pair(suggestion_id: int) -> tuple[int, int]:
    pair = DuplicateSuggestion.objects.filter(pk=suggestion_id).values_list("earlier_id", "later_id").first()
    if pair is None:
        raise NotFound("suggestion.unknown")
    return pair


def _open(suggestion_id: int) -> DuplicateSuggestion:
    """The suggestion, locked and undecided."""
    suggestion = (
        DuplicateSuggestion.objects.select_for_update(of=("self",))
        .select_related("earlier", "later")
        .filter(pk=suggestion_id)
        .first()
    )
    if suggestion is None:
        raise NotFound("suggestion.unknown")
    if suggestion.state != DuplicateSuggestion.State.OPEN:
        raise Conflict("suggestion.decided", state=suggestion.state)
    return suggestion


def _decide(suggestion: DuplicateSuggestion, state: str, by: Actor, now: datetime) -> None:
    suggestion.state, suggestion.decided_at, suggestion.decided_by_id = state, now, by.user_id
    suggestion.save(update_fields=["state", "decided_at", "decided_by"])
