"""Comparing scores fairly: means, how sure they are, and an order that few ratings cannot win. Pure.

Ratings are counts of five faces. They stand on the city's own scale, -5, -2.5, 0, +2.5 and +5.
Each set of ratings is a sample of a multinomial; its conjugate prior is a Dirichlet, of which mean
and variance are known in closed form (Gelman et al., Bayesian Data Analysis, 3rd ed., §3.4; applied
to star ratings by E. Miller, "Ranking Items With Star Ratings", 2014).
"""

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import NamedTuple

SCALE = (-5.0, -2.5, 0.0, 2.5, 5.0)
# Fewer ratings than this show no score.
LEAST_RATED = 5
# How many ratings of the whole city each service starts with, when they are put in order.
PRIOR_WEIGHT = 10.0
# The prior of an interval: half a rating of each face (H. Jeffreys, 1946).
JEFFREYS = (0.5,) * 5
# Two standard deviations, nearly: 95 % of a normal distribution.
Z95 = 1.959964

Faces = Sequence[int]


class Interval(NamedTuple):
    """A range of scores that holds the true mean with a probability of about 95 %."""

    low: float
    high: float


class Change(NamedTuple):
    """A difference of means; `is_clear` where chance alone would seldom (1 in 20) make it."""

    by: float
    is_clear: bool


def mean(faces: Faces) -> float | None:
    """The plain mean; None of nothing."""
    n = sum(faces)
    return sum(s * k for s, k in zip(SCALE, faces, strict=True)) / n if n else None


def interval(faces: Faces) -> Interval:
    """The 95 % credible interval of the mean under Jeffreys' prior, within the scale."""
    centre, variance = _posterior([k + a for k, a in zip(faces, JEFFREYS, strict=True)])
    reach = Z95 * sqrt(variance)
    return Interval(max(SCALE[0], centre - reach), min(SCALE[-1], centre + reach))


def fair(faces: Faces, everyone: Faces) -> float:
    """The score that puts services in order: the mean after PRIOR_WEIGHT ratings such as everyone
    gives were added (an empirical Bayes estimate: B. Efron and C. Morris, "Stein's Paradox in
    Statistics", 1977). With few ratings it stays near the city's mean, for better and for worse;
    with many it is the plain mean."""
    added = mean(everyone) or 0.0
    own = sum(s * k for s, k in zip(SCALE, faces, strict=True))
    return (own + PRIOR_WEIGHT * added) / (sum(faces) + PRIOR_WEIGHT)


def change(now: Faces, before: Faces) -> Change | None:
    """How the mean moved; None where either has fewer than LEAST_RATED ratings."""
    new, old = mean(now), mean(before)
    if new is None or old is None or min(sum(now), sum(before)) < LEAST_RATED:
        return None
    spread = sum(_posterior([k + a for k, a in zip(f, JEFFREYS, strict=True)])[1] for f in (now, before))
    return Change(new - old, abs(new - old) > Z95 * sqrt(spread))


def total(ratings: Iterable[Faces]) -> tuple[int, ...]:
    """Sets of ratings together."""
    return tuple(map(sum, zip(*ratings, strict=True))) or (0,) * len(SCALE)


def _posterior(weights: Sequence[float]) -> tuple[float, float]:
    """Mean and variance of the mean score under a Dirichlet with these weights."""
    whole = sum(weights)
    centre = sum(s * w for s, w in zip(SCALE, weights, strict=True)) / whole
    square = sum(s * s * w for s, w in zip(SCALE, weights, strict=True)) / whole
    return centre, (square - centre * centre) / (whole + 1)
