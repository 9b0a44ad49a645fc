"""What the last looks at the data found: reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geo_central.kernel.errors import Invalid
from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query

from .models import ContactCheck, Finding, HygieneRun

_COUNTS = Query(__file__, "counts")
_SUGGESTIONS = Query(__file__, "suggestions", planned=True)

KINDS = ("overdue", "unplaced", "outside", "future", "silent")
CONTACTS = ("contacts_invalid", "contacts_mended")
TREND = 30


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of a kind, and how many each of the last looks saw, oldest first."""

    kind: str
    n: int
    trend: tuple[int, ...]

    @property
    def change(self) -> int:
        """Since the look before the last one; 0 without one."""
        return self.trend[-1] - self.trend[-2] if len(self.trend) > 1 else 0


@dataclass(frozen=True, slots=True)
class Overview:
    """The counts of every kind, and when they were last looked for."""

    counts: tuple[Count, ...]
    looked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Side:
    """One request of a pair, as staff see it."""

    protocol: str
    description: str
    address: str
    opened_at: datetime
    state: str
    channel: str
    followers: int
    team_name: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two open requests that may be the same. Metres; `east_m` and `north_m` lead from one to the other."""

    id: int
    score: float
    reasons: tuple[dict[str, Any], ...]
    service_name: str
    distance_m: float
    east_m: float
    north_m: float
    days: float
    point: LngLat
    earlier: Side
    later: Side


@dataclass(frozen=True, slots=True)
class Found:
    """An open request with a finding."""

    id: int
    protocol: str
    service_name: str
    team_name: str
    address: str
    opened_at: datetime
    due_at: datetime
    found_at: datetime


@dataclass(frozen=True, slots=True)
class BadContact:
    """What a check of a contact gave; `masked` is all of it that anybody sees here."""

    id: int
    scheme: str
    masked: str
    reason: str
    checked_at: datetime


def overview() -> Overview:
    """The counts as they are now, beside those of the last looks."""
    now = {row.kind: row.n for row in _COUNTS.rows()}
    runs = HygieneRun.objects.filter(finished_at__isnull=False).order_by("-finished_at", "-id")
    seen = [(r.finished_at, r.counts) for r in runs[:TREND]][::-1]
    counts = tuple(
        Count(kind, now.get(kind, 0), tuple(counted.get(kind, 0) for _, counted in seen))
        for kind in ("duplicates", *KINDS, *CONTACTS)
    )
    return Overview(counts, seen[-1][0] if seen else None)


def suggestions(
    *, after: tuple[float, int] | None = None, limit: int = 10
) -> tuple[list[Pair], tuple[float, int] | None]:
    """Pairs of which both are still open, the surest first, and the key after which the next page begins."""
    score, last = after or (None, 0)
    rows = _SUGGESTIONS.rows({"score": score, "id": last, "only": None, "limit": limit})
    pairs = [_pair(r) for r in rows]
    return pairs, ((pairs[-1].score, pairs[-1].id) if len(pairs) == limit else None)


def _pair(row: Any) -> Pair:
    earlier, later = (
        Side(protocol, description, address, datetime.fromisoformat(opened_at), *rest)
        for protocol, description, address, opened_at, *rest in row.sides
    )
    return Pair(
        row.id, row.score, tuple(row.reasons), row.service_name, row.distance_m, row.east_m, row.north_m,
        row.days, LngLat(row.lng, row.lat), earlier, later,
    )  # fmt: skip


def findings(*, kind: str, after: int = 0, limit: int = 25) -> tuple[list[Found], int | None]:
    """Open requests of a kind of finding, oldest finding first, and the key of the next page.

    Raises Invalid `field.not_a_choice`.
    """
    if kind not in KINDS:
        raise Invalid("field.not_a_choice", field="kind", value=kind[:40])
    rows = list(
        Finding.objects.filter(kind=kind, pk__gt=after, issue__is_open=True)
        .order_by("pk")
        .values_list(
            "pk", "issue__protocol", "issue__service__name", "issue__team__name", "issue__address",
            "issue__opened_at", "issue__due_at", "found_at",
        )[:limit]
    )  # fmt: skip
    found = [Found(*r) for r in rows]
    return found, (found[-1].id if len(found) == limit else None)


def bad_contacts(*, kind: str, after: int = 0, limit: int = 25) -> tuple[list[BadContact], int | None]:
    """Contacts that are invalid or were rewritten, masked. Raises Invalid `field.not_a_choice`."""
    if kind not in CONTACTS:
        raise Invalid("field.not_a_choice", field="kind", value=kind[:40])
    rows = list(
        ContactCheck.objects.filter(outcome=kind.removeprefix("contacts_"), pk__gt=after)
        .order_by("pk")
        .values_list("pk", "contact__scheme", "masked", "reason", "checked_at")[:limit]
    )
    found = [BadContact(*r) for r in rows]
    return found, (found[-1].id if len(found) == limit else None)
