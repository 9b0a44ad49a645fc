"""Typed addresses find their street, their number and their side."""

import pytest
from django.conf import settings

from geo_central.kernel.geo import LngLat
from layers import operations
from layers.operations import StagedAddress
from layers.queries import place_at, places_at, search_address, street_svg
from tests.geo.grid import NOON, Grid, layer_from, point, streets_from

pytestmark = pytest.mark.django_db

GRID = Grid("""
    A---------B---------C

        X---Y        Z---W
""")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Av. Ipiranga, 1200", "Avenida Ipiranga, 1200"),
        ("ipiranga 1200", "Avenida Ipiranga, 1200"),
        ("ipirnaga 1200", "Avenida Ipiranga, 1200"),
        ("rua da republica 10", "Rua da República, 10"),
        ("R. Gal. Câmara 100", "Rua General Câmara, 100"),
        ("24 de outubro 1000", "Rua 24 de Outubro, 1000"),
        ("oswaldo aranha 1000", "Avenida Osvaldo Aranha, 1000"),
        ("pç xv de novembro", "Praça 15 de Novembro"),
        ("borges de medeiros", "Avenida Borges de Medeiros"),
        ("nilo pecanha 2000", "Avenida Doutor Nilo Peçanha, 2000"),
        ("protas", "Avenida Protásio Alves"),
    ],
)
def test_the_city_s_streets_are_found_as_citizens_write_them(text, first):
    assert search_address(text)[0].label == first


def test_a_number_stands_on_its_side_and_on_the_piece_that_has_it():
    streets_from(
        GRID,
        {"Rua Grande": ("AB", (1, 99), (2, 100)), "Rua Grande ": ("BC", (101, 199), (102, 200))},
    )
    odd, even = search_address("rua grande 51")[0], search_address("rua grande 50")[0]
    a, b = point(GRID, "A"), point(GRID, "B")
    assert a.lng < odd.lng < b.lng
    assert odd.lat < a.lat < even.lat
    assert odd.precision == even.precision == "interpolated"


def test_what_is_found_is_placed_where_it_says():
    for text in ("Av. Ipiranga, 1200", "rua da republica 150", "Rua dos Andradas, 1234"):
        match = search_address(text)[0]
        place = place_at(LngLat(match.lng, match.lat))
        assert place.street == match.street
        assert place.number % 2 == match.number % 2
        assert abs(place.number - match.number) <= 4


def test_a_number_that_the_street_does_not_have_gives_the_street():
    streets_from(GRID, {"Rua Grande": ("AB", (1, 99), (2, 100))})
    match = search_address("rua grande 5000")[0]
    assert (match.label, match.number, match.precision) == ("Rua Grande", None, "street")


def test_of_two_equals_the_near_one_comes_first():
    streets_from(GRID, {"Rua Igual": ("XY", None, None), "Beco Igual": ("ZW", None, None)})
    assert search_address("igual", near=point(GRID, "X"))[0].street == "Rua Igual"
    assert search_address("igual", near=point(GRID, "W"))[0].street == "Beco Igual"


CORNERS = Grid("""
    A---------B---------C
              |
        X-----Y-----Z
              |
              D
    E---F
""")


@pytest.mark.parametrize(
    "text",
    [
        "esquina da Lima e Silva com a República", "lima e silva x republica", "Lima e Silva esq. República",
        "republica / lima e silva",
    ],
)  # fmt: skip
def test_a_corner_of_the_city_is_found_however_it_is_said(text):
    match = search_address(text)[0]
    assert match.precision == "crossing"
    assert {"Rua General Lima e Silva", "Rua da República"} == set(match.label.split(", esquina com "))
    place = place_at(LngLat(match.lng, match.lat))
    assert place.street in match.label
    assert place.street_distance_m < 1


def test_a_corner_is_where_the_lines_meet():
    streets_from(CORNERS, {"Rua Comprida": ("ABC", None, None), "Rua Descida": ("BYD", None, None)})
    (match,) = search_address("comprida com descida")
    b = point(CORNERS, "B")
    assert (match.lng, match.lat) == pytest.approx((b.lng, b.lat), abs=1e-7)


def test_streets_that_never_meet_give_the_first_one():
    streets_from(CORNERS, {"Rua Comprida": ("ABC", None, None), "Rua Distante": ("EF", None, None)})
    match = search_address("comprida com distante")[0]
    assert (match.street, match.precision) == ("Rua Comprida", "street")


