"""Heat tiles against a count by hand, what they hide, and the plan they run by."""

import math
import random
import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from issues.catalogue.models import Service
from issues.lifecycle.models import Issue
from issues.teams.models import Team
from maps.analytics.queries import counts, public_cells, public_points
from maps.filters import LEAST_SHOWN, HeatFilters, parse_filters
from maps.tiles import heat
from maps.tiles.grid import Tile
from tests.factories.mvt import decode

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WEST, SOUTH = -51.20, -30.06  # inland: the points of these tests lie in some area


def file_issues(points, services, *, seed=1, opened_at=None):
    """Requests at these points, of services taken in turn, opened over a hundred days."""
    dice = random.Random(seed)
    team = Team.objects.order_by("id").first()
    rows = []
    for at, (lng, lat) in enumerate(points):
        service = services[at % len(services)]
        opened = opened_at or NOW - timedelta(hours=dice.randrange(2400))
        geom = Point(lng, lat, srid=4326)
        rows.append(
            Issue(
                client_id=uuid.UUID(int=dice.getrandbits(128)),
                protocol=f"t-{seed}-{at}",
                token=f"t-{seed}-{at}",
                service=service,
                channel="web",
                state=dice.choice(["assigned", "resolved", "rejected"]),
                geom=geom,
                public_geom=None if service.precision == "area" else geom,
                department_id=team.department_id,
                team=team,
                opened_at=opened,
                due_at=opened,
                updated_at=opened,
            )
        )
    Issue.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE issues_issue i SET public_geom =
                 ST_Transform(ST_SnapToGrid(ST_Transform(geom, %s), 50, 50, 100, 100), 4326)
                 FROM issues_service s WHERE s.id = i.service_id AND s.precision = 'grid_100m'""",
            [settings.CITY.metric_srid],
        )


def of_precision(*precisions, each=2):
    return [s for p in precisions for s in Service.objects.filter(precision=p).order_by("code")[:each]]


@pytest.fixture
def city(db):
    """Five hundred requests in a few blocks, of services with every precision."""
    dice = random.Random(156)
    spots = [(WEST + dice.random() * 0.03, SOUTH + dice.random() * 0.03) for _ in range(12)]
    drawn = [dice.choice(spots) for _ in range(500)]
    points = [(x + dice.gauss(0, 0.0015), y + dice.gauss(0, 0.0015)) for x, y in drawn]
    file_issues(points, of_precision("exact", "exact", "grid_100m", "area"))


def cell_of(point, z):
    """The global cell, 64 to a tile's side, from the definition of the Mercator square."""
    side = 64 << z
    return (
        math.floor((point.x + 180) / 360 * side),
        math.floor((0.5 - math.atanh(math.sin(math.radians(point.y))) / (2 * math.pi)) * side),
    )


def by_hand(filters, z):
    """Every cell of a zoom with its count, by the rules and nothing else."""
    since, before = filters.opened
    exact, rough = Counter(), Counter()
    for issue in Issue.objects.select_related("service__theme").order_by("id"):
        if issue.service.precision == "area" or issue.public_geom is None:
            continue
        if (since and issue.opened_at < since) or (before and issue.opened_at >= before):
            continue
        if filters.services and issue.service.code not in filters.services:
            continue
        if filters.themes and issue.service.theme.slug not in filters.themes:
            continue
        if filters.state != "all" and issue.is_open != (filters.state == "open"):
            continue
        (exact if issue.service.precision == "exact" else rough)[cell_of(issue.public_geom, z)] += 1
    return exact + Counter({cell: n for cell, n in rough.items() if n >= LEAST_SHOWN})


