"""Which area owns a point: inside, on borders, in holes, under overlaps, outside the city."""

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from geo_central.kernel.errors import Invalid, Unready
from geo_central.kernel.geo import LngLat
from layers import operations
from layers.models import LayerVersion
from layers.queries import area_geojson, areas_of, place_at, places_at, published_versions
from tests.geo.grid import NOON, Grid, assets_from, layer_from, point, streets_from

pytestmark = pytest.mark.django_db

TWO_NEIGHBOURS = Grid("""
    A--------B--------E
    |        |        |
    |   p    q    r   |
    |        |        |
    D--------C--------F
""")


def zone(place):
    area = place.area("zones")
    return area and area.code


def test_a_point_inside_an_area_is_in_it():
    layer_from(TWO_NEIGHBOURS, {"west": "ABCD", "east": "BEFC"})
    assert zone(place_at(point(TWO_NEIGHBOURS, "p"))) == "west"
    assert zone(place_at(point(TWO_NEIGHBOURS, "r"))) == "east"


@pytest.mark.parametrize("letter", ["q", "B", "C"])
def test_a_point_on_a_shared_border_belongs_to_the_lowest_code(letter):
    layer_from(TWO_NEIGHBOURS, {"west": "ABCD", "east": "BEFC"})
    assert zone(place_at(point(TWO_NEIGHBOURS, letter))) == "east"


def test_rank_comes_before_code_on_a_border():
    layer_from(TWO_NEIGHBOURS, {"west": ("ABCD", 1), "east": ("BEFC", 2)})
    assert zone(place_at(point(TWO_NEIGHBOURS, "q"))) == "west"


def test_the_order_of_loading_does_not_decide_a_border():
    for order in (["west", "east"], ["east", "west"]):
        rings = {"west": "ABCD", "east": "BEFC"}
        layer_from(TWO_NEIGHBOURS, {code: rings[code] for code in order})
        assert zone(place_at(point(TWO_NEIGHBOURS, "q"))) == "east"


def test_in_a_hole_the_layer_is_absent_and_the_others_are_not():
    grid = Grid("""
        A--------------B
        |   E------F   |
        | o |  h   |   |
        |   H------G   |
        D--------------C
    """)
    layer_from(grid, {"ring": "ABCD/EFGH"})
    place = place_at(point(grid, "h"))
    assert place.area("zones") is None
    assert place.area(settings.CITY.boundary_layer) is not None
    assert zone(place_at(point(grid, "o"))) == "ring"


def test_where_areas_overlap_the_lowest_rank_wins():
    grid = Grid("""
        A-----E-----B-----F
        |     |  o  |     |
        D-----H-----C-----G
    """)
    layer_from(grid, {"under": ("ABCD", 5), "over": ("EFGH", 1)})
    assert zone(place_at(point(grid, "o"))) == "over"


def test_every_layer_gives_at_most_one_area():
    layer_from(TWO_NEIGHBOURS, {"west": "ABCD", "east": "BEFC"})
    layer_from(TWO_NEIGHBOURS, {"all": "AEFD"}, slug="wholes")
    layers = [a.layer for a in place_at(point(TWO_NEIGHBOURS, "q")).areas]
    assert len(layers) == len(set(layers))
    assert {"zones", "wholes", settings.CITY.boundary_layer} <= set(layers)


def test_a_point_outside_the_city_is_refused_with_the_field():
    with pytest.raises(Invalid) as refused:
        place_at(LngLat(-46.63, -23.55))
    assert (refused.value.code, refused.value.field) == ("place.outside_city", "lat")


@pytest.mark.parametrize("far", [LngLat(0, 0), LngLat(180, 90), LngLat(-180, -90), LngLat(129, 30)])
def test_a_point_at_the_end_of_the_world_is_refused_and_not_an_error(far):
    with pytest.raises(Invalid, match=r"place\.outside_city"):
        place_at(far)
    assert places_at([far]) == [None]


def test_exchanged_coordinates_are_recognised():
    lng, lat = settings.CITY.centre
    with pytest.raises(Invalid, match=r"place\.swapped"):
        place_at(LngLat(lat, lng))


