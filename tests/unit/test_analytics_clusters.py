"""Clusters with scikit-learn's labels, cut into strips or not, and outlines that hold their points."""

import warnings

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_central.kernel.errors import TooLarge
from maps.analytics import clusters
from maps.analytics.clusters import dbscan, hdbscan, hulls


def theirs(x, y, radius_m, least):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sklearn.cluster import DBSCAN
    return DBSCAN(eps=radius_m, min_samples=least).fit(np.column_stack((x, y))).labels_


def blobs(n=4000, seed=9):
    dice = np.random.default_rng(seed)
    middles = dice.uniform(0, 6000, (12, 2))
    points = middles[dice.integers(0, 12, n)] + dice.normal(0, 180, (n, 2))
    points[: n // 4] = dice.uniform(-500, 6500, (n // 4, 2))
    return dice.permutation(points).T.copy()


@pytest.mark.parametrize(("radius", "least"), [(40, 5), (80, 10), (150, 30), (400, 3), (10, 1)])
@pytest.mark.parametrize("parts", [1, 3])
def test_the_labels_are_scikit_learns(radius, least, parts):
    x, y = blobs()
    found = dbscan(x, y, radius_m=radius, least=least, parts=parts)
    assert (found.labels == theirs(x, y, radius, least)).all()


spots = st.tuples(st.integers(0, 12), st.integers(0, 12))


@given(st.lists(spots, min_size=1, max_size=80), st.sampled_from([1.2, 2.5]), st.integers(1, 6), st.integers(1, 4))  # noqa: E501 # fmt: skip
def test_points_in_one_place_are_counted_each(drawn, radius, least, parts):
    """On a lattice, with many in one place and borders between clusters; never exactly at the radius."""
    x, y = np.array(drawn, dtype=float).T
    found = dbscan(x, y, radius_m=radius, least=least, parts=parts)
    assert (found.labels == theirs(x, y, radius, least)).all()


def test_no_points_have_no_clusters():
    assert dbscan(np.empty(0), np.empty(0), radius_m=50, least=5).count == 0
    assert hdbscan(np.empty(0), np.empty(0)).count == 0


def test_a_radius_too_long_for_points_so_dense_is_refused(monkeypatch):
    monkeypatch.setattr(clusters, "MOST_PAIRS", 1000)
    with pytest.raises(TooLarge):
        dbscan(*blobs(), radius_m=500, least=5)


def test_a_dense_city_is_cut_so_that_memory_does_not_grow(monkeypatch):
    monkeypatch.setattr(clusters, "_PAIRS_AT_ONCE", 3000)
    x, y = blobs()
    found = dbscan(x, y, radius_m=80, least=10)
    assert (found.labels == theirs(x, y, 80, 10)).all()


def test_of_many_points_a_part_is_read_and_all_are_counted(monkeypatch):
    monkeypatch.setattr(clusters, "SAMPLED", 1000)
    dice = np.random.default_rng(5)
    middles = np.array([(0, 0), (3000, 0), (0, 3000)])
    which = dice.integers(0, 3, 3000)
    x, y = (middles[which] + dice.normal(0, 100, (3000, 2))).T.copy()
    found = hdbscan(x, y, least=240)
    assert found.every == 3
    assert (found.labels[1::3] == -1).all()
    drawn = hulls(found, x, y)
    assert len(drawn) == 3
    assert all(500 < hull.n < 1100 for hull in drawn)


def test_hdbscan_finds_the_places_that_were_drawn():
    dice = np.random.default_rng(5)
    middles = np.array([(0, 0), (3000, 0), (0, 3000), (2500, 2500)])
    which = dice.integers(0, 4, 2000)
    x, y = (middles[which] + dice.normal(0, np.array([30, 80, 150, 60])[which][:, None], (2000, 2))).T
    found = hdbscan(x, y, least=60)
    assert found.count == 4
    for place in range(4):
        mine = found.labels[which == place]
        assert (mine == np.bincount(mine[mine >= 0]).argmax()).mean() > 0.8


def test_an_outline_holds_the_points_of_its_cluster():
    x, y = blobs()
    found = dbscan(x, y, radius_m=80, least=10)
    drawn = hulls(found, x, y)
    assert [h.n for h in drawn] == sorted((h.n for h in drawn), reverse=True)
    assert sum(h.n for h in drawn) == (found.labels >= 0).sum()
    for hull in drawn:
        assert hull.shape.geom_type == "Polygon"
        assert hull.shape.is_valid
        mine = found.labels == hull.label
        assert shapely.contains_xy(hull.shape.buffer(1), x[mine], y[mine]).mean() > 0.95


def test_a_cluster_in_one_place_or_on_a_line_has_an_outline_too():
    x, y = np.concatenate((np.zeros(20), np.arange(20) * 5.0 + 1000)), np.zeros(40)
    drawn = hulls(dbscan(x, y, radius_m=12, least=4), x, y)
    assert len(drawn) == 2
    assert all(h.shape.geom_type == "Polygon" and h.shape.area > 100 for h in drawn)
