"""What leaves the city is listed column by column; whoever adds one changes this file too."""

import pytest
from django.db import connection

from maps.opendata.collections import COLLECTIONS, parameters

pytestmark = pytest.mark.django_db

PUBLIC = {
    "issues": (
        "protocol service service_name theme theme_name department team channel state is_open opened_at "
        "due_at updated_at closed_at precision district neighbourhood address description duplicate_of "
        "followers"
    ),
    "events": "id protocol service event at recorded_at by state team reason",
    "ratings": "month service service_name district n n1 n2 n3 n4 n5 score",
    "services": (
        "code name description theme theme_name department department_name target target_unit geolocated "
        "channels precision moderation is_active"
    ),
    "areas": "layer layer_name code name area_km2 published_at",
    "hotspots": "theme services first last code area n rate z p heat pattern trend finished_at",
}
HIDDEN = {"issues": ["_service"]}  # to be asked by, never shown
KINDS = {
    "text": {25, 1043},
    "integer": {20, 21, 23},
    "number": {701},
    "boolean": {16},
    "date": {1082},
    "datetime": {1184},
}


def test_the_public_collections_are_these_and_no_others():
    assert list(COLLECTIONS) == list(PUBLIC)


@pytest.mark.parametrize("slug", PUBLIC)
def test_a_collection_gives_the_columns_that_it_names_of_the_kinds_that_it_says(slug: str):
    collection = COLLECTIONS[slug]
    assert [c.name for c in collection.columns] == PUBLIC[slug].split()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({collection.sql}\n) AS c LIMIT 0", dict(parameters()))
        given = {d.name: d.type_code for d in cursor.description or ()}
    own = ["_key", "_at", *(["geom"] if collection.geometry else []), *HIDDEN.get(slug, ())]
    assert list(given) == own + PUBLIC[slug].split()
    assert {c.name: given[c.name] in KINDS[c.kind] for c in collection.columns} == dict.fromkeys(
        PUBLIC[slug].split(), True
    )
