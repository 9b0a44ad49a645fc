"""Knowing people: writes."""

from dataclasses import dataclass
from datetime import datetime

from geo_central.kernel.sql import Query

from . import _vault
from .contacts import Contact
from .models import ContactPoint

_RECOGNISE = Query(__file__, "recognise")


def recognise(*, contact: Contact | None, now: datetime) -> int | None:
    """The id of the citizen with this contact, known or new; None for an anonymous one.

    A phone or e-mail already on file is the same citizen. One SQL statement. What an unverified
    contact says of a name is kept only for a new citizen, so nobody can rename another.
    """
    if contact is None or contact.is_empty:
        return None
    urns = contact.urns
    citizen: int = _RECOGNISE.value(
        {
            "schemes": [scheme for scheme, _ in urns],
            "digests": [_vault.digest(f"{scheme}:{value}") for scheme, value in urns],
            "sealed": [_vault.seal(value) for _, value in urns],
            "name": _vault.seal(contact.name) if contact.name else None,
            "now": now,
        }
    )
    return citizen


@dataclass(frozen=True, slots=True)
class Reached:
    """A contact point and whose it is."""

    contact_id: int
    citizen_id: int


def reach(*, scheme: str, value: str, identity: str = "", now: datetime) -> Reached:
    """The contact point of this value, known or new; a new one belongs to a new citizen.

    `identity` is the part of the value that tells it from others (the endpoint of a push
    subscription, whose keys may change); without it, the whole value.
    """
    digest = _vault.digest(f"{scheme}:{identity or value}")
    sealed = _vault.seal(value)
    _RECOGNISE.value({"schemes": [scheme], "digests": [digest], "sealed": [sealed], "name": None, "now": now})
    point = ContactPoint.objects.get(value_digest=digest)
    if identity and _vault.unseal(point.value_sealed) != value:
        point.value_sealed = sealed
        point.save(update_fields=["value_sealed"])
    return Reached(point.pk, point.citizen_id)


def forget_contact(contact_id: int) -> bool:
    """Delete a contact point that reaches nobody any more, and what hangs on it."""
    return ContactPoint.objects.filter(pk=contact_id).delete()[0] > 0
