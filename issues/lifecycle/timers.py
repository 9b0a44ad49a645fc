"""What happens to requests because time has passed. Set-based; safe to run twice, late, or at once.

Each turn takes what nobody else has locked, in one statement, and the next turn takes the rest.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from geo_central.kernel.sql import Query

_RING = Query(__file__, "ring_alarms", planned=True)
_CONFIRM = Query(__file__, "confirm_unanswered", planned=True)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Rung:
    """How many clocks were warned of and how many were up."""

    warned: int
    escalated: int


def ring_alarms(*, now: datetime, batch: int = BATCH) -> Rung:
    """Tell teams of what is due soon (80 % of its time has run) and of what is overdue, once each.

    Of a clock that is up before anybody was warned, only the end is told.
    """
    warned = escalated = 0
    while True:
        row = _RING.one({"now": now, "limit": batch})
        warned, escalated = warned + row.warned, escalated + row.escalated
        if row.told < batch:
            return Rung(warned, escalated)


def confirm_unanswered(*, now: datetime, after: timedelta, batch: int = BATCH) -> int:
    """Confirm what was resolved at least `after` ago and not contested; how many requests.

    Imported history stays as its source has it.
    """
    confirmed = 0
    while True:
        told: int = _CONFIRM.value({"now": now, "resolved_before": now - after, "limit": batch})
        confirmed += told
        if told < batch:
            return confirmed
