"""What the reporter is offered on the page of their request."""

import uuid
from dataclasses import dataclass

from issues.lifecycle import queries as lifecycle
from issues.lifecycle.queries import Timeline, TrackedIssue
from issues.lifecycle.ratings.queries import Given, RatingReason, given_rating, rating_reasons
from issues.lifecycle.states import Role, allowed

JUDGED = ("resolved", "confirmed")
NOTHING_GIVEN = Given(0, (), "")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the reporter is offered: the acts of the table, and the rating where there is a result."""

    acts: tuple[str, ...]
    judged: bool
    rating: Given
    reasons: tuple[RatingReason, ...]
    why_cancel: tuple[tuple[str, str], ...]
    question: str
    client_id: str

    @property
    def is_urgent(self) -> bool:
        """Whether the city waits for the reporter: these choices come first on the page."""
        return self.judged or "answer" in self.acts


def choices(tracked: TrackedIssue, timeline: Timeline) -> Choices | None:
    """None for whoever only follows the request."""
    if not tracked.is_reporter:
        return None
    state = tracked.public.state
    acts = allowed(state, Role.CITIZEN)
    judged = state in JUDGED
    asked = [e.note for e in timeline.events if e.code == "waiting"] if state == "waiting" else []
    return Choices(
        acts,
        judged,
        (judged and given_rating(tracked.token)) or NOTHING_GIVEN,
        rating_reasons() if judged else (),
        tuple(lifecycle.reasons("cancel")) if "cancel" in acts else (),
        asked[-1] if asked else "",
        str(uuid.uuid4()),
    )
