"""Numbers and shares as the map pages show them."""

from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.template.defaultfilters import floatformat
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from maps.analytics.wording import pattern_words
from maps.opendata.ranking import Row
from maps.opendata.scoring import SCALE

register = template.Library()


@register.filter
def grouped(n: int) -> str:
    """12345 → 12.345, in the reader's language."""
    return number_words(n, None, get_language())


@lru_cache(maxsize=16_384)
def number_words(value: float, decimals: int | None, language: str | None) -> str:
    """A number in a language, remembered: a page of tables asks for a thousand of them."""
    return number_format(value, decimals, force_grouping=True)


@register.filter
def histories(patterns: Iterable[str]) -> str:
    """What has become of the hotspots of an area, in words."""
    return pattern_words(patterns)


@register.filter
def percent(part: float) -> str:
    """0.05 → 5 %, in the reader's language."""
    return floatformat(100 * part, -2) + " %"


@register.filter
def share(n: int, whole: int) -> int:
    """How many hundredths of `whole` n is; 0 of nothing."""
    return round(100 * n / whole) if whole else 0


@register.filter
def score(value: float | None) -> str:
    """−4,6 or +1,2: a score of the city's scale, always with its sign and one decimal."""
    if value is None:
        return ""
    tenths = round(10 * value)
    sign = "\u2212" if tenths < 0 else "+" if tenths > 0 else ""
    return sign + number_format(abs(tenths) / 10, 1)


@register.filter
def scale(row: Row) -> SafeString:
    """The score on a line from -5 to +5 with its interval and the published score of the past.

    Silent for screen readers: the same numbers stand beside it as text.
    """
    low, high = row.interval if row.interval else (0.0, 0.0)
    then = (
        format_html('<path class="then" d="M{} 1v12"/>', _x(row.baseline))
        if row.baseline is not None
        else SafeString("")
    )
    now = (
        format_html(
            '<path class="reach" d="M{} 7H{}"/><circle cx="{}" cy="7" r="4"/>',
            _x(low),
            _x(high),
            _x(row.score),
        )
        if row.score is not None
        else SafeString("")
    )
    return format_html(
        '<svg class="score-line" viewBox="0 0 208 14" aria-hidden="true">'
        '<path class="axis" d="M4 7H204M104 3v8"/>{}{}</svg>',
        then,
        now,
    )


def _x(value: float) -> float:
    return round(4 + 200 * (value - SCALE[0]) / (SCALE[-1] - SCALE[0]), 1)