def test_a_neighbourhood_in_the_text_chooses_among_streets_of_one_name():
    layer_from(CORNERS, {"alto": "ACZX", "baixo": "XZDE"}, slug=settings.CITY.neighbourhood_layer)
    streets_from(CORNERS, {"Rua Um": ("AB", (1, 99), (2, 100)), "Rua Um Alves": ("EF", (1, 99), (2, 100))})
    assert search_address("um 50 alto")[0].street == "Rua Um"
    assert search_address("um alves 50 baixo")[0].street == "Rua Um Alves"
    assert search_address("rua um baixo")[0].street == "Rua Um Alves"


def houses(**points):
    """House numbers of the Rua Comprida at lettered points."""
    found = [
        StagedAddress("Rua Comprida", "comprida", int(n[1:]), "90000000", p.lng, p.lat)
        for n, p in points.items()
    ]
    version = operations.stage_addresses(slug="addresses", title="", source="test", addresses=found, now=NOON)
    operations.publish(version.pk, NOON)


def test_a_house_on_file_is_found_where_it_stands_and_the_next_ones_beside_it():
    streets_from(CORNERS, {"Rua Comprida": ("ABC", (1, 99), (2, 100))})
    houses(n10=point(CORNERS, "Y"), n20=point(CORNERS, "Z"))
    y, z = point(CORNERS, "Y"), point(CORNERS, "Z")
    exact, between, odd = (search_address(f"comprida {n}")[0] for n in (10, 16, 15))
    assert (exact.lng, exact.lat, exact.precision, exact.postcode) == (y.lng, y.lat, "point", "90000000")
    assert (between.precision, between.number) == ("interpolated", 16)
    assert between.lng == pytest.approx(y.lng + 0.6 * (z.lng - y.lng))
    assert between.lat == pytest.approx(y.lat)
    assert (odd.precision, odd.lat) == ("interpolated", pytest.approx(point(CORNERS, "A").lat, abs=2e-4))


def test_a_street_known_by_its_houses_alone_is_found():
    streets_from(CORNERS, {"Rua Descida": ("BYD", None, None)})
    houses(n10=point(CORNERS, "E"))
    e = point(CORNERS, "E")
    for text in ("comprida 10", "comprida", "rua comprida 500"):
        match = search_address(text)[0]
        assert (match.street, match.lng, match.lat) == ("Rua Comprida", e.lng, e.lat), text


def test_a_place_beside_a_house_on_file_has_its_address():
    streets_from(CORNERS, {"Rua Descida": ("BYD", (1, 99), (2, 100))})
    houses(n10=point(CORNERS, "B"))
    at_house, away = place_at(point(CORNERS, "B")), place_at(point(CORNERS, "Y"))
    assert (at_house.address, at_house.postcode) == ("Rua Comprida, 10", "90000000")
    assert away.street == "Rua Descida"
    assert places_at([point(CORNERS, "B"), point(CORNERS, "Y")]) == [at_house, away]


def test_a_cep_gives_its_streets():
    place = place_at(LngLat(*settings.CITY.centre))
    found = search_address(f"{place.postcode[:5]}-{place.postcode[5:]}")
    assert found[0].postcode == place.postcode
    assert found[0].precision == "postcode"
    assert place.postcode[:5] in found[0].label


@pytest.mark.parametrize("text", ["", "   ", "?", "%", "_", "\\", "'; --", "x" * 10_000, "zzzzzzqq"])
def test_what_means_nothing_finds_nothing(text):
    assert search_address(text) == []


def test_a_near_point_at_the_end_of_the_world_is_ignored():
    assert search_address("ipiranga", near=LngLat(0, 90))


def test_searching_is_one_statement(statements):
    with statements() as seen:
        search_address("Av. Ipiranga, 1200", near=LngLat(*settings.CITY.centre))
    assert len(seen) == 1


def test_the_small_map_names_its_streets_and_styles_nothing():
    picture = street_svg(LngLat(*settings.CITY.centre))
    assert picture.startswith("<svg")
    assert "<title>Mapa do local: " in picture
    assert "style" not in picture
    assert 1000 < len(picture) < 8000


def test_names_in_the_small_map_are_escaped():
    streets_from(GRID, {'Rua <b>"Grande"&': ("ABC", None, None)})
    assert "<b>" not in street_svg(point(GRID, "B"))
