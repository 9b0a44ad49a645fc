"""What a partner says becomes an act of the table of transitions, as everybody's does.

A word that asks for no act, and words alone, are a note to the reporter.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from geo_central.kernel.errors import DomainError, Malformed
from issues.intake.deferred.pictures import picture_at, picture_in
from issues.intake.outside import OutsideFailed, OutsideRefused
from issues.intake.photos import store_photo
from issues.lifecycle.operations import Acted, Actor, Proof, act

from .words import said_by

PARTNER = Actor("partner")
UNPROVED = "done_by_others"
PICTURES = 5


@dataclass(frozen=True, slots=True)
class Update:
    """One thing that a partner says of one request. `at` is when it happened there; None is now."""

    id: str
    status: str
    words: str
    at: datetime | None = None
    pictures: tuple[UUID, ...] = ()


def client_id_of(source: str, update_id: str) -> UUID:
    """What an update is known by here, so that the same one again changes nothing."""
    return uuid5(NAMESPACE_URL, f"{source}:{update_id}")


def hear(issue_id: int, opened_at: datetime, update: Update, *, source: str, now: datetime) -> Acted:
    """Do what the update says; the same update of the same source again gives the same answer.

    Raises Malformed `field.required` for an update that says nothing, and as `lifecycle.operations.act`.
    """
    said = said_by(update.status)
    if said.action == "comment" and not update.words:
        raise Malformed("field.required", field="description")
    facts, pictures = dict(said.facts), update.pictures
    if said.action == "resolve":
        facts["proof"], pictures = Proof(photos=pictures, without=UNPROVED), ()
    return act(
        issue_id=issue_id,
        action=said.action,
        by=PARTNER,
        # When it happened, as told: but never before the request was made, nor in the future.
        now=min(max(update.at or now, opened_at), now),
        learnt_at=now,
        client_id=client_id_of(source, update.id),
        note=update.words,
        photos=pictures,
        **facts,
    )


def fetched(
    addresses: Iterable[str], *, of: UUID, trusted: Collection[str], now: datetime
) -> tuple[UUID, ...]:
    """Pictures that a partner shows, fetched and kept; one that cannot be had is left out.

    Their ids are made of `of`, so that the same update again keeps the same pictures.
    """
    kept = []
    for number, address in enumerate(list(addresses)[:PICTURES]):
        try:
            content = picture_in(address) or picture_at(address, trusted=trusted)
            kept.append(store_photo(photo_id=uuid5(of, str(number)), content=content, now=now).id)
        except (OutsideFailed, OutsideRefused, DomainError):
            continue
    return tuple(kept)
