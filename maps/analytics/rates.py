"""Requests against what they could come from: metres of street, or people."""

from dataclasses import dataclass

import numpy as np

from .grid import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """`raw` (n,) is count / exposure, not a number where there is no exposure; `smooth` (n,) is
    steadied; `mean` is the rate of all together, `between` the variance among the true rates."""

    raw: Floats
    smooth: Floats
    mean: float
    between: float


def smoothed(counts: Floats, exposure: Floats) -> Rates:
    """Rates steadied by empirical Bayes: a cell with little exposure tells little by itself, and is
    drawn towards the rate of the whole city by as much.

    The global method of moments of Marshall (1991, Applied Statistics 40:283-294): the weight of a
    cell's own rate is A / (A + m / e), with the mean rate m, the cell's exposure e and A the
    variance of rates that chance does not explain, at least 0. Where there is no exposure the
    answer is m. `exposure` is in any unit; its sum is positive.
    """
    counts, exposure = np.asarray(counts, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    whole = exposure.sum()
    mean = float(counts.sum() / whole)
    exposed = exposure > 0
    raw = np.full(len(counts), np.nan)
    np.divide(counts, exposure, out=raw, where=exposed)
    spread = float((exposure[exposed] * (raw[exposed] - mean) ** 2).sum() / whole)
    between = max(0.0, spread - mean / (whole / exposed.sum()))
    smooth = np.full(len(counts), mean)
    if between > 0:
        share = between / (between + mean / exposure[exposed])
        smooth[exposed] = mean + share * (raw[exposed] - mean)
    return Rates(raw, smooth, mean, between)
