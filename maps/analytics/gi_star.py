"""Getis-Ord Gi*: which cells lie among more (or fewer) requests than chance would put there."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, ndtr

from geo_central.kernel.errors import Invalid

from .grid import Floats, Grid
from .scaling import Runner, blocks, here

Weights: TypeAlias = scipy.sparse.csr_array
ALPHAS = (0.0001, 0.2)


@dataclass(frozen=True, slots=True, eq=False)
class GiStar:
    """Of n cells: `z` (n,), its two-sided `p`, and `significant`:
    those that are called hot (z > 0) or cold while the false discovery rate is at most `alpha`. `tails`
    says what p is read from: `normal` or `pearson3`.

    `cutoff` is the largest p that was called; 0 where none was. `neighbours` is the mean number
    of cells summed for one, itself included.
    """

    z: Floats
    p: Floats
    significant: NDArray[np.bool_]
    alpha: float
    cutoff: float
    neighbours: float
    tails: str

    @property
    def n(self) -> int:
        """How many cells were compared."""
        return len(self.z)

    @property
    def hot(self) -> NDArray[np.bool_]:
        """(n,): significantly many."""
        return self.significant & (self.z > 0)

    @property
    def cold(self) -> NDArray[np.bool_]:
        """(n,): significantly few."""
        return self.significant & (self.z < 0)


def weights(grid: Grid, rings: int = 1) -> Weights:
    """(n, n): 1 for every cell at most `rings` steps away and for the cell itself, else 0."""
    rows, cols = grid.neighbours(rings)
    starts = np.zeros(grid.n + 1, dtype=np.int32)
    np.cumsum(np.bincount(rows, minlength=grid.n), out=starts[1:])
    shape = (grid.n, grid.n)
    return scipy.sparse.csr_array((np.ones(len(cols)), cols.astype(np.int32), starts), shape=shape)


def gi_star(
    values: Floats,
    near: Weights,
    *,
    alpha: float = 0.05,
    tails: str = "normal",
    unit: float = 0.0,
    runner: Runner = here,
    parts: int = 1,
) -> GiStar:
    """Gi* of every cell from its value (a count or a rate) and its neighbours' (weights of 1).

    The statistic is the one standardised by Ord & Getis (1995, Geographical Analysis 27:286-306,
    equation 14): (sum of w x - mean W) / (s sqrt((n W - W^2) / (n - 1))), W being the number of
    neighbours with the cell itself, s the standard deviation over the n cells. Where all values
    are equal z is 0. `tails` is `normal`, or `pearson3` for skewed values whose least difference is
    `unit` (1 for counts, 0 for rates): see `skewed`. With `parts` the cells are shared out among
    the runner's workers; the results are the same to the last bit.

    Raises Invalid `field.out_of_range` naming `alpha`.
    """
    values = np.asarray(values, dtype=np.float64)
    n = len(values)
    counts = np.diff(near.indptr).astype(np.float64)
    sums = np.concatenate(runner(_sums, [(near[a:b], values) for a, b in blocks(n, parts)]))
    z, p = scored(sums, counts, values, tails=tails, unit=unit)
    called, cutoff = discoveries(p, alpha)
    return GiStar(z, p, called, alpha, cutoff, float(counts.mean()), tails)


def scored(sums: Floats, counts: Floats, values: Floats, *, tails: str, unit: float) -> tuple[Floats, Floats]:
    """(z, p) of sums over `counts` of all these values."""
    n, mean, deviation = values.size, float(values.mean()), float(values.std())
    z = standardise(sums, counts, n=n, mean=mean, deviation=deviation)
    if tails == "normal" or deviation <= abs(mean) * 1e-12:
        return z, two_sided(z)
    skewness = float((((values - mean) / deviation) ** 3).mean())
    half = standardise(mean * counts + unit / 2, counts, n=n, mean=mean, deviation=deviation)
    return z, skewed(z, half, _skewness(skewness, counts, n))


def standardise(sums: Floats, counts: Floats, *, n: int, mean: float, deviation: float) -> Floats:
    """z of sums over `counts` of n values with this mean and standard deviation, drawn without order."""
    spread = deviation * np.sqrt((n * counts - counts**2) / max(n - 1, 1))
    z = np.zeros(sums.shape)
    np.divide(sums - mean * counts, spread, out=z, where=spread > abs(mean) * 1e-12)
    return z


def two_sided(z: Floats) -> Floats:
    """The chance of a standard normal value at least as far from 0."""
    return np.asarray(2 * ndtr(-np.abs(z)))


def skewed(z: Floats, half: Floats, skewness: Floats) -> Floats:
    """The two-sided chance of z when what is summed is skewed, as counts of rare things are.

    A few requests in a city of empty cells give enormous z that mean nothing. The tail is read from
    Pearson's type III distribution (a shifted gamma) with the sum's own skewness, as Mielke, Berry &
    Brier (1981, Monthly Weather Review 109:120-126) do for permutation tests, and from the normal
    distribution; the larger of both is believed. `half` is half a unit of the sum in the unit of
    z: the correction for continuity of whole numbers.
    """
    near = np.maximum(np.abs(z) - half, 0)
    shape = 4 / np.maximum(skewness**2, 1e-6)
    at = shape + np.sign(z) * np.sign(skewness) * near * np.sqrt(shape)
    high = np.sign(z) * np.sign(skewness) > 0
    tail = np.where(high, gammaincc(shape, np.maximum(at, 0)), gammainc(shape, np.maximum(at, 0)))
    return np.asarray(np.clip(2 * np.maximum(tail, ndtr(-near)), 0, 1))


def discoveries(p: Floats, alpha: float) -> tuple[NDArray[np.bool_], float]:
    """(called, cutoff): which of many tests to call while at most a share `alpha` of them is false.

    The step-up rule of Benjamini & Hochberg (1995, JRSS B 57:289-300): the largest k with
    p(k) <= alpha k / m. Neighbouring cells share requests, so that their tests depend on one
    another positively; Caldas de Castro & Singer (2006, Geographical Analysis 38:180-208) show
    that the rule keeps its promise for local statistics of association.
    """
    low, high = ALPHAS
    if not low <= alpha <= high:
        raise Invalid("field.out_of_range", field="alpha", low=low, high=high)
    # Only p <= alpha can pass; ranks among them are ranks among all.
    small = np.sort(p[p <= alpha])
    passes = np.flatnonzero(small <= alpha * np.arange(1, len(small) + 1) / p.size)
    if not len(passes):
        return np.zeros(p.shape, dtype=bool), 0.0
    cutoff = float(small[passes[-1]])
    return p <= cutoff, cutoff


def _skewness(skewness: float, counts: Floats, n: int) -> Floats:
    """Of the sum of `counts` of n values with this skewness, drawn without putting back."""
    room = np.maximum(counts * (n - counts), 1)
    return np.asarray(skewness * (n - 2 * counts) / max(n - 2, 1) * np.sqrt((n - 1) / room))


def _sums(near: Weights, values: Floats) -> Floats:
    return np.asarray(near @ values)
