"""Clusters of points in metres: DBSCAN at a distance, HDBSCAN at every one, and their outlines."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo_central.kernel.errors import TooLarge

from .grid import Floats, Ints
from .scaling import Runner, here

# Beyond so many pairs, about two minutes of work, the radius is too long for points so dense.
MOST_PAIRS = 120_000_000
# So many pairs are worked on at a time: some 400 MB.
_PAIRS_AT_ONCE = 6_000_000
# Of more points HDBSCAN reads evenly spaced ones: so many take it some five seconds.
SAMPLED = 100_000
HULL_RATIO = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """`labels` (n,): the cluster of each point, from 0; -1 for those in none. `method` and its
    parameters: `radius_m` (0 where every distance was tried), `least` points; `every`: one in so many
    points was read."""

    labels: Ints
    method: str
    radius_m: float
    least: int
    every: int = 1

    @property
    def n(self) -> int:
        """How many points."""
        return len(self.labels)

    @property
    def count(self) -> int:
        """How many clusters."""
        return int(self.labels.max(initial=-1)) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Hull:
    """The outline of one cluster: its number, its points, and a polygon in metres."""

    label: int
    n: int
    shape: shapely.Geometry

    @property
    def per_km2(self) -> float:
        """Points per square kilometre of the outline."""
        return self.n / max(float(self.shape.area) / 1e6, 1e-6)


@dataclass(frozen=True, slots=True, eq=False)
class _Strip:
    """What a strip's worker found: its core points, a forest that joins core points, and which
    core points each of its other points is near to."""

    core: Ints
    joins: Ints
    reached: Ints


def dbscan(
    x: Floats, y: Floats, *, radius_m: float, least: int, runner: Runner = here, parts: int = 1
) -> Clusters:
    """DBSCAN (Ester, Kriegel, Sander & Xu 1996, KDD-96:226-231): points with at least `least` points
    within `radius_m`, themselves included, are cores; cores that near are one cluster.

    The labels are scikit-learn's: clusters in the order of their first core, and a point near the
    cores of several belongs to the first of those. Points in one place are handled as one with a
    weight. With `parts` the city is cut into strips, each with its neighbourhood, for the runner's
    workers; joined, they give the same labels. Dense cities are cut in any case, so that memory does
    not grow with the number of pairs. Raises TooLarge `hotspots.too_dense` where more
    than MOST_PAIRS pairs lie within the radius.
    """
    if not len(x):
        return Clusters(np.empty(0, dtype=np.int64), "dbscan", radius_m, least)
    spots, at, weight = _spots(x, y)
    order = np.argsort(spots[:, 0], kind="stable")
    parts = max(parts, _strips_for(spots, radius_m))
    strips = [
        (spots[own], weight[own], own, low, high, radius_m, least)
        for own, low, high in _strips(spots[:, 0], order, radius_m, parts)
    ]
    found = runner(_strip, strips)
    n = len(spots)
    core = np.zeros(n, dtype=bool)
    core[np.concatenate([s.core for s in found])] = True
    joins = np.concatenate([s.joins for s in found])
    component = _components(joins[:, 0], joins[:, 1], n)
    # The first point, in the caller's order, that lies in each spot.
    first = np.full(n, len(x), dtype=np.int64)
    np.minimum.at(first, at, np.arange(len(x)))
    label = _numbered(component, core, first)
    of_spot = np.where(core, label, n)
    reached = np.concatenate([s.reached for s in found])
    np.minimum.at(of_spot, reached[:, 0], label[reached[:, 1]])
    of_spot[of_spot == n] = -1
    return Clusters(of_spot[at], "dbscan", radius_m, least)


def hdbscan(x: Floats, y: Floats, *, least: int = 50, cautious: int = 10) -> Clusters:
    """HDBSCAN* (Campello, Moulavi & Sander 2013, PAKDD LNAI 7819:160-172): clusters of at least `least`
    points at whichever distance each has, so that no radius is chosen.

    Of the tree of clusters the leaves are taken, those that hold no two others: the usual choice,
    the most lasting ones, makes one cluster of a whole inner city.
    `cautious` is the number of neighbours that a point's own density is read from. Points in one
    place stay apart. Of more than SAMPLED points evenly spaced ones are read, in the order given, and as
    many fewer make a cluster; the others are in no cluster.
    """
    every = -(-len(x) // SAMPLED)
    if every > 1:
        labels = np.full(len(x), -1, dtype=np.int64)
        fewer = max(cautious, round(least / every))
        labels[::every] = hdbscan(x[::every], y[::every], least=fewer, cautious=cautious).labels
        return Clusters(labels, "hdbscan", 0.0, least, every)
    if len(x) <= max(least, cautious):
        return Clusters(np.full(len(x), -1, dtype=np.int64), "hdbscan", 0.0, least)
    import hdbscan as library

    found = library.HDBSCAN(
        min_cluster_size=least,
        min_samples=cautious,
        algorithm="boruvka_kdtree",
        cluster_selection_method="leaf",
        core_dist_n_jobs=1,
    ).fit_predict(np.column_stack((x, y)))
    return Clusters(np.asarray(found, dtype=np.int64), "hdbscan", 0.0, least)


def hulls(found: Clusters, x: Floats, y: Floats) -> list[Hull]:
    """The outlines of the clusters, those with most points first; of clusters of a sample, `n` are all
    points inside.

    Concave hulls (shapely's, ratio HULL_RATIO) of points rounded to the metre; a cluster whose
    points lie on one line is drawn 15 m wide.
    """
    if found.every > 1:
        return _counted(_outlines(found, x, y), x, y)
    return sorted(_outlines(found, x, y), key=lambda hull: (-hull.n, hull.label))


def _outlines(found: Clusters, x: Floats, y: Floats) -> list[Hull]:
    drawn = []
    order = np.argsort(found.labels, kind="stable")
    starts = np.searchsorted(found.labels[order], np.arange(found.count + 1))
    for label in range(found.count):
        mine = order[starts[label] : starts[label + 1]]
        spots = np.unique(np.column_stack((x[mine], y[mine])).round(), axis=0)
        shape = shapely.concave_hull(shapely.multipoints(spots), ratio=HULL_RATIO)
        if shape.geom_type != "Polygon":
            shape = shapely.buffer(shapely.convex_hull(shapely.multipoints(spots)), 15.0, quad_segs=4)
        drawn.append(Hull(label, len(mine), shape))
    return drawn


def _counted(drawn: list[Hull], x: Floats, y: Floats) -> list[Hull]:
    """The same outlines with all the points that lie inside."""
    tree = shapely.STRtree(shapely.points(x, y))
    inside = [len(tree.query(hull.shape, predicate="covers")) for hull in drawn]
    counted = [Hull(hull.label, n, hull.shape) for hull, n in zip(drawn, inside, strict=True)]
    return sorted(counted, key=lambda hull: (-hull.n, hull.label))


def _spots(x: Floats, y: Floats) -> tuple[Floats, Ints, Ints]:
    """(spots, at, weight): the distinct places, the place of each point, and how many lie there."""
    order = np.argsort(x + 1j * y)  # by x, then y
    along, up = x[order], y[order]
    fresh = np.ones(len(x), dtype=bool)
    fresh[1:] = (along[1:] != along[:-1]) | (up[1:] != up[:-1])
    at = np.empty(len(x), dtype=np.int64)
    at[order] = np.cumsum(fresh) - 1
    return np.column_stack((along[fresh], up[fresh])), at, np.bincount(at, minlength=int(fresh.sum()))


def _strips(along: Floats, order: Ints, radius_m: float, parts: int) -> list[tuple[Ints, float, float]]:
    """(members, low, high): strips of equally many spots from west to east, each with all spots less
    than two radii beyond its own, low <= x < high."""
    n = len(order)
    parts = max(1, min(parts, n))
    ordered = along[order]
    cuts = [-np.inf, *(float(ordered[n * k // parts]) for k in range(1, parts)), np.inf]
    found = []
    for low, high in pairwise(cuts):
        if low < high:
            room = 2.001 * radius_m
            a, b = np.searchsorted(ordered, [low - room, high + room])
            found.append((np.sort(order[a:b]), low, high))
    return found


def _strip(
    spots: Floats, weight: Ints, name: Ints, low: float, high: float, radius_m: float, least: int
) -> _Strip:
    """One strip. Spots up to one radius outside are judged rightly, and their joins told too."""
    tree = cKDTree(spots, leafsize=16, balanced_tree=False)
    n = len(spots)
    pairs = tree.query_pairs(radius_m, output_type="ndarray")
    a, b = np.ascontiguousarray(pairs.T)
    around = weight + np.bincount(a, weight[b], n) + np.bincount(b, weight[a], n)
    core = around >= least
    own = (spots[:, 0] >= low) & (spots[:, 0] < high)
    mine = own[a] | own[b]
    both = core[a] & core[b] & mine
    component = _components(a[both], b[both], n)
    root = np.full(int(component.max(initial=-1)) + 1, n, dtype=np.int64)
    np.minimum.at(root, component, np.arange(n))
    mates = np.flatnonzero(core & (root[component] != np.arange(n)))
    near = np.concatenate((pairs[core[b] & ~core[a]], pairs[core[a] & ~core[b]][:, ::-1]))
    near = near[own[near[:, 0]]]
    return _Strip(
        core=name[core & own],
        joins=np.column_stack((name[mates], name[root[component[mates]]])),
        reached=name[near],
    )


def _strips_for(spots: Floats, radius_m: float) -> int:
    """In how many strips so many pairs fit into memory, judged by a thousand of the spots."""
    tree = cKDTree(spots, leafsize=32, balanced_tree=False, compact_nodes=False)
    some = spots[:: max(1, len(spots) // 1000)]
    about = float(np.mean(tree.query_ball_point(some, radius_m, return_length=True))) * len(spots) / 2
    if about > MOST_PAIRS:
        raise TooLarge("hotspots.too_dense", limit=MOST_PAIRS)
    return 1 + int(about / _PAIRS_AT_ONCE)


def _components(a: Ints, b: Ints, n: int) -> Ints:
    """(n,): the connected component of each of n things joined by the links a to b."""
    links = scipy.sparse.coo_array(
        (np.ones(len(a)), (a.astype(np.int32), b.astype(np.int32))), shape=(n, n)
    ).tocsr()
    return np.asarray(connected_components(links, directed=False)[1])


def _numbered(component: Ints, core: NDArray[np.bool_], first: Ints) -> Ints:
    """(n,): for core spots the number of their cluster, clusters being in the order of the first point."""
    begins = np.full(int(component.max(initial=-1)) + 1, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(begins, component[core], first[core])
    rank = np.empty(len(begins), dtype=np.int64)
    rank[np.argsort(begins, kind="stable")] = np.arange(len(begins))
    return rank[component]
