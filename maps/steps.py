"""The steps of the time slider: days, weeks (from Monday), months or years of the city's calendar."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext

UNITS = ("day", "week", "month", "year")
MOST = 160  # steps; more would be too fine to slide to


@dataclass(frozen=True, slots=True)
class Step:
    """From the day `first` to the day `last`, both included, cut by the period itself."""

    first: date
    last: date
    name: str


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps one after the other, without gaps."""

    unit: str
    each: tuple[Step, ...]

    def of(self, day: date) -> int:
        """Which step a day of the period is in."""
        return bisect_right([s.first for s in self.each], day) - 1


def steps(first: date, last: date, unit: str = "") -> Steps:
    """The period in steps of a unit; of the finest that gives at most 36 where none is named.

    A unit that would give more than MOST steps is taken coarser.
    """
    at = UNITS.index(unit) if unit in UNITS else 0
    most = MOST if unit in UNITS else 36
    while True:
        each = _cut(first, last, UNITS[at], most)
        if each is not None or at == len(UNITS) - 1:
            return Steps(UNITS[at], each or ())
        at += 1


def _cut(first: date, last: date, unit: str, most: int) -> tuple[Step, ...] | None:
    found: list[Step] = []
    begin = first
    while begin <= last:
        if len(found) == most and unit != "year":
            return None
        end = min(_next(begin, unit) - timedelta(days=1), last)
        found.append(Step(begin, end, _name(begin, end, unit)))
        begin = end + timedelta(days=1)
    return tuple(found)


def _next(day: date, unit: str) -> date:
    """When the unit after the one of this day begins."""
    if unit == "day":
        return day + timedelta(days=1)
    if unit == "week":
        return day + timedelta(days=7 - day.weekday())
    if unit == "month":
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date(day.year + 1, 1, 1)


def _name(first: date, last: date, unit: str) -> str:
    if unit == "year":
        return str(first.year)
    if unit == "month":
        return date_format(first, "F Y").lower()
    day = date_format(first, "SHORT_DATE_FORMAT")
    if unit == "day" or first == last:
        return day
    return gettext("%(first)s a %(last)s") % {"first": day, "last": date_format(last, "SHORT_DATE_FORMAT")}
