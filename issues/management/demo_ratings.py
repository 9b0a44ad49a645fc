"""What the demo city's citizens thought of the results."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Max, Q

from issues.lifecycle.models import Issue

# What a citizen who gives this face says, and how often a request that was judged gets it.
SAID: dict[int, tuple[tuple[str, ...], ...]] = {
    1: (("not_done",), ("came_back",), ("too_slow", "not_informed"), ("wrong_place",)),
    2: (("half_done",), ("too_slow",), ("left_dirty",), ("badly_done",)),
    3: ((), ("too_slow",), ("not_informed",)),
    4: ((), ("well_done",), ("well_treated",)),
    5: (("well_done", "fast"), ("fast",), ("well_informed",), ()),
}
LATE_COSTS = 0.9


def past_ratings(*, seed: int, now: datetime) -> Iterator[dict[str, Any]]:
    """A rating of every request that its citizen confirmed: some services please more than others,
    late work pleases less, and things get a little better every year."""
    rng = np.random.default_rng(seed + 1)
    resolved = Max("events__at", filter=Q(events__code="resolved"))
    confirmed = (
        Issue.objects.filter(state="confirmed", source="")
        .annotate(resolved_at=resolved)
        .filter(resolved_at__isnull=False)
        .order_by("id")
        .values_list("id", "service_id", "district", "due_at", "resolved_at", "closed_at")
    )
    liking: dict[int, float] = {}
    for issue, service, district, due, closed, confirmed_at in confirmed.iterator(chunk_size=2_000):
        base = liking.setdefault(service, float(np.random.default_rng(service * 7919).normal(2.9, 0.55)))
        years_ago = (now - closed).days / 365
        late = LATE_COSTS if closed > due else 0.0
        face = int(np.clip(round(base - late - 0.15 * years_ago + rng.normal(0, 1.1)), 1, 5))
        said = SAID[face]
        yield {
            "issue_id": issue,
            "closed_at": closed,
            "service_id": service,
            "district": district,
            "face": face,
            "reasons": list(said[int(rng.integers(len(said)))]),
            "rated_at": confirmed_at,
        }
