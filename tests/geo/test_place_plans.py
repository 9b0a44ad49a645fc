"""The plans of the hot queries: indexes, never a walk through the big tables."""

import json
import re

import pytest
from django.conf import settings
from django.db import connection

from layers.addresses import CROSSING, SEARCH
from layers.places import PLACE_AT

pytestmark = pytest.mark.django_db
BIG = {"layers_featurepart", "layers_street", "layers_streetname", "layers_addresspoint"}


def generic_plan(text, values):
    """The plan that a prepared statement keeps, whatever its parameters."""
    names = list(values)
    for at, name in enumerate(names, 1):
        text = text.replace(f"%({name})s", f"${at}")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("PREPARE looked_at AS " + text.replace("%%", "%"))
        given = ", ".join("NULL" if v is None else repr(v) for v in values.values())
        cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE looked_at({given})")
        (plan,) = cursor.fetchone()
        cursor.execute("DEALLOCATE looked_at")
    return plan if isinstance(plan, str) else json.dumps(plan)


def walked(plan):
    found = re.findall(r'"Node Type": "Seq Scan".*?"Relation Name": "(\w+)"', plan)
    return BIG & set(found)


def test_a_point_is_placed_by_indexes_alone():
    lng, lat = settings.CITY.centre
    plan = generic_plan(
        PLACE_AT.text,
        {"lng": lng, "lat": lat, "boundary": "municipality", "reach": 200, "assets": 20, "at_house": 20},
    )
    assert walked(plan) <= {"layers_addresspoint"}  # empty in the demo city
    assert "street_metric" in plan


def test_an_address_is_found_by_indexes_alone():
    plan = generic_plan(
        SEARCH.text,
        {
            "key": "ipiranga", "kind": "", "number": 10, "postcode": "", "lng": None, "lat": None, "limit": 8,
            "area_names": "{partenon}", "area_keys": "{ipiranga}", "neighbourhoods": "bairros",
        },
    )  # fmt: skip
    assert walked(plan) <= {"layers_addresspoint"}  # empty in the demo city
    assert {"streetname_search", "street_named"} <= set(re.findall(r"\w+", plan))


def test_a_corner_is_found_by_indexes_alone():
    values = {"keys": "{ipiranga,azenha}", "kinds": '{"",""}', "lng": None, "lat": None, "limit": 8}
    plan = generic_plan(CROSSING.text, values)
    assert walked(plan) == set()
    assert "streetname_search" in plan


def test_placing_a_point_is_one_statement(statements):
    from geo_central.kernel.geo import LngLat
    from layers.queries import place_at

    with statements() as seen:
        place_at(LngLat(*settings.CITY.centre))
    assert len(seen) == 1
