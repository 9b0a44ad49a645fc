"""What becomes of hotspots: trends by hand, the words for each history, and cubes that were drawn."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from maps.analytics.emerging import emerging, mann_kendall, pattern_of
from maps.analytics.gi_star import gi_star, weights
from maps.analytics.grid import grid_over

TOWN = shapely.box(0, 0, 6000, 6000)


def by_hand(series):
    """S and its variance, from their definitions."""
    n = len(series)
    s = sum((b > a) - (b < a) for i, a in enumerate(series) for b in series[i + 1 :])
    ties = [series.count(v) for v in set(series)]
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    if not variance or not s:
        return s, 0.0
    return s, (s - math.copysign(1, s)) / math.sqrt(variance)


@given(st.lists(st.lists(st.integers(0, 5), min_size=9, max_size=9), min_size=1, max_size=8))
def test_the_trend_is_mann_and_kendalls(rows):
    found = mann_kendall(np.array(rows, dtype=float))
    for at, row in enumerate(rows):
        s, z = by_hand(row)
        assert found.s[at] == s
        assert found.z[at] == pytest.approx(z, abs=1e-12)


def test_kendalls_s_is_scipys():
    from scipy.stats import kendalltau

    series = np.random.default_rng(4).normal(size=(20, 15))
    for at, s in enumerate(mann_kendall(series).s):
        assert s == pytest.approx(kendalltau(range(15), series[at]).statistic * 15 * 14 / 2)


HISTORIES = [
    ("..........", "..........", 0, ""),
    (".........#", "..........", 0, "new"),
    (".......###", "..........", 0, "consecutive"),
    ("##########", "..........", 0, "persistent"),
    ("##########", "..........", 3, "intensifying"),
    ("##########", "..........", -3, "diminishing"),
    (".#########", "..........", 0, "persistent"),
    ("#########.", "..........", 0, "historical"),
    ("#..#.....#", "..........", 0, "sporadic"),
    ("#..#....##", "..........", 0, "sporadic"),
    ("#..#.....#", "......#...", 0, "oscillating"),
    ("#..#......", "..........", 0, ""),
]


@pytest.mark.parametrize(("hot", "cold", "trend", "word"), HISTORIES)
def test_the_words_for_histories(hot, cold, trend, word):
    read = [np.array([[c == "#" for c in text]]) for text in (hot, cold)]
    p = np.array([0.001 if trend else 1.0])
    assert pattern_of(*read, np.array([float(trend)]), p, 0.05).tolist() == [word]


def a_city_with(history, seed=7, quiet=20, busy=40):
    """A cube of noise with one busy place, as busy as `history` says at each step."""
    grid = grid_over(TOWN, kind="hex", cell_m=300)
    place = np.hypot(*(grid.centres() - (3000, 3000)).T) < 650
    cube = np.random.default_rng(seed).poisson(quiet, (grid.n, len(history))).astype(float)
    cube += place[:, None] * np.array(history) * busy
    heart = np.hypot(*(grid.centres() - (3000, 3000)).T) < 200
    return grid, cube, heart, place


@pytest.mark.parametrize(
    ("history", "word"),
    [
        ([0] * 11 + [2], "hot_new"),
        ([0] * 8 + [1] * 4, "hot_consecutive"),
        ([1] * 12, "hot_persistent"),
        ([0.8 + 0.2 * k for k in range(12)], "hot_intensifying"),
        ([3.2 - 0.2 * k for k in range(12)], "hot_diminishing"),
        ([1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1], "hot_sporadic"),
        ([1, -0.5, -0.5, 0, 0, 0, 0, 0, 0, 0, 0, 1], "hot_oscillating"),
        ([1] * 11 + [0], "hot_historical"),
        ([0] * 8 + [-0.5] * 4, "cold_consecutive"),
    ],
)
def test_a_place_gets_the_word_of_its_history(history, word):
    grid, cube, heart, place = a_city_with(history)
    near = weights(grid)
    found = emerging(cube, near, alpha=0.01, back=0)
    assert set(found.pattern[heart].tolist()) == {word}
    far = ~place & (np.hypot(*(grid.centres() - (3000, 3000)).T) > 1300)
    assert (found.pattern[far] != "").mean() < 0.01


def test_without_looking_back_one_step_is_gi_star():
    grid, cube, _, _ = a_city_with([1])
    near = weights(grid)
    found = emerging(cube, near, back=0)
    assert np.allclose(found.z[:, 0], gi_star(cube[:, 0], near).z, atol=1e-9)


def test_looking_back_sums_the_step_before():
    grid, cube, _, _ = a_city_with([0.3, 0.6, 0.9])
    near = weights(grid)
    found = emerging(cube, near, back=1)
    around = near @ cube
    n, mean, s = cube.size, cube.mean(), cube.std()
    w = 2 * np.diff(near.indptr)
    expected = (around[:, 1] + around[:, 2] - mean * w) / (s * np.sqrt((n * w - w**2) / (n - 1)))
    assert np.allclose(found.z[:, 2], expected, atol=1e-9)


@pytest.mark.parametrize("parts", [2, 5])
def test_shared_out_it_is_the_same_to_the_last_bit(parts):
    grid, cube, _, _ = a_city_with([0, 1, 0.5, 2])
    near = weights(grid)
    whole, shared = emerging(cube, near), emerging(cube, near, parts=parts)
    assert (whole.z == shared.z).all()
    assert (whole.trend.p == shared.trend.p).all()
    assert (whole.pattern == shared.pattern).all()
