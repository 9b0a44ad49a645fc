"""The hotspots of a question, whole: Gi*, history, density and clusters, of the same requests.

Everything here is arithmetic on what `source` has read; `operations` keeps what comes out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.filters import LEAST_SHOWN

from . import source
from .asking import Question
from .clusters import Clusters, Hull, dbscan, hdbscan, hulls
from .density import Contour, Density, contours, density, frame_over
from .emerging import Emerging, emerging
from .gi_star import GiStar, gi_star, weights
from .grid import Floats, Grid, Ints, grid_over
from .rates import Rates, smoothed
from .scaling import Runner, here
from .source import Points

Tell = Callable[[int, str], None]
SHARES = (0.25, 0.5, 0.75)
# A cluster has at least one in so many of the requests, so that no map has more of them.
MOST_CLUSTERS = 500


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What was found. `counts` (n cells,); `rates` where an exposure was asked for, with its `unit`;
    `history` where steps were; `left_out` requests lay outside the study area, in cells without
    exposure, or in cells too empty to be shown."""

    question: Question
    n: int
    left_out: int
    grid: Grid
    counts: Floats
    rates: Rates | None
    unit: str
    star: GiStar
    history: Emerging | None
    density: Density
    contours: tuple[Contour, ...]
    clusters: Clusters
    hulls: tuple[Hull, ...]

    def facts(self) -> dict[str, Any]:
        """The numbers that a reader needs to judge the result by."""
        named = self.history.pattern[self.history.pattern != ""] if self.history else np.array([], dtype=str)
        names, times = np.unique(named, return_counts=True)
        return {
            "left_out": self.left_out,
            "cells": self.grid.n,
            "cell_area_m2": round(self.grid.area_m2, 1),
            "neighbours": round(self.star.neighbours, 3),
            "hot": int(self.star.hot.sum()),
            "cold": int(self.star.cold.sum()),
            "tails": self.star.tails,
            "cutoff_p": self.star.cutoff,
            "unit": self.unit,
            "mean_rate": self.rates.mean if self.rates else None,
            "patterns": dict(zip(names.tolist(), times.tolist(), strict=True)),
            "step_days": self.question.days // self.question.steps if self.history else None,
            "history_cutoff_p": self.history.cutoff if self.history else None,
            "bandwidth_m": round(self.density.bandwidth_m, 1),
            "bandwidth_rule": self.density.rule,
            "pixel_m": round(self.density.frame.pixel_m, 2),
            "cluster_method": self.clusters.method,
            "cluster_radius_m": self.clusters.radius_m,
            "cluster_least": self.clusters.least,
            "cluster_sampled_one_in": self.clusters.every,
            "clusters": self.clusters.count,
        }


def analyse(question: Question, *, tell: Tell, runner: Runner = here, parts: int = 1) -> Analysis:
    """Read what a question needs and work it out. `tell` hears hundredths done and what comes next.

    Raises what `checked`, `grid_over` and `exposure` raise.
    """
    tell(0, "points")
    area = source.study_area()
    grid = grid_over(area, kind=question.grid, cell_m=question.cell_m)
    read = source.read_points(question)
    tell(20, "exposure")
    amount, unit = np.ones(grid.n), ""
    if question.exposure:
        amount, unit = source.exposure(question.exposure, grid)
        grid, amount = grid.only(amount > 0), amount[amount > 0]
    at = grid.locate(read.x, read.y)
    kept = at >= 0
    if question.audience == "public":
        kept &= ~too_few(at, read.rough, grid.n)
    points, at = read.only(kept), at[kept]
    tell(40, "gi_star")
    near = weights(grid, question.rings)
    counts = np.bincount(at, minlength=grid.n).astype(np.float64)
    rates = smoothed(counts, amount) if question.exposure else None
    unit_of_sums = 0.0 if rates else 1.0
    values = rates.smooth if rates else counts
    star = gi_star(
        values, near, alpha=question.alpha, tails="pearson3", unit=unit_of_sums, runner=runner, parts=parts
    )
    history = None
    if question.steps:
        cube = _cube(question, points, at, amount)
        history = emerging(
            cube, near, alpha=question.alpha, tails="pearson3", unit=unit_of_sums, runner=runner, parts=parts
        )
    tell(55, "density")
    frame = frame_over(shapely.bounds(area))
    seen = density(points.x, points.y, frame, bandwidth_m=question.bandwidth_m, runner=runner, parts=parts)
    lines = contours(seen, SHARES)
    tell(65, "clusters")
    found = _clusters(question, points, runner=runner, parts=parts)
    outlines = hulls(found, points.x, points.y)
    tell(80, "storing")
    return Analysis(
        question, points.n, read.n - points.n, grid, counts, rates, unit, star, history,
        seen, tuple(lines), found, tuple(outlines),
    )  # fmt: skip


def too_few(at: Ints, rough: NDArray[np.bool_], cells: int) -> NDArray[np.bool_]:
    """(m,): requests with a rough place in a cell that has fewer than LEAST_SHOWN of those."""
    known = at >= 0
    there = np.bincount(at[known & rough], minlength=cells)
    return known & rough & (there[at] < LEAST_SHOWN)


def _cube(question: Question, points: Points, at: Ints, amount: Floats) -> Floats:
    """(cells, steps): counts, or steadied rates, in steps of equally many days that end with the period.

    The days before the first whole step are in no step.
    """
    length = question.days // question.steps
    step = (points.day - (question.days - length * question.steps)) // length
    known = step >= 0
    keys = at[known] * question.steps + step[known]
    flat = np.bincount(keys, minlength=len(amount) * question.steps)
    cube = flat.reshape(-1, question.steps).astype(np.float64)
    if not question.exposure:
        return cube
    # One family of bins, so that a rate means the same in every step.
    return smoothed(cube.ravel(), np.repeat(amount, question.steps)).smooth.reshape(cube.shape)


def _clusters(question: Question, points: Points, *, runner: Runner, parts: int) -> Clusters:
    """At the radius that was asked for, else at every distance."""
    if question.radius_m is None:
        return hdbscan(points.x, points.y, least=max(question.least, points.n // MOST_CLUSTERS))
    radius, least = question.radius_m, question.least
    return dbscan(points.x, points.y, radius_m=radius, least=least, runner=runner, parts=parts)