def by_tile(tile, filters):
    """The global cells of one tile, read back from its bytes."""
    found = {}
    for feature in decode(heat.heat_tile(tile, filters)).get("heat", []):
        (((x, y),),) = feature.paths
        assert (x % 64, y % 64) == (32, 32)
        found[tile.x * 64 + x // 64, tile.y * 64 + y // 64] = feature.properties["n"]
    return found


def tiles_around(z):
    """Every tile of a zoom near the city of these tests, its neighbours too."""
    x, y = (c // 64 for c in cell_of(Point(WEST, SOUTH), z))
    reach = max(1, math.ceil(0.045 / 360 * 2**z))
    rows = range(max(0, y - 2 * reach), min(2**z, y + 2))
    return [Tile(z, c, r) for c in range(max(0, x - 1), min(2**z, x + reach + 2)) for r in rows]


@pytest.mark.parametrize("z", [0, 8, 10, 12, 13, 14, 15])
def test_every_request_is_in_exactly_one_cell_of_one_tile(city, z):
    found = Counter()
    for tile in tiles_around(z):
        cells = by_tile(tile, HeatFilters())
        assert not found.keys() & cells.keys()
        found.update(cells)
    assert found == by_hand(HeatFilters(), z)


filters = st.builds(
    lambda first, length, services, themes, state: {
        "from": (date(2026, 8, 1) + timedelta(first)).isoformat() if first is not None else "",
        "to": (date(2026, 8, 1) + timedelta((first or 0) + length)).isoformat() if length is not None else "",
        "services": services,
        "themes": themes,
        "state": state,
    },
    st.none() | st.integers(0, 110),
    st.none() | st.integers(0, 60),
    st.sets(st.integers(0, 5), max_size=3),
    st.sets(st.integers(0, 2), max_size=1),
    st.sampled_from(["all", "open", "closed"]),
)


@given(filters, st.sampled_from([10, 12, 14]))
@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_tile_counts_what_the_filters_let_through(city, chosen, z):
    used = sorted(set(Issue.objects.values_list("service__code", "service__theme__slug")))
    query = {
        "from": chosen["from"],
        "to": chosen["to"],
        "service": ",".join(used[n % len(used)][0] for n in chosen["services"]),
        "theme": ",".join(used[n % len(used)][1] for n in chosen["themes"]),
        "state": chosen["state"],
    }
    read = parse_filters(query)
    expected = by_hand(read, z)
    found = Counter()
    for tile in tiles_around(z):
        found.update(by_tile(tile, read))
    assert found == expected


def test_exact_services_add_up_to_the_whole(city):
    codes = tuple(s.code for s in of_precision("exact"))
    total = sum(by_tile(Tile(0, 0, 0), HeatFilters(services=codes)).values())
    assert total == Issue.objects.filter(service__code__in=codes).count() > 0


def test_area_only_services_are_in_no_cell(city):
    codes = tuple(s.code for s in of_precision("area"))
    assert Issue.objects.filter(service__code__in=codes).exists()
    assert heat.heat_tile(Tile(0, 0, 0), HeatFilters(services=codes)) == b""


def test_two_neighbours_of_a_private_matter_are_not_shown_and_three_are():
    (rough,) = of_precision("grid_100m", each=1)
    file_issues([(WEST, SOUTH)] * 2, [rough], seed=2)
    tile = Tile(16, *(c // 64 for c in cell_of(Issue.objects.first().public_geom, 16)))
    assert by_tile(tile, HeatFilters()) == {}
    file_issues([(WEST, SOUTH)], [rough], seed=3)
    assert list(by_tile(tile, HeatFilters()).values()) == [3]


def test_private_matters_do_not_hide_behind_public_ones():
    exact, rough = of_precision("exact", "grid_100m", each=1)
    file_issues([(WEST, SOUTH)] * 2, [rough], seed=2)
    spot = Issue.objects.order_by("id").first().public_geom
    file_issues([(spot.x, spot.y)] * 4, [exact], seed=3)
    tile = Tile(16, *(c // 64 for c in cell_of(spot, 16)))
    assert sum(by_tile(tile, HeatFilters()).values()) == 4


def test_only_the_public_point_is_read():
    (exact,) = of_precision("exact", each=1)
    file_issues([(WEST, SOUTH)], [exact])
    Issue.objects.update(public_geom=Point(-51.1, -30.1, srid=4326))
    cells = by_tile(Tile(0, 0, 0), HeatFilters())
    assert set(cells) == {cell_of(Point(-51.1, -30.1), 0)}


@pytest.mark.parametrize(
    ("hour", "day"), [("2026-03-02T02:59:59Z", "2026-03-01"), ("2026-03-02T03:00:00Z", "2026-03-02")]
)
def test_a_day_ends_at_the_citys_midnight(hour, day):
    (exact,) = of_precision("exact", each=1)
    file_issues([(WEST, SOUTH)], [exact], opened_at=datetime.fromisoformat(hour))
    for asked in ("2026-03-01", "2026-03-02"):
        n = len(by_tile(Tile(0, 0, 0), parse_filters({"from": asked, "to": asked})))
        assert n == (asked == day)


def test_a_request_just_filed_changes_the_edition(city):
    before = heat.heat_edition()
    assert heat.heat_edition() == before
    file_issues([(WEST, SOUTH)], of_precision("exact"), seed=9, opened_at=NOW + timedelta(seconds=1))
    assert heat.heat_edition() != before


def test_a_street_corner_is_read_by_an_index():
    dice = random.Random(7)
    points = [(WEST + dice.random() * 0.2, SOUTH + dice.random() * 0.2) for _ in range(4000)]
    file_issues(points, of_precision("exact", "area"))
    tile = Tile(14, *(c // 64 for c in cell_of(Point(WEST + 0.1, SOUTH + 0.1), 14)))
    seen = []

    def note(execute, sql, params, many, context):
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE issues_issue")
    for query in ({}, {"state": "open"}, {"from": "2026-10-01", "to": "2026-11-01"}):
        with connection.execute_wrapper(note):
            assert heat.heat_tile(tile, parse_filters(query))
        sql, params = seen[-1]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}", params)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "Seq Scan on issues_issue" not in plan, plan


def test_the_tables_count_everything_once(city):
    found = counts(HeatFilters())
    assert found.all.n == Issue.objects.count()
    assert found.all.open == Issue.objects.filter(is_open=True).count()
    assert found.all.mapped == Issue.objects.exclude(public_geom=None).count()
    assert sum(c.n for c in found.areas) == sum(c.n for c in found.themes) == found.all.n
    assert [c.n for c in found.areas] == sorted((c.n for c in found.areas), reverse=True)


def test_a_request_of_an_older_edition_is_counted_where_it_lies(city):
    Issue.objects.update(neighbourhood="an-area-that-is-gone")
    found = counts(HeatFilters())
    assert sum(c.n for c in found.areas if c.code) == found.all.n


def test_requests_without_a_place_are_in_a_row_of_their_own(city):
    Issue.objects.filter(service__precision="area").update(geom=None, neighbourhood="")
    found = counts(HeatFilters())
    (nowhere,) = [c for c in found.areas if not c.code]
    assert nowhere.n == Issue.objects.filter(geom=None).count()


def test_counting_nothing_gives_a_zero():
    assert counts(HeatFilters()).all.n == 0


def test_the_reports_cells_and_points_keep_the_same_rules(city):
    assert sum(c.n for c in public_cells(HeatFilters())) == sum(by_hand(HeatFilters(), 12).values())
    points = public_points(HeatFilters(), limit=10_000)
    assert len(points) == Issue.objects.filter(service__precision="exact").count()
    assert len(public_points(HeatFilters(), limit=7)) == 7
