"""Whether monthly numbers rise or fall, and in which months of the year they are high. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
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
    """`series` (n, M) of whole months, of which the first is `first_month` (1 to 12)."""
    n, months = series.shape
    if months < FEWEST:
        return Seasons(np.full(n, np.nan), np.zeros(n), np.full((n, 12), np.nan))
    slope, z = _trend(series)
    return Seasons(slope, z, _index(series, first_month))


def _trend(series: Floats) -> tuple[Floats, Floats]:
    """Seasonal Kendall slope (a year) and score: only equal months of different years are compared.

    Source: Hirsch, Slack & Smith 1982, Water Resources Research 18:107-121. The variance has no
    correction for ties: it is then too large, never too small.
    """
    n = len(series)
    slopes: list[Floats] = []
    s, variance = np.zeros(n), 0.0
    for season in range(12):
        part = series[:, season::12]
        length = part.shape[1]
        for gap in range(1, length):
            rise = part[:, gap:] - part[:, :-gap]
            s += np.sign(rise).sum(axis=1)
            slopes.append(rise / gap)
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
