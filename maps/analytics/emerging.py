"""What becomes of hotspots: the space-time cube, its trends, and a word for each cell's history."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .gi_star import Weights, discoveries, scored, two_sided
from .grid import Floats
from .scaling import Runner, blocks, here

# In this order they are stored; a code names what a cell was, `hot_` or `cold_` before it.
PATTERNS = (
    "new", "consecutive", "intensifying", "persistent", "diminishing", "sporadic", "oscillating",
    "historical",
)  # fmt: skip
FEWEST_STEPS = 4
_NEARLY_ALWAYS = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """Of n series: Kendall's `s` (n,), its normal score `z` and two-sided `p`."""

    s: Floats
    z: Floats
    p: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Emerging:
    """Of n cells over T steps: Gi* `z` (n, T), `hot` and `cold` (n, T) while the false discovery
    rate of the whole cube is at most `alpha`, the `trend` of each cell's z, and its `pattern` (n,):
    "", or one of PATTERNS after `hot_` or `cold_`."""

    z: Floats
    hot: NDArray[np.bool_]
    cold: NDArray[np.bool_]
    trend: Trend
    pattern: NDArray[np.str_]
    alpha: float
    cutoff: float

    @property
    def steps(self) -> int:
        """How many steps of time."""
        return int(self.z.shape[1])


def emerging(
    cube: Floats,
    near: Weights,
    *,
    alpha: float = 0.05,
    back: int = 1,
    tails: str = "normal",
    unit: float = 0.0,
    runner: Runner = here,
    parts: int = 1,
) -> Emerging:
    """The history of every cell from a cube of counts or rates (n cells, T steps, the oldest first).

    Gi* of a bin sums its own cell and its neighbours in its own step and in `back` steps before it,
    and is compared with all n x T bins. Hot and cold bins are called over the whole cube, so that
    a history is not made of false alarms. The trend of each cell's z is Mann-Kendall's. What the
    words mean: `pattern_of`; `tails` and `unit`: `gi_star.skewed`.
    """
    cube = np.asarray(cube, dtype=np.float64)
    n, steps = cube.shape
    summed = np.concatenate(runner(_neighbours, [(near[a:b], cube) for a, b in blocks(n, parts)]))
    reach = np.minimum(np.arange(steps), back) + 1
    # A sum over the last steps is a difference of running sums; counts stay exact.
    running = np.concatenate((np.zeros((n, 1)), np.cumsum(summed, axis=1)), axis=1)
    at = np.arange(1, steps + 1)
    sums = running[:, at] - running[:, at - reach]
    counts = np.diff(near.indptr).astype(np.float64)[:, None] * reach
    z, p = scored(sums, counts, cube, tails=tails, unit=unit)
    called, cutoff = discoveries(p, alpha)
    hot, cold = called & (z > 0), called & (z < 0)
    found = runner(mann_kendall, [(z[a:b],) for a, b in blocks(n, parts)])
    trend = Trend(*(np.concatenate([getattr(t, name) for t in found]) for name in ("s", "z", "p")))
    pattern = _both(hot, cold, trend, alpha)
    return Emerging(z, hot, cold, trend, pattern, alpha, cutoff)


def mann_kendall(series: Floats) -> Trend:
    """Whether series (n, T) rise or fall over their T steps, whatever the shape of it.

    S is the number of pairs that rise less the number that fall (Mann 1945, Econometrica
    13:245-259); its variance with ties and the correction for continuity are those of Kendall
    (1975, Rank Correlation Methods, 4th ed., chapter 4).
    """
    n, steps = series.shape
    s = np.zeros(n)
    for gap in range(1, steps):
        s += np.sign(series[:, gap:] - series[:, :-gap]).sum(axis=1)
    variance = (steps * (steps - 1) * (2 * steps + 5) - _ties(series)) / 18
    z = np.zeros(n)
    np.divide(s - np.sign(s), np.sqrt(variance), out=z, where=variance > 0)
    return Trend(s, z, two_sided(z))


def pattern_of(
    hot: NDArray[np.bool_], cold: NDArray[np.bool_], trend_z: Floats, trend_p: Floats, alpha: float
) -> NDArray[np.str_]:
    """(n,): the hot pattern of each cell from its bins (n, T), "" where it has none.

    The definitions are Esri's ("How Emerging Hot Spot Analysis works", ArcGIS Pro):
    new: hot in the last step, never before. consecutive: one unbroken run of at least two hot steps
    at the end, never before it, fewer than nine steps in ten. Hot in at least nine steps in ten, the
    last one too: intensifying where z rises significantly, diminishing where it falls, persistent
    otherwise. historical: so often hot, but not in the last step. Hot in the last step and now and
    then before: oscillating where it has been cold, sporadic where it has not.
    """
    steps = hot.shape[1]
    last, times = hot[:, -1], hot.sum(axis=1)
    # Steps at the end that are hot without a break.
    run = np.where(hot.all(axis=1), steps, np.argmin(hot[:, ::-1], axis=1))
    always = times >= _NEARLY_ALWAYS * steps
    moves = trend_p <= alpha
    alone = (times == run) & last
    history = [
        "new", "intensifying", "diminishing", "persistent", "historical", "consecutive", "oscillating",
        "sporadic",
    ]  # fmt: skip
    tests = [
        alone & (run == 1),
        always & last & moves & (trend_z > 0),
        always & last & moves & (trend_z < 0),
        always & last,
        always,
        alone & (run >= 2),
        last & cold.any(axis=1),
        last,
    ]
    return np.select(tests, history, default="")


def _both(hot: NDArray[np.bool_], cold: NDArray[np.bool_], trend: Trend, alpha: float) -> NDArray[np.str_]:
    """A cell that is hot at the end has a hot pattern; one that is not may have a cold one."""
    warm = pattern_of(hot, cold, trend.z, trend.p, alpha)
    cool = pattern_of(cold, hot, -trend.z, trend.p, alpha)
    # Both at once only where one of them is history: what the last step says goes first.
    prefer_cool = (warm == "") | (cold[:, -1] & (cool != ""))
    named = np.where(prefer_cool, np.char.add("cold_", cool), np.char.add("hot_", warm))
    return np.where((warm == "") & (cool == ""), "", named)


def _ties(series: Floats) -> Floats:
    """(n,): the sum over groups of equal values of t (t - 1) (2 t + 5)."""
    ordered = np.sort(series, axis=1)
    n, steps = ordered.shape
    total, size = np.zeros(n), np.ones(n)
    for at in range(1, steps + 1):
        same = ordered[:, at] == ordered[:, at - 1] if at < steps else np.zeros(n, dtype=bool)
        total += np.where(same, 0, size * (size - 1) * (2 * size + 5))
        size = np.where(same, size + 1, 1)
    return total


def _neighbours(near: Weights, cube: Floats) -> Floats:
    return np.asarray(near @ cube)
