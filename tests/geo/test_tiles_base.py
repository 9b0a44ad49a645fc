"""Basemap tiles: what is in them, at which zoom, and whose edition."""

import pytest
from django.conf import settings
from django.db import connection

from maps.tiles.base import Editions, base_tile, editions
from maps.tiles.grid import Tile
from tests.factories.mvt import decode
from tests.geo.test_tiles_heat import cell_of

pytestmark = pytest.mark.django_db


def tile_at(z, lng=None, lat=None):
    from django.contrib.gis.geos import Point

    lng, lat = (lng, lat) if lng is not None else settings.CITY.centre
    x, y = cell_of(Point(lng, lat), z)
    return Tile(z, x // 64, y // 64)


def layers_of(tile):
    return decode(base_tile(tile, editions()).plain)


@pytest.mark.parametrize("z", [8, 10, 12, 14, 16, 18, 20])
def test_the_city_has_ground_at_every_zoom(z):
    assert [f.kind for f in layers_of(tile_at(z))["municipality"]] == [3]


def test_the_ground_carries_the_citys_name():
    (ground,) = layers_of(tile_at(12))["municipality"]
    assert ground.properties == {"name": settings.CITY.name}


def test_from_afar_only_the_main_streets_are_drawn():
    assert {f.properties["class"] for f in layers_of(tile_at(11))["streets"]} == {"major"}
    assert {f.properties["class"] for f in layers_of(tile_at(14))["streets"]} == {"major", "minor"}


def test_close_by_every_street_is_drawn():
    tile = tile_at(15)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT s.name FROM layers_street s
                JOIN layers_layerversion v ON v.id = s.version_id AND v.state = 'active'
               WHERE s.name <> '' AND ST_Intersects(s.geom, ST_MakeEnvelope(%s, %s, %s, %s, 4326))""",
            [tile.box.west, tile.box.south, tile.box.east, tile.box.north],
        )
        names = {name for (name,) in cursor.fetchall()}
    assert names <= {f.properties.get("name") for f in layers_of(tile)["streets"]}


def test_a_street_is_one_feature_however_many_corners_it_has():
    names = [f.properties["name"] for f in layers_of(tile_at(14))["streets"] if "name" in f.properties]
    assert len(names) == len(set(names)) > 50


def test_areas_have_borders_once_and_one_label_each():
    areas = layers_of(tile_at(13))["areas"]
    borders = [f for f in areas if f.kind == 2]
    labels = [f for f in areas if f.kind == 1]
    assert len(borders) == 1
    assert all(set(f.properties) == {"code", "name"} for f in labels)
    assert "name" not in borders[0].properties


def test_every_area_of_the_city_has_its_label_in_exactly_one_tile():
    corner, far = tile_at(11, *settings.CITY.bounds[:2]), tile_at(11, *settings.CITY.bounds[2:])
    codes = [
        f.properties["code"]
        for x in range(corner.x, far.x + 1)
        for y in range(far.y, corner.y + 1)
        for f in layers_of(Tile(11, x, y)).get("areas", [])
        if f.kind == 1
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code FROM layers_feature WHERE version_id = ANY (%s)", [list(editions().areas)]
        )
        assert sorted(codes) == sorted(code for (code,) in cursor.fetchall())


def test_outside_the_city_a_tile_is_empty():
    assert base_tile(tile_at(14, -40.0, -20.0), editions()).plain == b""
    assert base_tile(Tile(20, 0, 0), editions()).plain == b""


def test_a_tile_with_nothing_published_is_empty():
    assert base_tile(tile_at(14), Editions((), (), ())).plain == b""


@pytest.mark.parametrize("z", [8, 10, 12, 13, 14, 16])
def test_tiles_stay_light_for_a_phone(z):
    assert len(base_tile(tile_at(z), editions()).gzipped) < 64 * 1024


@pytest.mark.parametrize("z", [14, 16])
def test_a_tile_is_one_statement_and_reads_streets_by_an_index(z, statements):
    tile = tile_at(z)
    base_tile.cache_clear()
    of = editions()
    with statements() as seen:
        base_tile(tile, of)
        base_tile(tile, of)
    assert len(seen) == 1
    from maps.tiles import base

    with connection.cursor() as cursor:
        params = {
            "z": tile.z, "x": tile.x, "y": tile.y, "boundary": list(of.boundary), "areas": list(of.areas),
            "streets": list(of.streets), "major": base.MAJOR, "middle": base.MIDDLE,
        }  # fmt: skip
        cursor.execute("EXPLAIN " + base._TILE.text, params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on layers_street" not in plan, plan
