"""A million points find their areas among the 94 official bairros, the regions and the municipality."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.core.management import call_command

from geo_central.kernel.geo import LngLat
from layers.models import LayerVersion
from layers.queries import areas_at, places_at
from tests.benchmarks.conftest import Report

OFFICIAL = Path(__file__).resolve().parents[3] / "shared/data/territory/poa_bairros_lc12112_16_official.zip"
POINTS = 1_000_000


@pytest.fixture
def official(db: None) -> None:
    """The bairros of Lei 12.112/2016; the demo's own where the file is not here."""
    if OFFICIAL.is_file():
        call_command(
            "load_layer", str(OFFICIAL), "--layer", "bairros", "--name-field", "NOME", "--title-case",
            "--publish", verbosity=0,
        )  # fmt: skip


def best(run: Callable[[], object], times: int = 3) -> float:
    """Points a second in the best of some runs."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return POINTS / min(took)


def test_a_million_points_find_their_areas(official: None, report: Report) -> None:
    version = LayerVersion.objects.get(layer__slug="bairros", state="active")
    areas = shapely.from_wkb([bytes(f.geom.wkb) for f in version.features.all()])
    west, south, east, north = shapely.total_bounds(areas)
    chance = np.random.default_rng(94)
    x, y = chance.uniform(west, east, POINTS), chance.uniform(south, north, POINTS)
    tree = shapely.STRtree(areas)
    floor = best(lambda: tree.query(shapely.points(x, y), predicate="intersects"), 1)
    began = time.perf_counter()
    found = areas_at(x, y)
    first = POINTS / (time.perf_counter() - began)
    assert len(found.sets) > len(areas)
    rate = best(lambda: areas_at(x, y))
    report("routing.place_bulk", rate, "points/s", target=400_000, floor=floor, at_most=False)
    report("routing.place_bulk.first", first, "points/s", target=400_000, floor=floor, at_most=False)
    points = [LngLat(*p) for p in zip(x.tolist(), y.tolist(), strict=True)]
    rate = best(lambda: places_at(points, streets=False), 2)
    report("routing.place_bulk.values", rate, "points/s", target=400_000, floor=floor, at_most=False)
