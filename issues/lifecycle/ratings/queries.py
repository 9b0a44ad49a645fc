"""Reading ratings: the reasons to choose from, and what the reporter has said."""

from dataclasses import dataclass

from issues.lifecycle.models import Reason
from issues.lifecycle.queries import is_token

from .models import Rating


@dataclass(frozen=True, slots=True)
class RatingReason:
    """Why somebody judged so; `may_reopen` where it says that the work is not done."""

    code: str
    text: str
    may_reopen: bool


@dataclass(frozen=True, slots=True)
class Given:
    """The reporter's judgement of the last closing."""

    face: int
    reasons: tuple[str, ...]
    words: str


def rating_reasons() -> tuple[RatingReason, ...]:
    """Every reason to choose from, those that may reopen first, in the city's order."""
    rows = Reason.objects.filter(kind__in=("reopen", "rating"), is_active=True)
    found = rows.order_by("-kind", "position", "code").values_list("kind", "code", "text")
    return tuple(RatingReason(code, text, kind == "reopen") for kind, code, text in found)


def given_rating(token: str) -> Given | None:
    """What the holder of this secret link said of the last closing that they judged."""
    if not is_token(token):
        return None
    row = Rating.objects.filter(issue__token=token).order_by("-closed_at").first()
    return Given(row.face, tuple(row.reasons), row.words) if row else None
