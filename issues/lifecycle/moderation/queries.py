"""What waits for somebody to look at it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geo_central.kernel.sql import Query

_PENDING = Query(__file__, "pending", planned=True)
_FIRST = 2**62


@dataclass(frozen=True, slots=True)
class Pending:
    """A request with what nobody has looked at; `photos` say id, kind (before, after), width and height,
    `ratings` id, face and words. Nothing of who asked."""

    id: int
    protocol: str
    service_name: str
    opened_at: datetime
    text: str
    photos: list[dict[str, Any]]
    ratings: list[dict[str, Any]]

    @property
    def items(self) -> list[str]:
        """Everything to be decided, as `operations.moderate` names it."""
        return [
            *(["text"] if self.text else []),
            *(f"photo:{p['id']}" for p in self.photos),
            *(f"rating:{r['id']}" for r in self.ratings),
        ]


def pending(*, limit: int = 20, before: int | None = None) -> tuple[Pending, ...]:
    """The newest first; `before` is the id after which the next page begins."""
    rows = _PENDING.rows({"limit": limit, "before": before or _FIRST})
    return tuple(Pending(*row) for row in rows)
