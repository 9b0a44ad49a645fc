"""Whether monthly numbers rise or fall, and in which months of the year they are high. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
YEAR = 12  # months, the fewest of which anything is said
FEWEST = 24  # months: each month of the year at least twice
CLEAR_Z = 1.96


@dataclass(frozen=True, slots=True, eq=False)
class Seasons:
    """Of n series: the change a year `slope` (n,) and its normal score `z`; and the `index` (n, 12) of
    each month from January, 1 for an average one; NaN where there are too few months to say."""

    slope: Floats
    z: Floats
    index: Floats


def seasons(series: Floats, first_month: int) -> Seasons:
    """`series` (n, M) of whole months, of which the first is `first_month` (1 to 12).

    Of less than two years the seasons cannot be told from the trend: the slope is then of all months, and
    the index that of the last twelve alone.
    """
    n, months = series.shape
    if months < YEAR:
        return Seasons(np.full(n, np.nan), np.zeros(n), np.full((n, 12), np.nan))
    slope, z = _trend(series, 12 if months >= FEWEST else 1)
    index = _index(series, first_month) if months >= FEWEST else _last_year(series, first_month)
    return Seasons(slope, z, index)


def _last_year(series: Floats, first_month: int) -> Floats:
    """Each of the last twelve months against their mean."""
    n, months = series.shape
    last = series[:, -12:]
    found = np.full((n, 12), np.nan)
    np.divide(last, last.mean(axis=1, keepdims=True), out=found, where=last.sum(axis=1, keepdims=True) > 0)
    return np.asarray(np.roll(found, (first_month - 1 + months - 12) % 12, axis=1))


def _trend(series: Floats, period: int) -> tuple[Floats, Floats]:
    """Seasonal Kendall slope (a year) and score: only equal months of different years are compared.

    Source: Hirsch, Slack & Smith 1982, Water Resources Research 18:107-121; with a `period` of 1 month it
    is Sen's slope (1968, JASA 63:1379-1389) with Mann and Kendall's score. The variance has no
    correction for ties: it is then too large, never too small.
    """
    n = len(series)
    slopes: list[Floats] = []
    s, variance = np.zeros(n), 0.0
    for season in range(period):
        part = series[:, season::period]
        length = part.shape[1]
        for gap in range(1, length):
            rise = part[:, gap:] - part[:, :-gap]
            s += np.sign(rise).sum(axis=1)
            slopes.append(rise * 12 / (gap * period))
        variance += length * (length - 1) * (2 * length + 5) / 18
    z = (s - np.sign(s)) / np.sqrt(variance) if variance else np.zeros(n)
    return np.asarray(np.median(np.concatenate(slopes, axis=1), axis=1)), np.asarray(z)


def _index(series: Floats, first_month: int) -> Floats:
    """The mean ratio of each month to the centred mean of twelve, all of mean 1.

    Source: the ratio-to-moving-average method (Macaulay 1931, The Smoothing of Time Series).
    """
    n, months = series.shape
    sums = np.cumsum(np.concatenate([np.zeros((n, 1)), series], axis=1), axis=1)
    full = sums[:, 12:] - sums[:, :-12]
    level = (full[:, :-1] + full[:, 1:]) / 24
    ratio = np.full((n, months), np.nan)
    middle = series[:, 6 : 6 + level.shape[1]]
    np.divide(middle, level, out=ratio[:, 6 : 6 + level.shape[1]], where=level > 0)
    of = (np.arange(months) + first_month - 1) % 12
    found = np.full((n, 12), np.nan)
    for month in range(12):
        part = ratio[:, of == month]
        seen = (~np.isnan(part)).sum(axis=1)
        np.divide(np.nansum(part, axis=1), seen, out=found[:, month], where=seen > 0)
    whole = ~np.isnan(found).any(axis=1)
    found[~whole] = np.nan
    mean = found[whole].mean(axis=1, keepdims=True)
    found[whole] = found[whole] / mean
    return found
