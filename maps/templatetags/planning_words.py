"""Numbers, lines and columns as the planners' board shows them."""

from collections.abc import Sequence

from django import template
from django.utils.dates import MONTHS
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from maps.steps import Step
from maps.templatetags.map_words import number_words
from maps.web.planning.drawn import say_change
from maps.web.planning.panels import Change, Trend

register = template.Library()
WIDTH, HEIGHT = 120, 28
CHART_WIDTH, CHART_HEIGHT = 720, 200
_LEFT, _BOTTOM, _TOP = 66, 26, 10


@register.filter
def spark(numbers: Sequence[float]) -> SafeString:
    """A line of numbers over time, from 0; silent, since the numbers it stands for are in words beside it."""
    if len(numbers) < 2:
        return SafeString("")
    top = max(numbers) or 1
    points = " ".join(
        f"{n * WIDTH / (len(numbers) - 1):.1f},{HEIGHT - 2 - (HEIGHT - 4) * value / top:.1f}"
        for n, value in enumerate(numbers)
    )
    return format_html(
        '<svg class="trend" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        '<polyline points="{}"/></svg>', WIDTH, HEIGHT, points,
    )  # fmt: skip


@register.filter
def month_columns(index: Sequence[float]) -> SafeString:
    """The twelve months of the year as columns, a line at the average."""
    if not index:
        return SafeString("")
    top = max(2.0, *index)
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="8" height="{}"/>',
        ((n * 10 + 1, f"{26 - 24 * i / top:.1f}", f"{24 * i / top:.1f}") for n, i in enumerate(index)),
    )
    return format_html(
        '<svg class="months" viewBox="0 0 120 28" preserveAspectRatio="none" aria-hidden="true">{}'
        '<path d="M0 {}H120"/></svg>', bars, f"{26 - 24 / top:.1f}",
    )  # fmt: skip


@register.simple_tag
def step_chart(steps: Sequence[Step], numbers: Sequence[int]) -> SafeString:
    """Requests by step as columns with an axis; each column says its own number to a pointer."""
    top = _round_up(max(numbers, default=0))
    inside = CHART_HEIGHT - _BOTTOM - _TOP
    wide = (CHART_WIDTH - _LEFT) / max(1, len(steps))
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" data-step="{}"><title>{}: {}</title></rect>',
        (
            (
                f"{_LEFT + n * wide + wide * 0.1:.1f}",
                f"{_TOP + inside * (1 - value / top):.1f}",
                f"{wide * 0.8:.1f}",
                f"{inside * value / top:.1f}",
                n,
                step.name,
                number_format(value, force_grouping=True),
            )
            for n, (step, value) in enumerate(zip(steps, numbers, strict=True))
        ),
    )
    lines = format_html_join(
        "",
        '<path class="grid" d="M{} {}H{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (_LEFT, y, CHART_WIDTH, _LEFT - 8, y + 4, number_format(round(top * part), force_grouping=True))
            for part, y in ((p / 4, round(_TOP + inside * (1 - p / 4), 1)) for p in range(5))
            if (top * part) % 1 == 0
        ),
    )
    every = max(1, len(steps) // 6)
    names = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (f"{_LEFT + (n + 0.5) * wide:.1f}", CHART_HEIGHT - 6, steps[n].first.strftime("%m/%Y"))
            for n in range(every // 2, len(steps), every)
        ),
    )
    return format_html(
        '<svg class="step-chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        CHART_WIDTH, CHART_HEIGHT, gettext("Pedidos por passo do tempo; os números estão na tabela abaixo."),
        lines, bars, names,
    )  # fmt: skip


@register.filter
def change_words(change: Change | None) -> str:
    """+12 (+8 %), with a word where chance may explain it."""
    return say_change(change)


@register.filter
def trend_words(trend: Trend) -> str:
    """+12 % ao ano; nothing where there are too few months or requests."""
    if trend.percent is None:
        return "–"
    rounded = round(trend.percent)
    sign = "+" if rounded > 0 else "\u2212" if rounded < 0 else ""
    said = gettext("%(percent)s %% ao ano") % {"percent": f"{sign}{number_format(abs(rounded))}"}
    return said if trend.clear else gettext("%(change)s, pode ser acaso") % {"change": said}


@register.filter
def month_name(number: int) -> str:
    """3 → março."""
    return str(MONTHS[number]).lower()


@register.filter
def one_decimal(value: float | None) -> str:
    """12.34 → 12,3; a dash for what is not known."""
    return "–" if value is None else number_words(round(value, 1), 1, get_language())


@register.filter
def rounded(value: float | None) -> str:
    """12.34 → 12; a dash for what is not known."""
    return "–" if value is None else number_words(round(value), None, get_language())


def _round_up(value: int) -> int:
    """A top of four equal parts that a person can read off: 4, 8, 20, 40, 80, 100, 200, 400…"""
    size = 1
    while True:
        for part in (1, 2, 2.5, 5):
            if part * size == int(part * size) and 4 * part * size >= value:
                return int(4 * part * size)
        size *= 10
