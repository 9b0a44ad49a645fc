"""The screen as a picture and as a document, drawn by matplotlib. Import it where a file is made."""

import io
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext

os.environ.setdefault("MPLCONFIGDIR", str(settings.VAR_DIR / "matplotlib"))

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from geo_central.kernel.geo import Box
from maps.tiles.counting import Floats, cells, mercator

from .drawn import say_change, say_period
from .seen import Seen

A4 = (11.69, 8.27)  # inches, on its side
DPI = 160
ROWS = 34  # of a table on a page
SIDE = 360  # cells of heat along a map
INK, SOFT, LINE, LAND, BAR = "#071d41", "#5d6673", "#8a94a3", "#f4f2ed", "#155bcb"
_HEAT = LinearSegmentedColormap.from_list(
    "heat",
    [(0, "#fed98e00"), (0.04, "#fed98e66"), (0.15, "#fed98e"), (0.35, "#fe9929"), (0.6, "#e34a33"),
     (0.8, "#b30000"), (1, "#67000d")],
)  # fmt: skip


def png(screen: Seen) -> bytes:
    """The map with its legend and words, 1870 x 1323 pixels."""
    figure = _map_page(screen)
    FigureCanvasAgg(figure)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DPI)
    return out.getvalue()


def pdf(screen: Seen) -> bytes:
    """A document of A4 pages on their side: the map, time and themes, and the tables, all as vectors."""
    out = io.BytesIO()
    facts = {
        "Title": screen.title,
        "Creator": settings.CITY.service_name,
        "Producer": None,
        "CreationDate": None,
    }
    with PdfPages(out, metadata=facts) as pages:
        for figure in (_map_page(screen), _time_page(screen), *_table_pages(screen)):
            pages.savefig(figure)
    return out.getvalue()


def _map_page(screen: Seen) -> Figure:
    figure = _page(f"{settings.CITY.name} · {screen.title}", screen.lines)
    wide = 0.66 / len(screen.periods)
    boxes = [(0.04 + n * (wide + 0.01), 0.06, wide, 0.78) for n in range(len(screen.periods))]
    heat = [_heat(screen, n) for n in range(len(screen.periods))] if screen.show in ("heat", "swipe") else []
    top = max((float(np.quantile(h[h > 0.01], 0.995)) for h in heat if (h > 0.01).any()), default=1.0)
    for n, place in enumerate(boxes):
        axes = figure.add_axes(place)
        _areas(axes, screen)
        if heat:
            box = _box(screen)
            west, east, north, south = box.west, box.east, _y(box.north), _y(box.south)
            axes.imshow(
                heat[n], extent=(west, east, south, north), cmap=_HEAT, vmin=0, vmax=top, zorder=3, alpha=0.85
            )
            axes.set_title(say_period(*screen.periods[n]), fontsize=11, color=INK)
        _window(axes, _box(screen))
    _legend(figure, screen)
    return figure


def _page(title: str, lines: Sequence[str]) -> Figure:
    figure = Figure(figsize=A4, facecolor="white")
    figure.text(0.04, 0.945, title, fontsize=17, fontweight="bold", color=INK)
    figure.text(0.04, 0.91, " ".join(lines)[:170], fontsize=9.5, color=SOFT)
    return figure


def _areas(axes: Any, screen: Seen) -> None:
    for shape in screen.shapes:
        path = _path(shape.feature["geometry"])
        axes.add_patch(PathPatch(path, facecolor=LAND, edgecolor="none", zorder=1))
        axes.add_patch(
            PathPatch(path, facecolor=shape.colour, alpha=shape.opacity, edgecolor="none", zorder=2)
        )
        axes.add_patch(PathPatch(path, facecolor="none", edgecolor=LINE, linewidth=0.5, zorder=4))


def _path(geometry: dict[str, Any]) -> Path:
    """Every ring of an area as one path, so that holes stay empty."""
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    rings = [np.array([(x, _y(y)) for x, y, *_ in ring]) for part in parts for ring in part]
    codes = [[Path.MOVETO, *[Path.LINETO] * (len(ring) - 2), Path.CLOSEPOLY] for ring in rings]
    return Path(np.concatenate(rings), np.concatenate(codes).astype(np.uint8))


def _y(lat: float) -> float:
    """The Mercator plane in degrees of longitude, north up."""
    return 180 - 360 * mercator(lat)


def _box(screen: Seen) -> Box:
    if screen.box is not None:
        return screen.box
    return Box(*settings.CITY.bounds)


def _window(axes: Any, box: Box) -> None:
    axes.set_xlim(box.west, box.east)
    axes.set_ylim(_y(box.south), _y(box.north))
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for edge in axes.spines.values():
        edge.set_color(LINE)
    axes.set_facecolor("#dfe6ec")


