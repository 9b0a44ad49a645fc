"""Addresses of tiles, filters of a query, and the setting of the basemap."""

from datetime import date

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from geo_central.kernel.errors import Invalid, NotFound
from maps.filters import HeatFilters, parse_filters
from maps.tiles.basemap import Basemap, parse_basemap, with_basemap
from maps.tiles.grid import MAX_ZOOM, Tile, parse_tile


@st.composite
def tiles(draw):
    z = draw(st.integers(0, MAX_ZOOM))
    return Tile(z, draw(st.integers(0, 2**z - 1)), draw(st.integers(0, 2**z - 1)))


@given(tiles())
def test_every_tile_is_read_back_from_its_address(tile):
    assert parse_tile(str(tile.z), str(tile.x), str(tile.y)) == tile


@given(tiles())
def test_neighbours_share_an_edge_exactly(tile):
    east, south = Tile(tile.z, tile.x + 1, tile.y).box, Tile(tile.z, tile.x, tile.y + 1).box
    assert tile.box.east == east.west
    assert tile.box.south == south.north
    assert tile.box.west < tile.box.east
    assert tile.box.south < tile.box.north


def test_the_world_is_one_tile():
    box = Tile(0, 0, 0).box
    assert (box.west, box.east) == (-180, 180)
    assert box.north == pytest.approx(85.0511287798)


@pytest.mark.parametrize(
    ("z", "x", "y"),
    [("21", "0", "0"), ("3", "8", "0"), ("3", "0", "8"), ("a", "0", "0"), ("-1", "0", "0"),
     ("1", "0.5", "0"), ("٣", "0", "0"), ("9" * 5000, "0", "0"), ("", "0", "0"), ("1", "+1", "0")],
)  # fmt: skip
def test_a_tile_that_does_not_exist_is_not_found(z, x, y):
    with pytest.raises(NotFound) as refused:
        parse_tile(z, x, y)
    assert refused.value.code == "tile.outside"


def test_no_filter_lets_everything_through():
    assert parse_filters(QueryDict("")) == HeatFilters()
    assert parse_filters(QueryDict("from=&to=&service=&theme=&state=")) == HeatFilters()
    assert HeatFilters().query() == ""


def test_the_last_day_is_included_on_the_citys_calendar():
    filters = parse_filters(QueryDict("from=2026-03-01&to=2026-03-31"))
    since, before = filters.opened
    assert since.isoformat() == "2026-03-01T00:00:00-03:00"
    assert before.isoformat() == "2026-04-01T00:00:00-03:00"


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(["all", "open", "closed"]))
def test_filters_are_read_back_from_their_own_address(day, state):
    filters = HeatFilters(day, day, state=state)
    assert parse_filters(QueryDict(filters.query())) == filters


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("from=2026-02-30", "from", "field.not_a_date"),
        ("to=ontem", "to", "field.not_a_date"),
        ("from=20260101", "from", "field.not_a_date"),
        ("from=0001-01-01", "from", "field.not_a_date"),
        ("to=9999-12-31", "to", "field.not_a_date"),
        ("from=2026-03-02&to=2026-03-01", "to", "period.backwards"),
        ("state=late", "state", "field.not_a_choice"),
        ("service=%00", "service", "service.unknown"),
        ("service=um%20dois", "service", "service.unknown"),
        ("theme=" + "a" * 65, "theme", "theme.unknown"),
        ("service=" + ",".join(f"s-{n}" for n in range(501)), "service", "service.unknown"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_by_name(query, field, code):
    with pytest.raises(Invalid) as refused:
        parse_filters(QueryDict(query))
    assert (refused.value.field, refused.value.code) == (field, code)


def test_our_own_basemap_needs_nobody():
    assert parse_basemap("own") == Basemap("own")
    policy = {"img-src": ["'self'"], "connect-src": ["'self'"], "default-src": ["'none'"]}
    assert with_basemap(policy, Basemap("own")) is policy


def test_an_operators_basemap_may_be_reached_and_nothing_else_of_it():
    basemap = parse_basemap("xyz:https://mapas.example.org:8443/a/{z}/{x}/{y}.png")
    policy = {"img-src": ["'self'"], "connect-src": ["'self'"], "default-src": ["'none'"]}
    assert basemap.origin == "https://mapas.example.org:8443"
    assert with_basemap(policy, basemap) == {
        "img-src": ["'self'", basemap.origin],
        "connect-src": ["'self'", basemap.origin],
        "default-src": ["'none'"],
    }


def test_an_archive_on_this_server_widens_nothing():
    assert parse_basemap("pmtiles:/static/base/city.pmtiles").origin == ""


@pytest.mark.parametrize(
    "setting",
    ["", "google", "own:https://a.example", "xyz:https://a.example/tile.png", "mvt:ftp://a/{z}/{x}/{y}",
     "pmtiles:city.pmtiles", "xyz://a.example/{z}/{x}/{y}", "xyz:https://a.example/{z}/{x}/{y}; script-src *",
     "xyz:https://{s}.example/{z}/{x}/{y}.png"],
)  # fmt: skip
def test_a_basemap_that_cannot_be_is_refused_when_the_process_starts(setting):
    with pytest.raises(ImproperlyConfigured):
        parse_basemap(setting)
