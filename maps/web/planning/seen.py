"""What is on a planner's screen, as values that any kind of file can be made of."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from numpy.typing import NDArray

from geo_central.kernel.geo import Box
from layers.queries import area_geojson
from maps.analytics.wording import in_words
from maps.web.legend import Key

from .asked import MEASURES, SHOWS
from .drawn import SIMPLIFY_M, Drawn, say_change, say_period

Floats = NDArray[np.float64]
# The stylesheet's colours by day: files are read on paper.
SHADES = ("#e6e8ec", "#fff3d6", "#fed98e", "#feb24c", "#fd8d3c", "#f03b20", "#bd0026", "#67000d")
CHANGES = {
    -3: "#1a5e94", -2: "#5a9bc9", -1: "#b5d5ea", 0: "#eceae5", 1: "#f9cdb5", 2: "#e58267", 3: "#a8182b",
}  # fmt: skip
DOUBTFUL, CLEAR = 0.35, 0.9


@dataclass(frozen=True, slots=True)
class Shape:
    """An area as it is shown: its GeoJSON feature, colour, opacity and what it stands for in words."""

    code: str
    name: str
    feature: dict[str, Any]
    value: float | None
    said: str
    colour: str
    opacity: float


@dataclass(frozen=True, slots=True)
class Seen:
    """The screen: `at` is the step of the slider from 1, 0 for the whole period; `periods` are the days
    that its one or two maps of heat are of."""

    found: Drawn
    at: int
    box: Box | None
    shapes: tuple[Shape, ...]
    legend: tuple[tuple[str, str], ...]
    title: str
    lines: tuple[str, ...]
    periods: tuple[tuple[date, date], ...]

    @property
    def show(self) -> str:
        return self.found.board.look.show


def seen(found: Drawn, *, at: int, box: Box | None, now: datetime, shapes: bool = True) -> Seen:
    """What is on the screen of a board, without the shapes of the areas where they are not needed.

    Raises NotFound `layer.unknown` where its layer is not published.
    """
    look = found.board.look
    at = at if 0 <= at <= len(found.counted.steps.each) and look.show in ("areas", "heat") else 0
    step = found.counted.steps.each[at - 1] if at else None
    period = (step.first, step.last) if step else (found.counted.first, found.counted.last)
    return Seen(
        found,
        at,
        box,
        tuple(_shapes(found, at)) if shapes else (),
        tuple(_legend(found, at)),
        _title(found),
        tuple(_lines(found, period, now)),
        (found.other, period) if look.show == "swipe" else (period,),
    )


def _title(found: Drawn) -> str:
    look = found.board.look
    if look.show in ("heat", "swipe"):
        return f"{MEASURES['n']} · {SHOWS[look.show]}"
    measure = MEASURES["n" if look.show == "difference" else look.measure]
    return f"{measure} · {SHOWS[look.show]} · {found.layer_name}"


def _shapes(found: Drawn, at: int) -> list[Shape]:
    look = found.board.look
    features = {
        f["properties"]["code"]: f for f in json.loads(area_geojson(look.layer, SIMPLIFY_M))["features"]
    }
    values = found.numbers[:, at - 1] if at else found.whole
    classes = found.frames[:, at - 1] if at else found.totals
    shades = {key.index: key.shade for key in _keys(found, at)}
    made = []
    for n, area in enumerate(a for a in found.areas if a.code):
        value = None if np.isnan(values[n]) else float(values[n])
        said = gettext("sem dado") if value is None else number_format(round(value, 1), force_grouping=True)
        colour, opacity = SHADES[shades.get(int(classes[n]), 0)], CLEAR
        if look.show == "difference":
            said, colour = say_change(area.change), CHANGES[int(found.differences[n])]
            opacity = CLEAR if area.change and area.change.clear else DOUBTFUL
        elif look.show in ("heat", "swipe"):
            colour, opacity = "#f4f2ed", 0.0
        if area.code in features:
            made.append(Shape(area.code, area.name, features[area.code], value, said, colour, opacity))
    return made


def _keys(found: Drawn, at: int) -> tuple[Key, ...]:
    return found.step_legend if at else found.legend


def _legend(found: Drawn, at: int) -> list[tuple[str, str]]:
    """(colour, words) of each class."""
    show = found.board.look.show
    if show == "difference":
        words = {
            -3: gettext("−50 % ou menos"), -2: gettext("−50 a −20 %"), -1: gettext("−20 a −5 %"),
            0: gettext("quase igual"), 1: gettext("+5 a +20 %"), 2: gettext("+20 a +50 %"),
            3: gettext("+50 % ou mais"),
        }  # fmt: skip
        return [(CHANGES[n], said) for n, said in words.items()]
    if show in ("heat", "swipe"):
        return []
    keys = [(SHADES[key.shade], key.words) for key in _keys(found, at)]
    return [*keys, (SHADES[0], gettext("nenhum"))]


def _lines(found: Drawn, period: tuple[date, date], now: datetime) -> list[str]:
    first, *others = in_words(found.board.filters)
    lines = [gettext("De %(period)s.") % {"period": say_period(*period)}]
    if found.board.look.show in ("swipe", "difference"):
        lines.append(gettext("Comparado com %(period)s.") % {"period": say_period(*found.other)})
    lines += others
    if found.board.look.show == "difference":
        lines.append(gettext("Cor fraca: a mudança pode ser acaso (teste de Poisson, 5 %)."))
    made = date_format(localtime(now), "SHORT_DATETIME_FORMAT")
    return [*lines, gettext("Feito em %(made_at)s.") % {"made_at": made}] if first else lines
