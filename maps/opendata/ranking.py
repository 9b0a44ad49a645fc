"""The ranking of services by what citizens say of the results. What is returned may be shown to anybody."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from geo_central.kernel.errors import Invalid
from geo_central.kernel.sql import Query
from issues.catalogue.queries import themes
from layers.queries import areas_of

from . import scoring
from .scoring import Change, Faces, Interval

_SERVICES = Query(__file__, "ranking_services", planned=True)
_DISTRICTS = Query(__file__, "ranking_districts", planned=True)

KINDS = ("service", "theme", "department", "district")
ORDERS = ("best", "worst", "most", "name")
BASELINE_YEAR = 2021
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_NONE: tuple[int, ...] = (0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which ranking: of what, over the months `first` to `last` (their first days, both included),
    in one district or all, of one theme's services or all, in which order."""

    first: date
    last: date
    by: str = "service"
    district: str = ""
    theme: str = ""
    order: str = "best"

    @property
    def end(self) -> date:
        """The first day after the period."""
        return add_months(self.last, 1)

    @property
    def earlier(self) -> date:
        """Where the period of the same length before this one begins."""
        return add_months(self.first, -months_between(self.first, self.end))

    def query(self, **other: str) -> str:
        """The same question, or one with other values, as the query of an address."""
        named = {
            "by": self.by,
            "from": f"{self.first:%Y-%m}",
            "to": f"{self.last:%Y-%m}",
            "district": self.district,
            "theme": self.theme,
            "order": self.order,
            **other,
        }
        return urlencode({name: value for name, value in named.items() if value})


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `score`, `interval` and `fair` are None below scoring.LEAST_RATED ratings, as are
    its `faces`; `position` counts those that have a score, the best being 1."""

    code: str
    name: str
    note: str
    n: int
    score: float | None
    interval: Interval | None
    fair: float | None
    change: Change | None
    baseline: float | None
    faces: Faces | None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Lines with a score, in the order asked for (`scored` counts them all, `placed` may be a part
    of them); those with too few ratings for one; how many have none; and all ratings together."""

    asked: Asked
    scored: int
    placed: tuple[Row, ...]
    few: tuple[Row, ...]
    unrated: int
    all: Row

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every line that was rated at all."""
        return (*self.placed, *self.few)


def parse_asked(query: Mapping[str, str], *, today: date) -> Asked:
    """Read `by`, `from`, `to` (YYYY-MM), `district`, `theme`, `order`; the last twelve months unless said.

    Raises Invalid naming the field: `field.not_a_choice`, `field.not_a_month`, `period.backwards`,
    `theme.unknown`, `area.unknown`.
    """
    this_month = today.replace(day=1)
    last = _month(query, "to") or this_month
    first = _month(query, "from") or add_months(last, -11)
    if last < first:
        raise Invalid("period.backwards", field="to")
    by, order = query.get("by") or "service", query.get("order") or "best"
    for field, value, known in (("by", by, KINDS), ("order", order, ORDERS)):
        if value not in known:
            raise Invalid("field.not_a_choice", field=field, value=value[:40])
    district, theme = query.get("district") or "", query.get("theme") or ""
    if theme and theme not in {t.slug for t in themes()}:
        raise Invalid("theme.unknown", field="theme", value=theme[:64])
    if district and district not in {a.code for a in areas_of(settings.CITY.district_layer)}:
        raise Invalid("area.unknown", field="district", value=district[:64])
    return Asked(first, last, by, district, theme, order)


def ranking(asked: Asked, *, start: int = 0, count: int | None = None) -> Ranking:
    """The lines of one ranking, in two statements at most; those with a score from `start` on, at
    most `count` of them."""
    params = {
        "first": asked.first,
        "earlier": asked.earlier,
        "end": asked.end,
        "district": "" if asked.by == "district" else asked.district,
        "baseline": BASELINE_YEAR,
    }
    lines = _districts(params) if asked.by == "district" else _services(asked, params)
    everyone, before = scoring.total(x.now for x in lines), scoring.total(x.before for x in lines)
    if asked.theme and asked.by == "service":
        lines = [line for line in lines if line.theme == asked.theme]
    enough = [x for x in lines if sum(x.now) >= scoring.LEAST_RATED]
    few = [x for x in lines if 0 < sum(x.now) < scoring.LEAST_RATED]
    best = sorted((-scoring.fair(x.now, everyone), x.name, n) for n, x in enumerate(enough))
    placed = [(position, -fair, enough[n]) for position, (fair, _, n) in enumerate(best, 1)]
    _order(placed, asked.order)
    end = None if count is None else start + count
    return Ranking(
        asked,
        len(placed),
        tuple(replace(_row(line), fair=fair, position=n) for n, fair, line in placed[start:end]),
        tuple(_row(line) for line in sorted(few, key=lambda x: (-sum(x.now), x.name))),
        len(lines) - len(enough) - len(few),
        replace(_row(_Line("", "", now=everyone, before=before)), fair=scoring.mean(everyone)),
    )


def _order(placed: list[tuple[int, float, "_Line"]], order: str) -> None:
    if order == "worst":
        placed.reverse()
    elif order == "most":
        placed.sort(key=lambda p: (-sum(p[2].now), p[2].name))
    elif order == "name":
        placed.sort(key=lambda p: p[2].name)


def usual(today: date) -> tuple[tuple[date, date], ...]:
    """Periods that most people ask for, as first and last months: this one, three, twelve, last year."""
    this = today.replace(day=1)
    return (
        (this, this),
        (add_months(this, -2), this),
        (add_months(this, -11), this),
        (date(today.year - 1, 1, 1), date(today.year - 1, 12, 1)),
    )


def add_months(month: date, n: int) -> date:
    """The first day of the month n months later."""
    years, index = divmod(month.year * 12 + month.month - 1 + n, 12)
    return date(years, index + 1, 1)


def months_between(first: date, end: date) -> int:
    """How many months lie from `first` to `end`, both first days."""
    return (end.year - first.year) * 12 + end.month - first.month


@dataclass(frozen=True, slots=True)
class _Line:
    code: str
    name: str
    note: str = ""
    theme: str = ""
    now: tuple[int, ...] = _NONE
    before: tuple[int, ...] = _NONE
    baseline: float | None = None


def _services(asked: Asked, params: Mapping[str, Any]) -> list[_Line]:
    lines = [
        _Line(r.code, r.name, r.department_acronym, r.theme, _faces(r.now), _faces(r.before), r.baseline)
        if asked.by == "service"
        else _Line(r.theme, r.theme_name, now=_faces(r.now), before=_faces(r.before))
        if asked.by == "theme"
        else _Line(
            r.department,
            r.department_acronym,
            r.department_name,
            now=_faces(r.now),
            before=_faces(r.before),
        )
        for r in _SERVICES.rows(params)
    ]
    return lines if asked.by == "service" else _together(lines)


def _districts(params: Mapping[str, Any]) -> list[_Line]:
    counted = {r.code: r for r in _DISTRICTS.rows(params)}
    names = {a.code: a.name for a in areas_of(settings.CITY.district_layer)}
    return [
        _Line(
            code,
            names.get(code, code),
            now=_faces(counted[code].now) if code in counted else _NONE,
            before=_faces(counted[code].before) if code in counted else _NONE,
        )
        for code in {**names, **counted}
    ]


def _together(lines: Iterable[_Line]) -> list[_Line]:
    """Lines of the same code as one."""
    found: dict[str, list[_Line]] = {}
    for line in lines:
        found.setdefault(line.code, []).append(line)
    return [
        replace(same[0], now=scoring.total(x.now for x in same), before=scoring.total(x.before for x in same))
        for same in found.values()
    ]


def _row(line: _Line) -> Row:
    n = sum(line.now)
    shown = n >= scoring.LEAST_RATED
    return Row(
        line.code,
        line.name,
        line.note,
        n,
        scoring.mean(line.now) if shown else None,
        scoring.interval(line.now) if shown else None,
        None,
        scoring.change(line.now, line.before),
        line.baseline,
        line.now if shown else None,
    )


def _faces(counts: Iterable[int | None] | None) -> tuple[int, ...]:
    return tuple(n or 0 for n in counts) if counts else _NONE


def _month(query: Mapping[str, str], name: str) -> date | None:
    text = query.get(name) or ""
    if not text:
        return None
    if not _MONTH.fullmatch(text):
        raise Invalid("field.not_a_month", field=name)
    return date.fromisoformat(f"{text}-01")
