"""Knowing people: writes."""

from datetime import datetime

from geo_central.kernel.sql import Query

from . import _vault
from .contacts import Contact

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
