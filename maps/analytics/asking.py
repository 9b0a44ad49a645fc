"""What hotspots are asked for: the requests, the grid and the tests; checked before a job begins."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Invalid

AUDIENCES = ("public", "staff")
GRIDS = ("hex", "square")
CELL_M = 250.0
RADII_M = (5.0, 2000.0)
YEAR = timedelta(days=364)
STEPS = 12
_EXPOSURE = re.compile(r"|streets|[-a-zA-Z0-9_]{1,50}\.\w{1,60}")
_RANGES: Mapping[str, tuple[float, float]] = {
    "rings": (1, 5),
    "alpha": (0.0001, 0.2),
    "steps": (0, 60),
    "least": (10, 5000),
}
_FEWEST_STEPS = 4


@dataclass(frozen=True, slots=True)
class Question:
    """Requests opened from the day `first` to the day `last`, both included, on the city's calendar, of a
    theme or of some services, or of all; and how to look at them.

    `audience`: `public` follows the rules of each service and may be shown to anybody, `staff` sees
    every request with a place. `grid` of `cell_m` metres; `rings` of neighbours; `alpha`, the
    largest expected share of false alarms; `exposure`: "" for counts, `streets` for metres of
    street, `layer.property` for a number of an area layer, such as its people; `steps` of time for the
    history, 0 for none; `bandwidth_m` of the density, None for the rule of thumb; `least` requests
    in a cluster; `radius_m` of clusters by DBSCAN, None for HDBSCAN.
    """

    first: date
    last: date
    audience: str = "public"
    theme: str = ""
    services: tuple[str, ...] = ()
    grid: str = "hex"
    cell_m: float = CELL_M
    rings: int = 1
    alpha: float = 0.05
    exposure: str = ""
    steps: int = STEPS
    bandwidth_m: float | None = None
    least: int = 30
    radius_m: float | None = None

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.last - self.first).days + 1

    @property
    def opened(self) -> tuple[datetime, datetime]:
        """The half-open period of `opened_at`."""
        end = self.last + timedelta(days=1)
        return tuple(datetime.combine(day, time.min, city_zone()) for day in (self.first, end))  # type: ignore[return-value]

    def parameters(self) -> dict[str, Any]:
        """What is kept with the results, so that they can be worked out again."""
        return {
            "grid": self.grid,
            "cell_m": self.cell_m,
            "rings": self.rings,
            "correction": "benjamini-hochberg",
            "alpha": self.alpha,
            "exposure": self.exposure,
            "steps": self.steps,
            "bandwidth_m": self.bandwidth_m,
            "least": self.least,
            "radius_m": self.radius_m,
        }


def checked(question: Question) -> Question:
    """The same question. Raises Invalid `period.backwards`, `field.not_a_choice`,
    `field.out_of_range` or `hotspots.period_too_short` naming what is wrong with it."""
    if question.last < question.first:
        raise Invalid("period.backwards", field="to")
    for field, value, choices in (
        ("audience", question.audience, AUDIENCES),
        ("grid", question.grid, GRIDS),
    ):
        if value not in choices:
            raise Invalid("field.not_a_choice", field=field, value=value[:40])
    if not _EXPOSURE.fullmatch(question.exposure):
        raise Invalid("field.not_a_choice", field="exposure", value=question.exposure[:40])
    for field, (low, high) in _RANGES.items():
        if not low <= getattr(question, field) <= high:
            raise Invalid("field.out_of_range", field=field, low=low, high=high)
    if question.radius_m is not None and not RADII_M[0] <= question.radius_m <= RADII_M[1]:
        raise Invalid("field.out_of_range", field="radius", low=RADII_M[0], high=RADII_M[1])
    if question.steps and (question.steps < _FEWEST_STEPS or question.days < question.steps):
        raise Invalid("hotspots.period_too_short", field="steps", least=_FEWEST_STEPS)
    return question


def standing_period(today: date) -> tuple[date, date]:
    """The whole year that ended yesterday: (first, last)."""
    last = today - timedelta(days=1)
    return last - YEAR, last
