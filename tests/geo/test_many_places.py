"""Many points at once: the grid in memory says what PostGIS says of each point, whatever is read."""

import numpy as np
import pytest
import shapely
from django.conf import settings

from geo_central.kernel.errors import Invalid, Unready
from geo_central.kernel.geo import LngLat
from layers import atlas, operations
from layers.models import LayerVersion
from layers.queries import areas_at, place_at, places_at, published_versions
from tests.geo.grid import NOON, Grid, layer_from, point

HALVES = Grid("""
    A---B---C
    |   | q |
    D---E---F
""")
DRAFT = {"west": "ABED", "east": "BCFE"}


@pytest.fixture
def drawn(db, monkeypatch):
    """Even a few points are found by the grid."""
    monkeypatch.setattr(atlas, "WORTH_A_GRID", 1)
    atlas.chart.cache_clear()
    yield
    atlas.chart.cache_clear()


def spots(count, seed=7):
    """Points all over the city's box, and as many on and beside vertices of its borders."""
    rng = np.random.default_rng(seed)
    version = LayerVersion.objects.get(layer__slug="bairros", state="active")
    shapes = [bytes(f.geom.wkb) for f in version.features.all()]
    vertices = shapely.get_coordinates(shapely.from_wkb(shapes))
    chosen = vertices[rng.integers(0, len(vertices), count)]
    beside = chosen + rng.choice([0.0, 1e-12, -1e-12, 1e-6, -1e-6], chosen.shape)
    west, south = vertices.min(axis=0) - 0.02
    east, north = vertices.max(axis=0) + 0.02
    return np.vstack([beside, rng.uniform((west, south), (east, north), (count, 2))])


def test_the_grid_agrees_with_postgis_on_borders_and_everywhere(drawn):
    points = [LngLat(x, y) for x, y in spots(300).tolist()]
    found = places_at(points, streets=False)
    for spot, place in zip(points, found, strict=True):
        try:
            alone = place_at(spot).areas
        except Invalid:
            alone = None
        assert (place and place.areas) == alone, spot


def test_the_grid_agrees_with_measuring_every_point(drawn):
    x, y = spots(20_000, seed=11).T
    for layer, version in published_versions().items():
        one = atlas.chart(0, version, layer)
        if len(one.shapes) and one.turns.size:
            assert (one.owners(x, y) == one.exactly(x, y)).all()


def test_far_points_lie_outside(drawn):
    x, y = np.array([0.0, 180.0, -180.0, -51.2]), np.array([0.0, 90.0, -90.0, 89.0])
    assert list(areas_at(x, y)) == [None] * 4


def test_another_version_is_read_instead_of_the_published_one(db):
    layer_from(HALVES, {"all": "ACFD"})
    draft = layer_from(HALVES, DRAFT, publish=False)
    spot = point(HALVES, "q")
    by = {"zones": draft.pk}
    assert [p.area("zones").code for p in places_at([spot], streets=False)] == ["all"]
    assert places_at([spot], streets=False, instead=by)[0].area("zones").code == "east"
    assert places_at([spot], instead=by)[0].area("zones").code == "east"


def test_a_staged_boundary_of_the_city_says_who_is_outside(db):
    small = layer_from(HALVES, {"city": "BCFE"}, slug="small", publish=False)
    slug = settings.CITY.boundary_layer
    LayerVersion.objects.filter(pk=small.pk).update(layer_id=published_layer(slug))
    lng, lat = settings.CITY.centre
    away = LngLat(lng - 0.01, lat)
    assert places_at([away], streets=False)[0] is not None
    assert places_at([away], streets=False, instead={slug: small.pk}) == [None]


def published_layer(slug):
    return LayerVersion.objects.get(layer__slug=slug, state="active").layer_id


def test_without_a_published_boundary_nothing_is_found(db):
    operations.retire(published_versions()[settings.CITY.boundary_layer], NOON)
    with pytest.raises(Unready, match=r"place\.no_boundary"):
        areas_at([-51.2], [-30.0])
