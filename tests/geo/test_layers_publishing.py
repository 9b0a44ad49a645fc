"""A version is staged, compared and published; readers see the old one or the new one, never none."""

import pytest
from django.db import connection

from geo_central.kernel.errors import Conflict, Invalid, NotFound
from layers import operations
from layers.models import FeaturePart, Layer, LayerVersion
from layers.queries import place_at, published_version
from tests.geo.grid import NOON, Grid, layer_from, point

pytestmark = pytest.mark.django_db

GRID = Grid("""
    A-----B-----E
    |  p  |  q  |
    D-----C-----F
""")


def test_a_draft_is_not_read_until_it_is_published():
    layer_from(GRID, {"old": "ABCD"})
    draft = layer_from(GRID, {"new": "ABCD"}, publish=False)
    assert place_at(point(GRID, "p")).area("zones").code == "old"
    operations.publish(draft.pk, NOON)
    assert place_at(point(GRID, "p")).area("zones").code == "new"
    assert published_version("zones") == draft.pk


def test_publishing_retires_the_version_before_and_can_be_undone():
    first = layer_from(GRID, {"old": "ABCD"})
    second = layer_from(GRID, {"new": "ABCD"})
    first.refresh_from_db()
    assert (first.state, first.retired_at) == ("retired", NOON)
    operations.publish(first.pk, NOON)
    second.refresh_from_db()
    assert second.state == "retired"
    assert place_at(point(GRID, "p")).area("zones").code == "old"


def test_publishing_twice_is_a_conflict():
    version = layer_from(GRID, {"old": "ABCD"})
    with pytest.raises(Conflict, match=r"layer\.already_published"):
        operations.publish(version.pk, NOON)


def test_a_version_that_is_not_there_is_said_to_be_unknown():
    with pytest.raises(NotFound, match=r"layer\.unknown_version"):
        operations.publish(10**9, NOON)


def test_a_retired_layer_is_absent_from_places():
    version = layer_from(GRID, {"old": "ABCD"})
    operations.retire(version.pk, NOON)
    assert place_at(point(GRID, "p")).area("zones") is None
    with pytest.raises(Conflict, match=r"layer\.already_retired"):
        operations.retire(version.pk, NOON)


def test_areas_are_kept_in_pieces_of_at_most_64_vertices():
    version = LayerVersion.objects.get(layer__slug="bairros", state="active")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(ST_NPoints(geom)), sum(ST_Area(ST_Transform(geom, 31982))) FROM layers_featurepart"
            " WHERE version_id = %s",
            [version.pk],
        )
        most, area = cursor.fetchone()
    assert most <= 64
    assert area == pytest.approx(sum(version.features.values_list("area_m2", flat=True)), rel=1e-6)
    assert FeaturePart.objects.filter(version=version).count() > 85


def test_a_comparison_names_what_comes_goes_and_moves():
    grid = Grid("""
        A-----B--G--E
        |     |  |  |
        D-----C--H--F
    """)
    layer_from(grid, {"kept": "ABCD", "gone": "BEFC"})
    draft = layer_from(grid, {"kept": "AGHD", "come": "GEFH"}, publish=False)
    found = operations.compare(draft.pk)
    assert found.added == (("come", "Come"),)
    assert found.removed == (("gone", "Gone"),)
    (change,) = found.changed
    grown = change.after_m2 - change.before_m2
    assert change.code == "kept"
    assert change.moved_m2 == pytest.approx(grown, rel=1e-3)
    assert change.share == pytest.approx(0.5, rel=0.01)


def test_a_comparison_sees_a_new_name_and_an_unchanged_shape():
    first = layer_from(GRID, {"one": "ABCD", "two": "BEFC"})
    first.features.filter(code="one").update(name="Before")
    found = operations.compare(layer_from(GRID, {"one": "ABCD", "two": "BEFC"}, publish=False).pk)
    assert found.renamed == (("one", "Before", "One"),)
    assert (found.changed, found.unchanged) == ((), 1)


def test_the_first_version_has_nothing_to_be_compared_with():
    assert operations.compare(layer_from(GRID, {"one": "ABCD"}, publish=False).pk).against is None


def test_an_empty_version_is_refused_and_leaves_nothing():
    with pytest.raises(Invalid, match=r"layer\.empty"):
        operations.stage(slug="void", title="", kind="area", source="", features=[], now=NOON)
    assert not Layer.objects.filter(slug="void").exists()


def test_a_layer_keeps_its_kind():
    layer_from(GRID, {"one": "ABCD"})
    with pytest.raises(Invalid, match=r"layer\.other_kind"):
        operations.stage(
            slug="zones", title="", kind="asset", source="", now=NOON,
            features=[operations.StagedFeature("x", "X", b"")],
        )  # fmt: skip
