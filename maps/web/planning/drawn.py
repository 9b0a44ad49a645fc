"""Everything one page of the board shows, worked out in one go."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format, get_format
from django.utils.translation import get_language, gettext
from numpy.typing import NDArray

from maps.analytics.classes import change_classes, classified
from maps.steps import Step
from maps.tiles.counting import Counted, count, count_places
from maps.tiles.rows import names, source
from maps.web.legend import Key, legend

from .asked import MEASURES, Board, compared
from .panels import (
    Area,
    Change,
    Line,
    Service,
    Theme,
    Trend,
    areas,
    changed,
    layer,
    regions,
    served,
    teams,
    themes,
    trends,
    values,
)  # fmt: skip

SIMPLIFY_M = 20


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The board of one question. `frames` (A, S) are the classes and `numbers` the values of each step."""

    board: Board
    counted: Counted
    areas: tuple[Area, ...]
    themes: tuple[Theme, ...]
    teams: tuple[Line, ...]
    regions: tuple[Line, ...]
    city: Trend
    change: Change
    other: tuple[date, date]
    whole: NDArray[np.float64]
    totals: NDArray[np.int64]
    numbers: NDArray[np.float64]
    frames: NDArray[np.int64]
    differences: NDArray[np.int64]
    legend: tuple[Key, ...]
    step_legend: tuple[Key, ...]

    @property
    def served(self) -> Service:
        """The whole of it in one line."""
        return served(self.counted.teams.sum(axis=0), self.counted.team_days.sum(axis=0))

    @property
    def by_step(self) -> list[int]:
        """Requests in each step."""
        found: list[int] = self.counted.places.sum(axis=(0, 2)).tolist()
        return found

    @property
    def steps_with_n(self) -> list[tuple[Step, int]]:
        return list(zip(self.counted.steps.each, self.by_step, strict=True))

    @property
    def layer_name(self) -> str:
        return next((one.name for one in self.board.layers if one.code == self.board.look.layer), "")


def drawn(board: Board, *, today: date) -> Drawn:
    """Count and arrange what the board asks for, as of `today`."""
    of, (services, staff) = source(), names()
    look, filters = board.look, board.filters
    counted = count(of, filters, services, staff, today=today, unit=look.step)
    other = compared(look, counted.first, counted.last)
    before = count_places(of, replace(filters, first=other[0], last=other[1]), services, staff)
    ratio = ((counted.last - counted.first).days + 1) / ((other[1] - other[0]).days + 1)
    where = layer(look.layer, of)
    lines = areas(counted, where, before=before, ratio=ratio, today=today)
    by_step = where.summed(counted.places)[:-1]
    whole = values(look.measure, by_step.sum(axis=1), where.km2)
    numbers = values(look.measure, by_step, where.km2)
    of_all, of_steps = (classified(v, look.scheme, look.classes) for v in (whole, numbers))
    return Drawn(
        board,
        counted,
        tuple(lines),
        tuple(themes(counted, of, services)),
        tuple(teams(counted, of, staff)),
        tuple(regions(counted, of)),
        trends(counted.by_month.sum(axis=0, keepdims=True), counted, today)[0],
        changed(counted.n, int(before.sum()), ratio),
        other,
        whole,
        of_all.of(whole),
        numbers,
        of_steps.of(numbers),
        change_classes(_percents(lines, where.codes)),
        legend(of_all, _decimals(look.measure)),
        legend(of_steps, _decimals(look.measure)),
    )


def payload(found: Drawn) -> dict[str, Any]:
    """What the page's script draws the map from: classes as digits, one text for each step."""
    look, steps = found.board.look, found.counted.steps
    codes = [a.code for a in found.areas if a.code]
    clear = {a.code: a.change for a in found.areas}
    sums = found.counted.places.sum(axis=(0, 2))
    return {
        "layer": f"{reverse('layers:layer', args=[look.layer])}?simplify={SIMPLIFY_M}",
        "show": look.show,
        "unit": str(MEASURES[look.measure]),
        "codes": codes,
        "names": [a.name for a in found.areas if a.code],
        "whole": "".join(map(str, found.totals.tolist())),
        "values": _plain(found.whole),
        "steps": [
            {
                "name": step.name,
                "from": step.first.isoformat(),
                "to": step.last.isoformat(),
                "n": int(sums[n]),
                "classes": "".join(map(str, found.frames[:, n].tolist())),
                "values": _plain(found.numbers[:, n]),
            }
            for n, step in enumerate(steps.each)
        ],
        "change": [
            {"by": d, "clear": bool((one := clear.get(code)) and one.clear), "said": say_change(one)}
            for code, d in zip(codes, found.differences.tolist(), strict=True)
        ],
        "other": [day.isoformat() for day in found.other],
        "period": [found.counted.first.isoformat(), found.counted.last.isoformat()],
        "locale": get_language() or settings.LANGUAGE_CODE,
    }


def say_change(change: Change | None) -> str:
    """+12 (+8 %), with a word where chance may explain it."""
    if change is None:
        return ""
    sign = "+" if change.by > 0 else "\u2212" if change.by < 0 else ""
    said = f"{sign}{_grouped(abs(change.by))}"
    if change.percent is not None:
        said += f" ({sign}{_grouped(round(abs(change.percent)))} %)"
    return said if change.clear or not change.by else gettext("%(change)s, pode ser acaso") % {"change": said}


def _grouped(value: int) -> str:
    """12345 → 12.345: the reader's separator, put in without asking for each number's format."""
    return f"{value:,}".replace(",", get_format("THOUSAND_SEPARATOR"))


def say_period(first: date, last: date) -> str:
    """1/1/2026 a 31/1/2026."""
    facts = {"first": date_format(first, "SHORT_DATE_FORMAT"), "last": date_format(last, "SHORT_DATE_FORMAT")}
    return gettext("%(first)s a %(last)s") % facts


def _plain(found: NDArray[np.float64]) -> list[float | int | None]:
    return [None if v != v else int(v) if v == int(v) else round(v, 1) for v in found.tolist()]


def _percents(lines: list[Area], codes: tuple[str, ...]) -> NDArray[np.float64]:
    of = {a.code: a.change.percent for a in lines if a.change}
    return np.array([np.nan if (p := of.get(code)) is None else p for code in codes], dtype=np.float64)


def _decimals(measure: str) -> int:
    return 0 if measure in ("n", "open", "late") else 1
