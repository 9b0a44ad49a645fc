"""Ways through the published streets: who is how far from whom, and by which corners."""

import pytest
import shapely

from geo_central.kernel.geo import LngLat
from layers import graph, operations
from layers.graph import ways
from layers.models import LayerVersion
from tests.geo import grid as drawing
from tests.geo.grid import NOON, STEP, Grid, point

pytestmark = pytest.mark.django_db

CHARACTER_M = 48.25  # one character to the east, in the city's metric system
LINE_M = 55.4  # one line to the south

SQUARE = """
    A-----B-----C
    |     |     |
    |  p  |     |
    |     |     |
    D-----E--q--F
"""


def streets(grid, named):
    """Published streets by name; they replace the ones before."""
    return drawing.streets_from(grid, {name: (letters, None, None) for name, letters in named.items()})


@pytest.fixture
def nothing(db):
    """No streets at all."""
    LayerVersion.objects.filter(layer__kind="street").update(state="retired")


@pytest.fixture
def square(nothing):
    grid = Grid(SQUARE)
    streets(
        grid, {"Rua Norte": "AC", "Rua Sul": "DEF", "Rua Oeste": "AD", "Rua Meio": "BE", "Rua Leste": "CF"}
    )
    return grid


def test_a_way_goes_along_the_streets_not_across_the_blocks(nothing):
    grid = Grid(SQUARE)
    streets(grid, {"Rua Norte": "ABC", "Rua Sul": "DEF", "Rua Oeste": "AD", "Rua Leste": "CF"})
    found = ways([point(grid, "B"), point(grid, "E")])
    assert found.metres[0, 1] == pytest.approx(12 * CHARACTER_M + 4 * LINE_M, rel=0.01)
    assert found.by_street.all()
    corners = [(round(x, 6), round(y, 6)) for x, y in found.line(0, 1)]
    assert corners[0] == pytest.approx(grid.xy("B")[0])
    assert corners[-1] == pytest.approx(grid.xy("E")[0])
    west = [(round(x, 6), round(y, 6)) for x, y in grid.xy("AD")]
    east = [(round(x, 6), round(y, 6)) for x, y in grid.xy("CF")]
    assert set(west) <= set(corners) or set(east) <= set(corners)


def test_it_is_as_far_there_as_back(square):
    found = ways([point(square, c) for c in "ACDFq"])
    assert found.metres == pytest.approx(found.metres.T)
    assert (found.metres.diagonal() == 0).all()


def test_two_points_of_one_street_are_as_far_as_the_street_between_them(square):
    one = LngLat(square.points["E"].lng + STEP, square.points["E"].lat)
    found = ways([one, point(square, "q"), one])
    assert found.metres[0, 1] == pytest.approx(2 * CHARACTER_M, rel=0.01)
    assert found.metres[0, 2] == pytest.approx(0, abs=0.01)


def test_streets_that_touch_at_a_vertex_meet_though_neither_ends_there(nothing):
    grid = Grid("""
          N
          |
        W-X-E
          |
          S
    """)
    streets(grid, {"Rua Leste": "WXE", "Rua Norte": "NXS"})
    found = ways([point(grid, "W"), point(grid, "N")])
    assert found.metres[0, 1] == pytest.approx(2 * CHARACTER_M + 2 * LINE_M, rel=0.01)


def test_a_gap_of_drawing_is_no_gap_of_land(nothing):
    grid = Grid("A----BC----D")
    streets(grid, {"Rua Um": "AB", "Rua Dois": "CD"})
    found = ways([point(grid, "A"), point(grid, "D")])
    assert found.by_street[0, 1]
    assert found.metres[0, 1] == pytest.approx(11 * CHARACTER_M, rel=0.01)


def test_where_no_street_leads_it_is_the_straight_line_and_a_detour(nothing):
    grid = Grid("A-----B          C-----D")
    streets(grid, {"Rua Ilha": "AB", "Rua Continente": "CD"})
    found = ways([point(grid, "B"), point(grid, "C")])
    assert not found.by_street[0, 1]
    assert found.metres[0, 1] == pytest.approx(graph.DETOUR * 11 * CHARACTER_M, rel=0.01)
    assert found.line(0, 1) == [*grid.xy("B"), *grid.xy("C")]


def test_without_streets_every_way_is_straight(nothing):
    grid = Grid("A         B")
    found = ways([point(grid, "A"), point(grid, "B")])
    assert not found.by_street.any()
    assert found.metres[0, 1] == pytest.approx(graph.DETOUR * 10 * CHARACTER_M, rel=0.01)


def test_new_streets_are_taken_in_the_same_second(square):
    ends = [point(square, "A"), point(square, "E")]
    before = ways(ends).metres[0, 1]
    version = streets(square, {"Rua Diagonal": "AE"})
    assert ways(ends).metres[0, 1] < before
    operations.retire(version.pk, NOON)
    assert not ways(ends).by_street.any()


def test_nobody_anywhere_is_nowhere_far(square):
    assert ways([]).metres.shape == (0, 0)


def test_the_way_drawn_is_as_long_as_the_way_told(db):
    """Through the demo city's own streets."""
    places = [
        LngLat(-51.2287, -30.0277),
        LngLat(-51.18, -30.05),
        LngLat(-51.22, -30.09),
        LngLat(-51.13, -30.01),
    ]
    found = ways(places)
    assert found.by_street.all()
    for n in range(3):
        x, y = graph._project(*zip(*found.line(n, n + 1)[1:-1], strict=True))
        drawn = shapely.length(shapely.linestrings(list(zip(x, y, strict=True))))
        assert drawn == pytest.approx(found.metres[n, n + 1], rel=0.02, abs=graph.BRIDGE_M)