def test_without_a_published_boundary_the_system_says_it_is_not_ready():
    operations.retire(published_versions()[settings.CITY.boundary_layer], NOON)
    lng, lat = settings.CITY.centre
    with pytest.raises(Unready, match=r"place\.no_boundary"):
        place_at(LngLat(lng, lat))
    with pytest.raises(Unready, match=r"place\.no_boundary"):
        places_at([LngLat(lng, lat)])


STREET = Grid("""
             n

       A---w----e---B     P

             s
""")


def test_a_house_takes_its_number_from_the_side_it_stands_on():
    streets_from(STREET, {"Rua Direita": ("AB", (1, 99), (2, 100))})
    north, south = place_at(point(STREET, "n")), place_at(point(STREET, "s"))
    assert (north.street, north.number % 2) == ("Rua Direita", 0)
    assert (south.street, south.number % 2) == ("Rua Direita", 1)
    assert 40 <= south.number <= 60
    assert south.address == f"Rua Direita, {south.number}"


def test_numbers_grow_with_the_line_whichever_way_it_was_drawn():
    streets_from(STREET, {"Rua Direita": ("AB", (1, 99), (2, 100))})
    west, east = place_at(point(STREET, "w")).number, place_at(point(STREET, "e")).number
    streets_from(STREET, {"Rua Direita": ("BA", (1, 99), (2, 100))})
    assert west < east
    assert place_at(point(STREET, "w")).number > place_at(point(STREET, "e")).number


def test_a_street_without_numbers_is_an_address_without_one():
    streets_from(STREET, {"Rua Direita": ("AB", None, None)})
    assert place_at(point(STREET, "n")).address == "Rua Direita"


def test_far_from_any_street_there_is_no_address():
    streets_from(STREET, {"Rua Direita": ("AB", None, None)})
    place = place_at(point(STREET, "P"))
    assert (place.street, place.number, place.address, place.street_distance_m) == ("", None, "", None)


def test_assets_near_come_nearest_first_and_the_far_ones_do_not():
    grid = Grid("1p 2      3")
    assets_from(grid, "123", near_m=120)
    near = place_at(point(grid, "p")).assets
    assert [a.code for a in near] == ["1", "2"]
    assert near[0].distance_m == pytest.approx(48, abs=2)


MESSY = Grid("""
    A------B------C
    |      |  E-F |
    |   K--+--H-G |
    |   |  |  |   |
    I---+--J--+---L
        M-----N
""")


@hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(st.integers(-2, 34), st.integers(-2, 14)), min_size=1, max_size=40))
def test_many_points_at_once_get_the_answers_they_get_one_by_one(db, cells):
    """Half steps of the drawing: corners, borders, holes, overlaps and the outside are all hit."""
    if "zones" not in published_versions():
        layer_from(MESSY, {"b-west": "ABJI", "a-east": "BCLJ/EFGH", "over": ("KHNM", 3)})
    west, north = settings.CITY.centre
    points = [LngLat(west + x * 0.00025, north - y * 0.00025) for x, y in cells]
    points += [LngLat(-46.6, -23.5)]
    assert places_at(points) == [*map(place_at, points[:-1]), None]
    assert [p and p.areas for p in places_at(points, streets=False)] == [
        p and p.areas for p in places_at(points)
    ]


def test_no_points_no_places():
    assert places_at([]) == []


def test_the_demo_city_has_no_hole_between_its_bairros():
    boundary, *_ = LayerVersion.objects.filter(layer__slug="municipality", state="active")
    inside = boundary.features.get()
    for slug, count in (("bairros", 85), ("regions", 17)):
        version = LayerVersion.objects.get(layer__slug=slug, state="active")
        total = sum(version.features.values_list("area_m2", flat=True))
        assert version.features.count() == count
        assert total == pytest.approx(inside.area_m2, abs=10)
    assert all(ring.num_interior_rings == 0 for ring in inside.geom)


def test_areas_are_listed_by_name_and_written_as_geojson():
    names = [a.name for a in areas_of("regions")]
    assert len(names) == 17
    assert "Humaitá/Navegantes" in names
    assert '"regiao-16"' in area_geojson("regions", 20)
    assert len(area_geojson("regions", 20)) < len(area_geojson("regions"))
