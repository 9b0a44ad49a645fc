"""The same analyses in this process and on a Dask cluster of two workers: the same bits."""

import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
import shapely

from maps.analytics.clusters import dbscan
from maps.analytics.density import density, frame_over
from maps.analytics.emerging import emerging
from maps.analytics.gi_star import gi_star, weights
from maps.analytics.grid import grid_over
from maps.analytics.scaling import Runner, runner_at
from tests.server import ROOT, free_port

TOWN = shapely.box(0, 0, 9000, 7000)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A scheduler and two workers, each a process of its own."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    quiet = {**os.environ, "DASK_LOGGING__DISTRIBUTED": "error", "PYTHONPATH": str(ROOT)}
    nowhere = ["--no-dashboard"]
    worker = [address, "--nthreads", "1", "--no-nanny", *nowhere]
    commands = [
        ["scheduler", "--host", "127.0.0.1", "--port", str(port), *nowhere],
        ["worker", *worker],
        ["worker", *worker],
    ]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + name, *rest],
            cwd=ROOT, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for name, *rest in commands
    ]  # fmt: skip
    yield address
    for process in reversed(started):
        process.terminate()
        process.wait(15)


@pytest.fixture(scope="module")
def cluster(scheduler: str) -> Iterator[tuple[Runner, int]]:
    deadline = time.monotonic() + 60
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while True:
            try:
                with runner_at(scheduler) as (runner, parts):
                    if parts == 2:
                        yield runner, parts
                        return
            except OSError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)


@pytest.fixture(scope="module")
def points() -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(3)
    middles = dice.uniform((500, 500), (8500, 6500), (9, 2))
    drawn = middles[dice.integers(0, 9, 5000)] + dice.normal(0, 200, (5000, 2))
    return drawn[:, 0].copy(), drawn[:, 1].copy()


@pytest.mark.parametrize("tails", ["normal", "pearson3"])
def test_gi_star(cluster, points, tails):
    runner, parts = cluster
    grid = grid_over(TOWN, kind="hex", cell_m=150)
    near = weights(grid)
    at = grid.locate(*points)
    counts = np.bincount(at[at >= 0], minlength=grid.n) / 3
    alone = gi_star(counts, near, tails=tails)
    shared = gi_star(counts, near, tails=tails, runner=runner, parts=parts)
    assert (alone.z == shared.z).all()
    assert (alone.significant == shared.significant).all()
    assert shared.hot.any()


def test_histories(cluster):
    runner, parts = cluster
    grid = grid_over(TOWN, kind="square", cell_m=300)
    near = weights(grid)
    cube = np.random.default_rng(1).poisson(2, (grid.n, 8)) / 7
    alone, shared = emerging(cube, near), emerging(cube, near, runner=runner, parts=parts)
    assert (alone.z == shared.z).all()
    assert (alone.trend.s == shared.trend.s).all()
    assert (alone.pattern == shared.pattern).all()


def test_density(cluster, points):
    runner, parts = cluster
    frame = frame_over(TOWN.bounds, side=256)
    alone, shared = density(*points, frame), density(*points, frame, runner=runner, parts=parts)
    assert (alone.values == shared.values).all()
    assert alone.n == shared.n > 4000


def test_clusters(cluster, points):
    runner, parts = cluster
    alone = dbscan(*points, radius_m=60, least=8)
    shared = dbscan(*points, radius_m=60, least=8, runner=runner, parts=parts)
    assert alone.count > 5
    assert (alone.labels == shared.labels).all()


def test_where_nobody_answers_it_is_said():
    with pytest.raises(OSError), runner_at(f"tcp://127.0.0.1:{free_port()}", patience=0.5):
        pass
