"""Classes of a map in words."""

from dataclasses import dataclass

from django.utils.formats import number_format

from maps.analytics.classes import Classes, shade


@dataclass(frozen=True, slots=True)
class Key:
    """One line of the legend: its class, its colour of seven, and the values in words."""

    index: int
    shade: int
    words: str


def legend(found: Classes, decimals: int = 0) -> tuple[Key, ...]:
    """A line for each class, from the least."""
    k = len(found.tops)
    keys = []
    for n, (low, high) in enumerate(found.ranges, 1):
        ends = [
            number_format(round(v, decimals), decimals, force_grouping=True)
            for v in _ends(n, low, high, decimals)
        ]
        keys.append(Key(n, shade(n, k), ends[0] if ends[0] == ends[1] else f"{ends[0]} – {ends[1]}"))
    return tuple(keys)


def _ends(n: int, low: float, high: float, decimals: int) -> tuple[float, float]:
    """Whole numbers of a class begin one after the largest of the class before."""
    if decimals:
        return low, high
    first = low if n == 1 else float(int(low) + 1)
    return first, max(first, float(int(high)))
