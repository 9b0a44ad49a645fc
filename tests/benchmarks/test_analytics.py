"""Hotspots, density and clusters, each beside the library that is their measure."""

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely

from maps.analytics.clusters import dbscan
from maps.analytics.density import density, frame_over
from maps.analytics.emerging import emerging
from maps.analytics.gi_star import gi_star, weights
from maps.analytics.grid import Grid, grid_over
from maps.analytics.scaling import runner_at
from tests.benchmarks.conftest import Report

CITY = shapely.box(465_000, 1_640_000, 497_000, 1_686_500)
CELLS = 25_000


def milliseconds(run: Callable[[], Any], times: int) -> float:
    """The best of some runs."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return min(took) * 1000


def clustered(n: int, seed: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Points as requests are: seven in ten around two hundred places, the others anywhere."""
    dice = np.random.default_rng(seed)
    west, south, east, north = CITY.bounds
    places = dice.uniform((west, south), (east, north), (200, 2))
    which = dice.integers(0, 200, n)
    points = places[which] + dice.normal(0, dice.uniform(50, 800, 200)[which][:, None], (n, 2))
    anywhere = dice.random(n) < 0.3
    points[anywhere] = dice.uniform((west, south), (east, north), (int(anywhere.sum()), 2))
    return points[:, 0].copy(), points[:, 1].copy()


@pytest.fixture(scope="module")
def hexagons() -> Grid:
    """About 25,000 cells."""
    return grid_over(CITY, kind="hex", cell_m=259)


def test_gi_star_beside_pysals(hexagons: Grid, report: Report) -> None:
    near = weights(hexagons)
    counts = np.bincount(np.maximum(hexagons.locate(*clustered(1_000_000)), 0), minlength=hexagons.n)
    values = counts.astype(float)
    assert hexagons.n >= CELLS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.getisord import G_Local
        from libpysal.weights import W

        lists = np.split(near.indices, near.indptr[1:-1])
        theirs_near = W({i: [j for j in a.tolist() if j != i] for i, a in enumerate(lists)})

        def theirs() -> Any:
            return G_Local(values, theirs_near, transform="B", star=True, permutations=0)

        floor = milliseconds(theirs, 2)
        assert np.abs(theirs().Zs - gi_star(values, near).z).max() < 1e-9
    took = milliseconds(lambda: gi_star(values, near), 20)
    report("analytics.gi_star", took, "ms", target=10, floor=floor)
    report("analytics.gi_star.over_esda", floor / took, "x", target=50, floor=1, at_most=False)
    report("analytics.weights", milliseconds(lambda: weights(hexagons), 5), "ms", target=50, floor=floor)
    cube = np.random.default_rng(1).poisson(3, (hexagons.n, 12)).astype(float)
    report("analytics.emerging", milliseconds(lambda: emerging(cube, near), 5), "ms", target=200, floor=took)


def test_the_density_of_a_million_points(report: Report) -> None:
    x, y = clustered(1_000_000)
    west, south, _, north = CITY.bounds
    frame = frame_over((west, south, west + north - south, north))
    assert (frame.width, frame.height) == (1024, 1024)
    edges = [np.linspace(west, west + north - south, 1025), np.linspace(south, north, 1025)]
    floor = milliseconds(lambda: np.histogram2d(x, y, bins=edges), 2)  # counting alone, by numpy
    took = milliseconds(lambda: density(x, y, frame), 7)
    report("analytics.kde", took, "ms", target=60, floor=floor)


def test_two_hundred_thousand_points_in_clusters(report: Report) -> None:
    from sklearn.cluster import DBSCAN

    x, y = clustered(200_000)
    points = np.column_stack((x, y))
    floor = milliseconds(lambda: DBSCAN(eps=60, min_samples=10).fit(points), 1)
    took = milliseconds(lambda: dbscan(x, y, radius_m=60, least=10), 4)
    assert (
        dbscan(x, y, radius_m=60, least=10).labels == DBSCAN(eps=60, min_samples=10).fit(points).labels_
    ).all()
    report("analytics.dbscan", took, "ms", target=500, floor=floor)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("n", [200_000, 1_000_000])
def test_from_which_size_a_cluster_pays(n: int, report: Report) -> None:
    """The same clusters by two workers on this machine; ratio below 1: the cluster is faster."""
    from distributed import LocalCluster

    x, y = clustered(n)
    floor = milliseconds(lambda: dbscan(x, y, radius_m=60, least=10), 1)
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options) as cluster, runner_at(cluster.scheduler_address) as (runner, parts):
        took = milliseconds(lambda: dbscan(x, y, radius_m=60, least=10, runner=runner, parts=parts), 2)
    report(f"analytics.dbscan.two_workers.{n}", took, "ms", target=floor, floor=floor)
