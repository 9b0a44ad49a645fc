"""The plans of the questions that are asked all day, over two years of requests."""

import json
import re
import time

import pytest
from django.core.management import call_command
from django.db import connection

from geo_central.kernel.sql import Query
from issues.catalogue.queries import service
from issues.crew import area, syncing
from issues.crew import queries as crew
from issues.intake import queries as intake
from issues.lifecycle import queries as lifecycle
from issues.teams.models import Team
from maps.tiles.engine.building import NOW as HEAT_NOW
from maps.tracking import queries as watching
from tests.factories.reports import CENTRE, NOON, POTHOLE

ISSUES = 20_000


@pytest.fixture(scope="module")
def _two_years(own_database):
    call_command("seed_demo", issues=ISSUES, password="uma-senha-de-teste", verbosity=0)


pytestmark = pytest.mark.usefixtures("_two_years")


def generic_plan(query: Query, values: dict) -> str:
    """The plan that a prepared statement keeps whatever its parameters, as JSON."""
    text = query.text
    for at, name in enumerate(values, 1):
        text = text.replace(f"%({name})s", f"${at}")
    given = ", ".join(_literal(v) for v in values.values())
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        cursor.execute("PREPARE looked_at AS " + text.replace("%%", "%"))
        cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE looked_at({given})")
        (plan,) = cursor.fetchone()
        cursor.execute("DEALLOCATE looked_at")
    return plan if isinstance(plan, str) else json.dumps(plan)


def planned(query: Query, values: dict) -> str:
    """The plan made for these very values."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + query.text, values)
        (plan,) = cursor.fetchone()
    return plan if isinstance(plan, str) else json.dumps(plan)


def _literal(value) -> str:
    if value is None:
        return "NULL"
    return f"'{{{','.join(map(str, value))}}}'" if isinstance(value, list) else f"'{value}'"


def walks_the_issues(plan: str) -> bool:
    return bool(re.search(r'"Node Type": "Seq Scan"[^{}]*?"Relation Name": "issues_issue"', plan))


def around(**more):
    teams = list(
        Team.objects.filter(slug__startswith="smsurb").order_by("pk").values_list("pk", flat=True)[:3]
    )
    given = {"teams": teams, "lng": CENTRE.lng, "lat": CENTRE.lat, "radius_m": 3000.0}
    return {**given, "after": None, "after_id": None, "limit": 50, "now": NOON, **more}


def test_the_city_has_two_years_of_requests():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE is_open) FROM issues_issue")
        total, still_open = cursor.fetchone()
    assert total > 0.98 * ISSUES
    assert still_open > 300


def test_what_is_near_a_crew_is_found_by_the_index_of_team_and_place():
    plan = generic_plan(crew._NEAR, around())
    assert "issue_metric_open_team" in plan
    assert not walks_the_issues(plan)


def test_what_is_due_soonest_is_found_by_an_index_of_open_work():
    plan = generic_plan(crew._BY_DUE, around())
    assert "issue_open_team_due" in plan or "issue_metric_open_team" in plan
    assert not walks_the_issues(plan)


def test_similar_requests_are_found_by_the_index_of_service_and_place():
    values = {
        "service": service(POTHOLE).id,
        "lng": CENTRE.lng,
        "lat": CENTRE.lat,
        "radius_m": 30.0,
        "limit": 5,
    }
    plan = generic_plan(intake._SIMILAR, values)
    assert "issue_metric_open" in plan
    assert not walks_the_issues(plan)


def test_a_receipt_and_a_public_page_are_found_by_their_keys():
    plan = generic_plan(
        lifecycle._RECEIPT, {"client_id": "6f1c1c5e-6e0b-4a55-9f6e-0d8f3f0f8a01", "year": 2026}
    )
    assert not walks_the_issues(plan)
    one = {"protocol": "2026-0000001-2", "token": None, "neighbourhoods": "bairros"}
    assert not walks_the_issues(generic_plan(lifecycle._PUBLIC, one))
    assert not walks_the_issues(generic_plan(lifecycle._PUBLIC, {**one, "protocol": None, "token": "t"}))


@pytest.mark.parametrize("size", [0.004, 0.02, 0.3])
def test_a_map_of_any_size_is_read_by_an_index(size):
    values = {
        "west": CENTRE.lng - size, "south": CENTRE.lat - size,
        "east": CENTRE.lng + size, "north": CENTRE.lat + size,
        "services": None, "states": None, "since": None, "before": None, "before_id": None, "limit": 500,
    }  # fmt: skip
    assert not walks_the_issues(planned(lifecycle._LIST, values))


def test_the_map_is_read_page_by_page_without_loss_or_repetition():
    from geo_central.kernel.geo import Box

    box = Box(CENTRE.lng - 0.01, CENTRE.lat - 0.01, CENTRE.lng + 0.01, CENTRE.lat + 0.01)
    seen, after = [], None
    while True:
        page = lifecycle.public_page(box=box, services=None, states=None, since=None, after=after, limit=97)
        seen += [json.loads(f)["id"] for f in page.features]
        after = page.next_key
        if after is None:
            break
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT protocol FROM issues_issue WHERE public_geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326)"
            " ORDER BY opened_at DESC, id DESC",
            [box.west, box.south, box.east, box.north],
        )
        everything = [p for (p,) in cursor.fetchall()]
    assert len(everything) > 200
    assert seen == everything


def walks_the_events(plan):
    return bool(re.search(r'"Node Type": "Seq Scan"[^{}]*?"Relation Name": "issues_event"', plan))


def test_what_streams_and_heat_tiles_ask_of_the_events_is_looked_up():
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(written_in)::text, max(id), max(issue_id) FROM issues_event")
        xid, last, some = cursor.fetchone()
    asked = (
        (watching._FOLLOWED, {"token": "t"}),
        (watching._REQUEST_EVENTS, {"issues": [some, some - 1], "after": [0, 0]}),
        (watching._TEAM_EVENTS, {"xid": xid, "id": last, "limit": 500}),
        (watching._TEAM_POSITION, {"xid": xid, "id": last, "limit": 500}),
        (HEAT_NOW, {"since": xid}),
    )
    for query, values in asked:
        plan = generic_plan(query, values)
        assert not walks_the_issues(plan), query.name
        assert not walks_the_events(plan), query.name


def test_a_crew_is_answered_in_a_few_milliseconds():
    started = time.perf_counter()
    for _ in range(20):
        crew.near(team_ids=around()["teams"], point=CENTRE, radius_m=3000, limit=50, now=NOON)
    assert (time.perf_counter() - started) / 20 < 0.1


@pytest.mark.parametrize(
    "query", [syncing._KNOWN, syncing._FREE, syncing._STANDING, area._CARRIED], ids=lambda q: q.name
)
def test_what_a_batch_speaks_of_is_looked_up(query):
    plan = generic_plan(query, {"protocols": ["2026-0000001-9", "2026-0000002-7"]})
    assert not walks_the_issues(plan)
    assert not walks_the_events(plan)
