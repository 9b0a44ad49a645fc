"""Hotspots against PySAL on the same weights, and the rule that keeps false alarms few."""

import warnings

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_central.kernel.errors import Invalid, TooLarge
from maps.analytics.gi_star import discoveries, gi_star, two_sided, weights
from maps.analytics.grid import grid_over
from maps.analytics.rates import smoothed

TOWN = shapely.Polygon([(0, 0), (5200, 300), (6100, 4800), (2500, 6400), (-800, 3000)])


def some_counts(n, seed=3):
    dice = np.random.default_rng(seed)
    return dice.poisson(dice.gamma(1.5, 2, n)).astype(float)


def pysal(near):
    """The same weights as PySAL's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from libpysal.weights import W

        lists = {i: near.indices[near.indptr[i] : near.indptr[i + 1]].tolist() for i in range(near.shape[0])}
        return W({i: [j for j in around if j != i] for i, around in lists.items()}, silence_warnings=True)


@pytest.mark.parametrize("kind", ["hex", "square"])
@pytest.mark.parametrize("rings", [1, 2])
def test_z_is_pysals_to_nine_decimals(kind, rings):
    grid = grid_over(TOWN, kind=kind, cell_m=180)
    near, values = weights(grid, rings), some_counts(grid.n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.getisord import G_Local

        theirs = G_Local(values, pysal(near), transform="B", star=True, permutations=0)
    ours = gi_star(values, near)
    assert np.abs(ours.z - theirs.Zs).max() < 1e-9
    assert np.abs(ours.p / 2 - theirs.p_norm).max() < 1e-9


def test_the_cutoff_is_pysals():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.util import fdr
    p = np.concatenate((np.random.default_rng(5).random(400), np.random.default_rng(6).random(60) * 1e-3))
    called, cutoff = discoveries(p, 0.05)
    assert (called == (p <= fdr(p, 0.05))).all()
    assert cutoff == p[called].max()


def test_the_rule_of_benjamini_and_hochberg_on_their_own_example():
    """Fifteen p-values of their paper (1995, section 4.2): four are called at 0.05."""
    p = [.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719,
         .6528, .7590, 1]  # fmt: skip
    called, cutoff = discoveries(np.array(p), 0.05)
    assert called.sum() == 4
    assert cutoff == 0.0095


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.sampled_from([0.01, 0.05, 0.2]))
def test_what_is_called_is_the_smallest_of_all(p, alpha):
    p = np.array(p)
    called, _ = discoveries(p, alpha)
    k = [k for k in range(1, len(p) + 1) if np.sort(p)[k - 1] <= alpha * k / len(p)]
    assert called.sum() == ((p <= np.sort(p)[max(k) - 1]).sum() if k else 0)


def test_noise_has_no_hotspots_and_a_real_one_is_found():
    grid = grid_over(TOWN, kind="hex", cell_m=180)
    near = weights(grid)
    noise = np.random.default_rng(1).poisson(20, grid.n).astype(float)
    assert gi_star(noise, near, alpha=0.01).significant.sum() <= 2
    middle = np.hypot(*(grid.centres() - (2500, 3000)).T) < 500
    found = gi_star(noise + 15 * middle, near, alpha=0.01)
    assert found.hot[middle].mean() > 0.9
    assert not found.hot[np.hypot(*(grid.centres() - (2500, 3000)).T) > 900].any()
    assert found.n == grid.n
    assert 6 < found.neighbours < 7


def test_where_all_are_equal_nothing_is_hot():
    grid = grid_over(TOWN, kind="hex", cell_m=500)
    found = gi_star(np.full(grid.n, 7.3), weights(grid))
    assert not found.z.any()
    assert not found.significant.any()
    assert found.cutoff == 0


@pytest.mark.parametrize("requests", [6, 30, 300])
def test_a_few_requests_anywhere_are_not_hotspots(requests):
    """Under the normal distribution a single request in an empty city is one."""
    grid = grid_over(TOWN, kind="hex", cell_m=100)
    near = weights(grid)
    alarms = {"normal": 0, "pearson3": 0}
    for seed in range(20):
        anywhere = np.random.default_rng(seed).integers(0, grid.n, requests)
        counts = np.bincount(anywhere, minlength=grid.n).astype(float)
        for tails in alarms:
            alarms[tails] += gi_star(counts, near, tails=tails, unit=1).significant.any()
    assert alarms["normal"] == 20
    assert alarms["pearson3"] <= 2


def test_the_chance_of_skewed_counts_is_that_of_permutations():
    grid = grid_over(TOWN, kind="hex", cell_m=180)
    near = weights(grid)
    dice = np.random.default_rng(12)
    counts = dice.poisson(dice.gamma(0.3, 2, grid.n)).astype(float)
    found = gi_star(counts, near, tails="pearson3", unit=1)
    inner = np.diff(near.indptr) == 7
    sums = (near @ counts)[inner]
    drawn = np.concatenate([counts[dice.permutation(grid.n)][: grid.n // 7 * 7].reshape(-1, 7).sum(1) for _ in range(3000)])  # noqa: E501 # fmt: skip
    for value in np.unique(sums)[np.unique(sums) > 12]:
        simulated = 2 * (drawn >= value).mean()
        if simulated > 2e-4:
            ours = found.p[inner][sums == value][0]
            assert simulated / 2 < ours < simulated * 2.5


@pytest.mark.parametrize("parts", [2, 3, 7])
def test_shared_out_it_is_the_same_to_the_last_bit(parts):
    grid = grid_over(TOWN, kind="hex", cell_m=180)
    near, values = weights(grid), some_counts(grid.n) / 3
    assert (gi_star(values, near, parts=parts).z == gi_star(values, near).z).all()


@pytest.mark.parametrize("alpha", [0.0, 0.3, float("nan")])
def test_a_level_that_means_nothing_is_refused(alpha):
    with pytest.raises(Invalid) as refused:
        discoveries(two_sided(np.array([3.0])), alpha)
    assert refused.value.field == "alpha"


def test_rates_are_steadied_as_pysal_does():
    dice = np.random.default_rng(8)
    exposure = dice.gamma(2, 300, 500)
    counts = dice.poisson(exposure * dice.gamma(4, 0.004, 500)).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.smoothing import Empirical_Bayes

        theirs = Empirical_Bayes(counts, exposure).r.ravel()
    ours = smoothed(counts, exposure)
    assert np.abs(ours.smooth - theirs).max() < 1e-12
    assert (np.abs(ours.smooth - ours.mean) <= np.abs(ours.raw - ours.mean) + 1e-15).all()


def test_a_cell_without_a_street_has_the_rate_of_the_city():
    found = smoothed(np.array([5.0, 0, 90, 2]), np.array([100.0, 0, 300, 200]))
    assert np.isnan(found.raw[1])
    assert found.smooth[1] == found.mean == 97 / 600


def test_rates_that_differ_by_chance_alone_are_one_rate():
    found = smoothed(np.array([10.0, 11, 9, 10]), np.array([100.0, 100, 100, 100]))
    assert found.between == 0
    assert (found.smooth == found.mean).all()


@pytest.mark.parametrize("kind", ["hex", "square"])
def test_every_point_lies_in_the_cell_that_says_so(kind):
    grid = grid_over(TOWN, kind=kind, cell_m=400)
    dice = np.random.default_rng(2)
    x, y = dice.uniform(-1500, 7000, 4000), dice.uniform(-1000, 7500, 4000)
    number = grid.locate(x, y)
    cells = grid.polygons()
    points = shapely.points(x, y)
    assert (shapely.distance(cells[number[number >= 0]], points[number >= 0]) < 1e-6).all()
    assert (number[shapely.covers(TOWN, points)] >= 0).all()
    assert not shapely.within(points[number < 0], shapely.union_all(cells).buffer(-1e-6)).any()


@pytest.mark.parametrize("kind", ["hex", "square"])
def test_cells_cover_the_area_without_a_gap(kind):
    grid = grid_over(TOWN, kind=kind, cell_m=400)
    cells = grid.polygons()
    assert np.allclose(shapely.area(cells), grid.area_m2)
    assert abs(shapely.union_all(cells).area - grid.n * grid.area_m2) < 1
    assert shapely.union_all(cells).buffer(0.01).covers(TOWN)


@pytest.mark.parametrize(("kind", "around"), [("hex", [7, 19, 37]), ("square", [9, 25, 49])])
def test_rings_have_as_many_neighbours_as_they_should(kind, around):
    grid = grid_over(TOWN, kind=kind, cell_m=300)
    for rings, expected in enumerate(around, 1):
        here, there = grid.neighbours(rings)
        assert np.bincount(here).max() == expected
        apart = np.hypot(*(grid.centres()[here] - grid.centres()[there]).T) / 300
        assert apart.max() <= rings * (2**0.5 if kind == "square" else 1) + 1e-9
        assert set(zip(here, there, strict=True)) == set(zip(there, here, strict=True))


def test_a_cell_has_the_same_code_in_every_area():
    one = grid_over(TOWN, kind="hex", cell_m=400)
    other = grid_over(shapely.box(2000, 2000, 3000, 3000), kind="hex", cell_m=400)
    assert set(other.codes()) <= set(one.codes())


def test_sizes_that_no_city_needs_are_refused():
    with pytest.raises(Invalid):
        grid_over(TOWN, kind="triangle", cell_m=400)
    with pytest.raises(Invalid):
        grid_over(TOWN, kind="hex", cell_m=float("nan"))
    with pytest.raises(TooLarge):
        grid_over(shapely.box(0, 0, 100_000, 100_000), kind="hex", cell_m=25)
