"""The words of service request updates, and what they are here. Pure.

Source: the extension that FixMyStreet and its partners speak (Open311-Service-Request-Updates).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STATUSES: Mapping[str, str] = {
    "received": "open",
    "triaged": "investigating",
    "assigned": "investigating",
    "scheduled": "action_scheduled",
    "in_progress": "in_progress",
    "waiting": "open",
    "reopened": "open",
    "resolved": "fixed",
    "confirmed": "closed",
    "rejected": "no_further_action",
    "duplicate": "duplicate",
    "cancelled": "cancelled",
}
"""How each of our states is told."""

NEWS: Mapping[str, str] = {
    "reopened": "REOPEN",
    "cancelled": "CANCELLED",
    "duplicate": "DUPLICATE",
    "rejected": "NO_FURTHER_ACTION",
    "confirmed": "CLOSED",
    "reassigned": "INTERNAL_REFERRAL",
    "resolved": "FIXED",
    "answered": "UNCHANGED",
    "noted": "UNCHANGED",
}
"""What a partner is told of a request that it has, by our event."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a partner's word is here: an act, and what that act needs."""

    action: str
    facts: Mapping[str, Any] = field(default_factory=dict)


COMMENT = Said("comment")
_ACTS: Mapping[str, Said] = {
    "in_progress": Said("start"),
    "fixed": Said("resolve"),
    "closed": Said("resolve"),
    "reopen": Said("reopen"),
    "not_councils_responsibility": Said("cannot_do", {"reason": "other_team"}),
    "no_further_action": Said("cannot_do", {"reason": "not_found"}),
}
KNOWN = frozenset({*_ACTS, *STATUSES.values(), "planned", "internal_referral", "for_triage", "unchanged"})
"""Every word of the extension, in lower case."""


def said_by(status: str) -> Said:
    """The act that a partner's word asks for; a word that asks for none is a comment."""
    return _ACTS.get(status.lower(), COMMENT)
