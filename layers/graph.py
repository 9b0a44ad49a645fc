"""The published streets as a graph in memory: how far it is from each of some points to each other.

A street is cut wherever it meets another one at a vertex, so crossings are nodes whether or not the
register cut it there. Ends that nearly touch are joined (BRIDGE_M). Ways are taken in both
directions: the register of streets does not say which are one-way. Where no street leads, a
distance is the straight line times DETOUR, and `by_street` says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from django.conf import settings
from pyproj import Transformer
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree
from shapely.ops import substring

from geo_central.kernel.geo import WGS84, LngLat
from geo_central.kernel.sql import Query

VERSIONS = Query(__file__, "street_versions")
LINES = Query(__file__, "street_graph")

DETOUR = 1.3
"""A way over its straight line where no streets lead. In the demo city half of the ways through streets are
longer than 1.23 times their straight line, and one in twenty longer than 1.40 times."""

SNAP_M = 500.0
"""A point farther than this from every street is reached in a straight line."""

BRIDGE_M = 60.0
"""Pieces of the net whose ends come this close are taken as joined: a gap of drawing, not of land."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """From each point to each other: `metres` (n × n), and whether streets lead there."""

    metres: Floats
    by_street: npt.NDArray[np.bool_]
    _points: tuple[LngLat, ...]
    _joined: "_Joined | None"

    def line(self, start: int, end: int) -> list[tuple[float, float]]:
        """The way from one point to another as (lng, lat) in degrees, EPSG:4326; at least two."""
        ends = [(p.lng, p.lat) for p in (self._points[start], self._points[end])]
        if self._joined is None or start == end or not self.by_street[start, end]:
            return ends
        found = self._joined.walk(start, end)
        return [ends[0], *found, ends[1]]


def ways(points: Sequence[LngLat]) -> Ways:
    """The distances between points (EPSG:4326) through the published streets, in metres.

    One Dijkstra (1959) from each point; streets are read again when another version is published.
    """
    given = tuple(points)
    metric = np.column_stack(_project([p.lng for p in given], [p.lat for p in given])).reshape(-1, 2)
    straight = np.hypot(*(metric[:, None, :] - metric[None, :, :]).transpose(2, 0, 1)) * DETOUR
    graph = street_graph()
    if graph is None or not given:
        return Ways(straight, np.zeros(straight.shape, dtype=np.bool_), given, None)
    joined = _Joined(graph, metric)
    led = np.isfinite(joined.metres)
    return Ways(np.where(led, joined.metres, straight), led, given, joined)


def street_graph() -> "StreetGraph | None":
    """The graph of the versions that are published now; None where no streets are."""
    row = VERSIONS.one()
    return _kept(row.database, tuple(row.versions)) if row.versions else None


@dataclass(frozen=True, slots=True, eq=False)
class StreetGraph:
    """Pieces between nodes. `begins` and `ends` are nodes, `metres` lengths, `matrix` all of it twice.

    `shapes` are lines in degrees, `metric` the same in the city's metric SRID.
    """

    begins: Ints
    ends: Ints
    metres: Floats
    shapes: npt.NDArray[np.object_]
    tree: shapely.STRtree
    matrix: csr_matrix
    keys: Ints
    by_key: Ints

    @property
    def nodes(self) -> int:
        """How many crossings and ends there are."""
        return int(self.matrix.shape[0])

    def piece(self, one: int, other: int) -> int | None:
        """The shortest piece between two nodes; None for a bridge over a gap."""
        key = min(one, other) * self.nodes + max(one, other)
        at = int(np.searchsorted(self.keys, key))
        return int(self.by_key[at]) if at < len(self.keys) and self.keys[at] == key else None


@lru_cache(maxsize=2)
def _kept(database: int, versions: tuple[int, ...]) -> StreetGraph | None:
    rows = LINES.rows({"versions": list(versions)})
    shapes = shapely.from_wkb([bytes(r.shape) for r in rows])
    metric = shapely.from_wkb([bytes(r.metric) for r in rows])
    return build(shapes, metric) if len(rows) else None


def build(shapes: Sequence[shapely.LineString], metric: Sequence[shapely.LineString]) -> StreetGraph:
    """A graph of lines given in degrees and, vertex by vertex the same, in metres."""
    degrees, of = shapely.get_coordinates(shapes, return_index=True)
    metres = shapely.get_coordinates(metric)
    begins, ends, spans = _cut(np.round(metres * 10).astype(np.int64), of)
    places = np.unique(np.concatenate([begins, ends]))
    # A node is named by the first vertex that stands there.
    at = metres[places]
    a, b = np.searchsorted(places, begins), np.searchsorted(places, ends)
    lines = shapely.linestrings(degrees[spans.vertex], indices=spans.piece)
    flat = shapely.linestrings(metres[spans.vertex], indices=spans.piece)
    lengths = shapely.length(flat)
    joins = _bridges(a, b, at)
    matrix = _matrix(
        np.concatenate([a, joins.one]),
        np.concatenate([b, joins.other]),
        np.concatenate([lengths, joins.metres]),
        len(places),
    )
    keys = np.minimum(a, b) * len(places) + np.maximum(a, b)
    order = np.lexsort((lengths, keys))
    keys, first = np.unique(keys[order], return_index=True)
    return StreetGraph(a, b, lengths, lines, shapely.STRtree(flat), matrix, keys, order[first])


@dataclass(frozen=True, slots=True, eq=False)
class _Spans:
    """Which vertices each piece is made of."""

    vertex: Ints
    piece: Ints


def _cut(places: Ints, of: Ints) -> tuple[Ints, Ints, _Spans]:
    """Where lines begin, end or meet: the vertices at both ends of each piece, and its vertices.

    `places` are vertices to the decimetre, `of` the line of each. A vertex stands for all those in
    its place by the lowest number among them.
    """
    _, first, inverse, count = np.unique(
        places, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    inverse = inverse.reshape(-1)
    starts = np.r_[True, of[1:] != of[:-1]]
    stops = np.r_[of[1:] != of[:-1], True]
    is_node = starts | stops | (count[inverse] > 1)
    nodes = np.flatnonzero(is_node)
    pairs = np.flatnonzero(of[nodes[1:]] == of[nodes[:-1]])
    left, right = nodes[pairs], nodes[pairs + 1]
    sizes = right - left + 1
    piece = np.repeat(np.arange(len(left)), sizes)
    vertex = np.repeat(left, sizes) + np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return first[inverse[left]], first[inverse[right]], _Spans(vertex, piece)


@dataclass(frozen=True, slots=True, eq=False)
class _Joins:
    one: Ints
    other: Ints
    metres: Floats


def _bridges(a: Ints, b: Ints, at: Floats) -> _Joins:
    """For each part that the main net does not reach, its shortest way over a gap of at most BRIDGE_M."""
    count, part = connected_components(_matrix(a, b, np.ones(len(a)), len(at)), directed=False)
    main = np.bincount(part).argmax()
    inside, outside = np.flatnonzero(part == main), np.flatnonzero(part != main)
    if count == 1:
        return _Joins(outside, outside, np.empty(0))
    away, nearest = cKDTree(at[inside]).query(at[outside])
    order = np.lexsort((away, part[outside]))
    _, first = np.unique(part[outside][order], return_index=True)
    best = order[first]
    best = best[away[best] <= BRIDGE_M]
    return _Joins(outside[best], inside[nearest[best]], away[best])


def _matrix(a: Ints, b: Ints, metres: Floats, nodes: int) -> csr_matrix:
    """Both directions; of several pieces between two nodes the shortest. No length is zero."""
    one, other = np.concatenate([a, b]), np.concatenate([b, a])
    length = np.maximum(np.concatenate([metres, metres]), 1e-3)
    order = np.lexsort((length, other, one))
    one, other, length = one[order], other[order], length[order]
    first = np.r_[True, (one[1:] != one[:-1]) | (other[1:] != other[:-1])][: len(one)]
    return coo_matrix((length[first], (one[first], other[first])), shape=(nodes, nodes)).tocsr()


class _Joined:
    """Some points joined to the graph, each to the nearest piece, and the ways between them."""

    def __init__(self, graph: StreetGraph, metric: Floats) -> None:
        self.graph = graph
        self.count = len(metric)
        points = shapely.points(metric)
        which, piece = graph.tree.query_nearest(points, max_distance=SNAP_M, all_matches=False)
        self.piece = np.full(self.count, -1, dtype=np.int64)
        self.piece[which] = piece
        self.share = np.zeros(self.count)
        self.share[which] = shapely.line_locate_point(
            graph.tree.geometries[piece], points[which], normalized=True
        )
        found, self.before = dijkstra(
            self._with_points(), directed=True, indices=np.arange(self.count) + graph.nodes,
            return_predecessors=True,
        )  # fmt: skip
        self.metres: Floats = found[:, graph.nodes :]

    def _with_points(self) -> csr_matrix:
        """The graph with a node for each point, between the two ends of its piece."""
        g, at = self.graph, np.flatnonzero(self.piece >= 0)
        piece, share = self.piece[at], self.share[at]
        length = g.metres[piece]
        own = at + g.nodes
        ones, others = [own, own], [g.begins[piece], g.ends[piece]]
        metres = [share * length, (1 - share) * length]
        order = np.lexsort((share, piece))
        beside = np.flatnonzero(piece[order][1:] == piece[order][:-1])
        left, right = order[beside], order[beside + 1]
        ones.append(own[left])
        others.append(own[right])
        metres.append((share[right] - share[left]) * length[left])
        joins = _matrix(
            np.concatenate(ones), np.concatenate(others), np.concatenate(metres), g.nodes + self.count
        )
        base = csr_matrix(
            (g.matrix.data, g.matrix.indices, np.r_[g.matrix.indptr, [g.matrix.indptr[-1]] * self.count]),
            shape=joins.shape,
        )
        return base + joins

    def walk(self, start: int, end: int) -> list[tuple[float, float]]:
        """The vertices between two points that a way leads between."""
        n = self.graph.nodes
        node, chain = n + end, [n + end]
        while node != n + start:
            node = int(self.before[start, node])
            chain.append(node)
        chain.reverse()
        found: list[tuple[float, float]] = []
        for one, other in pairwise(chain):
            for place in self._between(one, other):
                if not found or found[-1] != place:
                    found.append(place)
        return found

    def _between(self, one: int, other: int) -> list[tuple[float, float]]:
        g, n = self.graph, self.graph.nodes
        if one < n and other < n:
            piece = g.piece(one, other)
            if piece is None:
                return []
            places = _places(g.shapes[piece])
            return places if g.begins[piece] == one else places[::-1]
        point = (one if one >= n else other) - n
        piece = int(self.piece[point])
        one_share, other_share = (self._share(node, point, piece) for node in (one, other))
        return _places(substring(g.shapes[piece], one_share, other_share, normalized=True))

    def _share(self, node: int, point: int, piece: int) -> float:
        if node >= self.graph.nodes:
            return float(self.share[node - self.graph.nodes])
        begins, ends = self.graph.begins[piece], self.graph.ends[piece]
        if begins == ends:  # a street that comes back to itself: by the shorter side
            return float(round(self.share[point]))
        return 0.0 if node == begins else 1.0


def _places(line: shapely.Geometry) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(line)]


@lru_cache(maxsize=4)
def _transformer(srid: int) -> Transformer:
    return Transformer.from_crs(WGS84, srid, always_xy=True)


def _project(lngs: Sequence[float], lats: Sequence[float]) -> tuple[Floats, Floats]:
    x, y = _transformer(settings.CITY.metric_srid).transform(np.asarray(lngs, float), np.asarray(lats, float))
    return np.asarray(x), np.asarray(y)