def _heat(screen: Seen, n: int) -> Floats:
    """Requests about each cell: counts smoothed by a bell of three cells."""
    first, last = screen.periods[n]
    filters = replace(screen.found.board.filters, first=first, last=last)
    counts = cells(filters, _box(screen), SIDE)
    bell = np.exp(-(np.arange(-9, 10) ** 2) / (2 * 3.0**2))
    bell /= bell.sum()
    for _ in range(2):
        counts = np.array([np.convolve(row, bell, mode="same") for row in counts]).T
    return np.asarray(counts)


def _legend(figure: Figure, screen: Seen) -> None:
    axes = figure.add_axes((0.73, 0.06, 0.25, 0.78))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    at = 0.97
    for colour, words in screen.legend:
        axes.add_patch(Rectangle((0, at - 0.03), 0.12, 0.03, facecolor=colour, edgecolor=LINE, linewidth=0.5))
        axes.text(0.16, at - 0.015, words, fontsize=10, va="center", color=INK)
        at -= 0.045
    whole = screen.found.served
    facts = [
        (gettext("Pedidos com local"), _number(whole.n)),
        (gettext("Contra a comparação"), say_change(screen.found.change)),
        (gettext("Abertos"), _number(whole.open)),
        (gettext("Atrasados"), _number(whole.late)),
        (gettext("No prazo"), _share(whole.in_time)),
        (gettext("Dias até encerrar (mediana)"), "–" if whole.days is None else _number(whole.days)),
    ]
    at -= 0.03
    for name, value in facts:
        axes.text(0, at, name, fontsize=9, color=SOFT)
        axes.text(0, at - 0.03, value, fontsize=12, fontweight="bold", color=INK)
        at -= 0.075


def _time_page(screen: Seen) -> Figure:
    found = screen.found
    figure = _page(gettext("No tempo"), screen.lines)
    axes = figure.add_axes((0.06, 0.56, 0.9, 0.3))
    axes.bar(range(len(found.by_step)), found.by_step, color=BAR)
    every = max(1, len(found.by_step) // 12)
    shown = range(0, len(found.by_step), every)
    axes.set_xticks(
        list(shown), [found.counted.steps.each[n].first.strftime("%m/%Y") for n in shown], fontsize=8
    )
    axes.tick_params(colors=SOFT, labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    for n, theme in enumerate(found.themes[:24]):
        line, column = divmod(n, 8)
        small = figure.add_axes((0.05 + column * 0.117, 0.38 - line * 0.15, 0.1, 0.07))
        small.plot(theme.steps, color=BAR, linewidth=1.2)
        small.set_ylim(0, theme.top * 1.1 or 1)
        small.set_axis_off()
        small.set_title(f"{theme.name[:22]}\n{_number(theme.n)}", fontsize=7.5, color=INK, loc="left")
    return figure


def _table_pages(screen: Seen) -> list[Figure]:
    found = screen.found
    head = [
        gettext("Pedidos"), gettext("Por km²"), gettext("Abertos"), gettext("Atrasados"), gettext("No prazo"),
        gettext("Dias"), gettext("Mudança"),
    ]  # fmt: skip
    areas = [
        [
            area.name or gettext("Em nenhuma área"),
            _number(area.served.n),
            "–" if area.per_km2 is None else number_format(area.per_km2, 1),
            _number(area.served.open),
            _number(area.served.late),
            _share(area.served.in_time),
            "–" if area.served.days is None else str(area.served.days),
            say_change(area.change),
        ]
        for area in found.areas
    ]
    pages = _tables(screen, found.layer_name, [gettext("Área"), *head], areas)
    served = [
        gettext("Pedidos"),
        gettext("Abertos"),
        gettext("Atrasados"),
        gettext("No prazo"),
        gettext("Dias"),
    ]
    for title, name, lines in (
        (gettext("Por equipe"), gettext("Equipe"), found.teams),
        (gettext("Por região"), gettext("Região"), found.regions),
    ):
        rows = [
            [
                line.name or gettext("Em nenhuma área"),
                _number(line.served.n),
                _number(line.served.open),
                _number(line.served.late),
                _share(line.served.in_time),
                "–" if line.served.days is None else str(line.served.days),
            ]
            for line in lines
        ]
        pages += _tables(screen, title, [name, *served], rows)
    return pages


def _tables(screen: Seen, title: str, head: list[str], rows: list[list[str]]) -> list[Figure]:
    """As many pages as the rows need."""
    made = []
    left = [0.04, *np.linspace(0.40, 0.96, len(head) - 1).tolist()]
    for begin in range(0, len(rows), ROWS):
        figure = _page(title, screen.lines)
        for n, row in enumerate([head, *rows[begin : begin + ROWS]]):
            at = 0.865 - n * 0.0235
            for x, text in zip(left, row, strict=True):
                side = "left" if x == left[0] else "right"
                weight = "bold" if n == 0 or x == left[0] else "normal"
                figure.text(x, at, text[:60], fontsize=8, ha=side, fontweight=weight, color=INK)
        made.append(figure)
    return made


def _number(value: int) -> str:
    return str(number_format(value, force_grouping=True))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{number_format(value, 0)} %"
