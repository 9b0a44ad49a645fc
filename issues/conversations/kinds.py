"""What kinds of news there are, and which of them a reader may switch off. Pure."""

from collections.abc import Mapping

GROUPS: Mapping[str, tuple[str, ...]] = {
    "outcome": ("opened", "resolved", "confirmed", "rejected", "duplicate", "cancelled", "reopened"),
    "question": ("waiting", "answered", "resumed"),
    "progress": (
        "triaged", "assigned", "reassigned", "scheduled", "on_the_way", "started", "step_done", "not_done",
    ),
    "deadline": ("extended", "due_soon", "overdue", "escalated"),
    "comment": ("noted", "photo_added"),
}  # fmt: skip
"""Events by the group that a preference names; an event that is in none belongs to `progress`."""

REPORTER, FOLLOWER, DUPLICATE, TEAM = "reporter", "follower", "duplicate", "team"

_GROUP_OF = {code: group for group, codes in GROUPS.items() for code in codes}
_ANSWERS = frozenset({"opened"})
_MOST_URGENT = 1


def group_of(code: str) -> str:
    """The group of an event's code."""
    return _GROUP_OF.get(code, "progress")


def is_urgent(code: str, priority: int) -> bool:
    """Whether news waits neither for the end of the night nor for a digest.

    So does the answer to what somebody has just done themselves, and whatever is of the first priority.
    """
    return code in _ANSWERS or priority == _MOST_URGENT
