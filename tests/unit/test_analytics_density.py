"""Density against a sum by hand, its bandwidth, and contours that hold what they say."""

import math

import numpy as np
import pytest
import shapely

from geo_central.kernel.errors import Invalid
from maps.analytics.density import bandwidth, contours, density, frame_over

FRAME = frame_over((0, 0, 8000, 6000), side=256)


def some_points(n=3000, seed=2):
    dice = np.random.default_rng(seed)
    return dice.normal(4000, 700, n), dice.normal(3000, 500, n)


def test_a_pixel_has_the_sum_of_the_kernels():
    """Points in the middle of pixels, so that nothing is rounded."""
    dice = np.random.default_rng(1)
    x = (dice.integers(0, FRAME.width, 500) + 0.5) * FRAME.pixel_m
    y = (dice.integers(0, FRAME.height, 500) + 0.5) * FRAME.pixel_m
    h = 400.0
    found = density(x, y, FRAME, bandwidth_m=h)
    col, row = dice.integers(0, FRAME.width, 40), dice.integers(0, FRAME.height, 40)
    px, py = (col + 0.5) * FRAME.pixel_m, (row + 0.5) * FRAME.pixel_m
    squared = (px[:, None] - x) ** 2 + (py[:, None] - y) ** 2
    expected = np.exp(-squared / (2 * h * h)).sum(axis=1) / (2 * math.pi * h * h) * 1e6
    assert np.abs(found.values[row, col] - expected).max() < 2e-4 * expected.max()


def test_nothing_comes_round_from_the_other_side():
    found = density(np.array([5.0]), np.array([5.0]), FRAME, bandwidth_m=300)
    assert found.values[0, 0] > 1
    assert found.values[:, -1].max() < 1e-5
    assert found.values[-1].max() < 1e-5


def test_all_points_are_in_the_sum():
    x, y = some_points()
    found = density(x, y, FRAME, bandwidth_m=200)
    assert found.n == 3000
    assert found.values.sum() * FRAME.pixel_m**2 / 1e6 == pytest.approx(3000, rel=1e-3)
    assert found.rule == "given"


def test_points_outside_the_frame_are_not_counted():
    found = density(np.array([-1.0, 9000, 100]), np.array([10.0, 10, 6001]), FRAME, bandwidth_m=200)
    assert found.n == 0
    assert contours(found) == []


def test_the_bandwidth_is_silvermans():
    x, y = some_points(20_000)
    s = math.sqrt((x.var() + y.var()) / 2)
    far = np.median(np.hypot(x - np.median(x), y - np.median(y))) / math.sqrt(2 * math.log(2))
    assert bandwidth(x, y) == pytest.approx(min(s, far) * 20_000 ** (-1 / 6))
    assert density(x, y, FRAME).rule == "silverman"


def test_a_few_far_points_do_not_blur_the_rest():
    x, y = some_points()
    far = np.concatenate((x, np.full(30, 900_000.0))), np.concatenate((y, np.full(30, 900_000.0)))
    assert bandwidth(*far) == pytest.approx(bandwidth(x, y), rel=0.1)


@pytest.mark.parametrize("metres", [1.0, 1e6, float("nan")])
def test_a_bandwidth_that_means_nothing_is_refused(metres):
    with pytest.raises(Invalid) as refused:
        density(*some_points(), FRAME, bandwidth_m=metres)
    assert refused.value.field == "bandwidth"


def test_a_contour_holds_its_share_of_the_points():
    x, y = some_points(40_000)
    drawn = contours(density(x, y, FRAME, bandwidth_m=100), (0.25, 0.5, 0.9))
    assert [c.share for c in drawn] == [0.25, 0.5, 0.9]
    assert drawn[0].level > drawn[1].level > drawn[2].level
    for c in drawn:
        assert c.shape.is_valid
        inside = shapely.contains_xy(c.shape, x, y).mean()
        assert inside == pytest.approx(c.share, abs=0.03)


def test_contours_close_at_the_frames_edge():
    x, y = np.full(50, 2.0), np.full(50, 3000.0)
    (contour,) = contours(density(x, y, FRAME, bandwidth_m=300), (0.5,))
    assert contour.shape.is_valid
    assert contour.shape.area > 0


def test_counted_by_parts_it_is_the_same():
    x, y = some_points()
    whole, shared = density(x, y, FRAME), density(x, y, FRAME, parts=4)
    assert (whole.values == shared.values).all()
