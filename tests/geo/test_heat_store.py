"""The heat store says what PostgreSQL says, whatever has happened since it was built."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from geo_central.kernel.errors import Invalid
from issues.catalogue.models import Service
from issues.intake.operations import report
from issues.lifecycle.models import Event, Issue
from issues.teams.models import Team
from layers.models import LayerVersion
from layers.queries import areas_at, areas_of
from maps.filters import HeatFilters, parse_filters
from maps.tiles import heat
from maps.tiles.engine import live, store, upkeep
from maps.tiles.engine.building import rebuild
from maps.tiles.grid import Tile
from tests.factories.acts import HOUR, do, manager, proved
from tests.factories.mvt import decode
from tests.factories.reports import NOON, draft
from tests.geo.test_tiles_heat import SOUTH, WEST, by_hand, cell_of, file_issues, of_precision

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WHOLE = Tile(8, 91, 150)  # holds the whole city


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings):
    """A place of their own for the versions of each test, and the engine ready."""
    settings.HEAT_ROOT = tmp_path
    heat.warm(wait=True)
    return tmp_path


@pytest.fixture
def city(db):
    """Five hundred requests of every precision, with their events, and a store of them."""
    dice = random.Random(156)
    spots = [(WEST + dice.random() * 0.03, SOUTH + dice.random() * 0.03) for _ in range(12)]
    drawn = [dice.choice(spots) for _ in range(500)]
    points = [(x + dice.gauss(0, 0.0015), y + dice.gauss(0, 0.0015)) for x, y in drawn]
    file_issues(points, of_precision("exact", "exact", "grid_100m", "area"))
    teams = list(Team.objects.order_by("id")[:3])
    for n, issue in enumerate(Issue.objects.order_by("id")):
        issue.team, issue.channel = teams[n % 3], ["web", "app", "phone"][n % 3]
        issue.due_at = issue.opened_at + timedelta(days=dice.randrange(40))
        if not issue.is_open:
            issue.closed_at = issue.opened_at + timedelta(days=dice.randrange(60))
        issue.save(update_fields=["team", "channel", "due_at", "closed_at"])
    rebuild(now=lambda: NOW)


def tile(filters=HeatFilters(), at=WHOLE, *, staff=False):  # noqa: B008
    """The numbers of a tile by the place of their cell; the store must have answered."""
    reading = heat.reading()
    assert reading.now is not None
    found = decode(reading.tile(at, filters, staff=staff)).get("heat", [])
    return {feature.paths[0][0]: feature.properties["n"] for feature in found}


def agree(filters=HeatFilters(), at=WHOLE, *, staff=False):  # noqa: B008
    """Whether the store and PostgreSQL say the same of a tile."""
    return upkeep.compare(at, filters, staff=staff) is None


def told(issues):
    """An event of each of these requests, as everything that changes one writes."""
    Event.objects.bulk_create(Event(issue=i, code="noted", at=NOW, recorded_at=NOW) for i in issues)


def test_a_tile_of_the_store_is_the_tile_of_postgresql(city):
    for z in (8, 10, 12, 14, 15, 16):
        spot = Issue.objects.order_by("id").first().geom
        at = Tile(z, *(c // 64 for c in cell_of(spot, z)))
        mine, theirs = heat.heat_tile(at, HeatFilters()), heat.tile_by_sql(at, HeatFilters())
        points = [
            Counter((f.paths[0][0], f.properties["n"]) for f in decode(t)["heat"]) for t in (mine, theirs)
        ]
        assert points[0] == points[1]


@pytest.mark.parametrize("z", [8, 11, 14, 16])
def test_the_store_counts_as_a_person_would(city, z):
    expected = by_hand(HeatFilters(), z)
    found = Counter()
    for at in {Tile(z, x // 64, y // 64) for x, y in expected}:
        for (x, y), n in tile(at=at).items():
            found[at.x * 64 + x // 64, at.y * 64 + y // 64] = n
    assert found == expected


days = st.none() | st.integers(0, 200).map(lambda n: date(2026, 6, 1) + timedelta(n))
asked = st.fixed_dictionaries(
    {
        "first": days,
        "last": days,
        "state": st.sampled_from(["all", "open", "closed"]),
        "mode": st.sampled_from(["opened", "open", "overdue"]),
        "on": days,
        "services": st.sets(st.integers(0, 7), max_size=3),
        "teams": st.sets(st.integers(0, 2), max_size=2),
        "channels": st.sets(st.sampled_from(["web", "app", "phone"]), max_size=2),
        "areas": st.sets(st.integers(0, 30), max_size=3),
    }
)
changes = st.lists(
    st.tuples(st.integers(0, 499), st.sampled_from(["close", "open", "move", "team", "late"])), max_size=12
)


@given(asked, changes, st.integers(8, 16), st.integers(0, 499), st.booleans())
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_sum_over_a_tile_is_the_count_of_the_same_filter(city, chosen, happened, z, spot, staff):
    issues = list(Issue.objects.order_by("id"))
    for n, change in happened:
        alter(issues[n], change)
    filters = named(chosen)
    at = Tile(z, *(c // 64 for c in cell_of(issues[spot].geom, z)))
    found = upkeep.compare(at, filters, staff=staff)
    assert found is None, found
    if staff:
        assert sum(tile(filters, staff=True).values()) == counted(filters)


def alter(issue, change):
    """Something happens to a request behind the store's back, and its event says so."""
    row = Issue.objects.filter(pk=issue.pk)
    with connection.cursor() as cursor:  # any state may follow: what is tested is the store
        cursor.execute("SET LOCAL session_replication_role = replica")
    match change:
        case "close":
            row.update(state="resolved", closed_at=issue.opened_at + timedelta(days=3))
        case "open":
            row.update(state="reopened", closed_at=None)
        case "move":
            moved = issue.geom.clone()
            moved.x += 0.01
            row.update(geom=moved, public_geom=moved if issue.public_geom else None)
        case "team":
            row.update(team=Team.objects.order_by("-id").first())
        case "late":
            row.update(due_at=issue.opened_at)
    told([issue])


def named(chosen):
    """Filters of the demo city from the numbers that were drawn."""
    services = [s.code for s in of_precision("exact", "exact", "grid_100m", "area")]
    teams = [t.slug for t in Team.objects.order_by("id")[:3]]
    areas = areas_of(settings.CITY.neighbourhood_layer)
    return HeatFilters(
        first=chosen["first"],
        last=chosen["last"],
        services=tuple(sorted({services[n] for n in chosen["services"]})),
        state=chosen["state"],
        mode=chosen["mode"] if chosen["on"] else "opened",
        on=chosen["on"],
        areas=tuple((areas[n].layer, areas[n].code) for n in sorted(chosen["areas"])),
        teams=tuple(teams[n] for n in sorted(chosen["teams"])),
        channels=tuple(sorted(chosen["channels"])),
    )


def counted(filters):
    """COUNT(*) over the same filter, by the ORM and the calendar alone."""
    since, before = filters.opened
    rows = Issue.objects.exclude(geom=None)
    if since:
        rows = rows.filter(opened_at__gte=since)
    if before:
        rows = rows.filter(opened_at__lt=before)
    if filters.services:
        rows = rows.filter(service__code__in=filters.services)
    if filters.teams:
        rows = rows.filter(team__slug__in=filters.teams)
    if filters.channels:
        rows = rows.filter(channel__in=filters.channels)
    if filters.state != "all":
        rows = rows.filter(is_open=filters.state == "open")
    midnight = HeatFilters(last=filters.on).opened[1]
    if filters.mode != "opened":
        gone = rows.filter(is_open=False, closed_at__lt=midnight)
        rows = rows.filter(opened_at__lt=midnight).exclude(pk__in=gone)
    if filters.mode == "overdue":
        rows = rows.filter(due_at__lt=midnight)
    if not filters.areas:
        return rows.order_by().count()
    points = [i.geom for i in rows.order_by("id")]
    places = areas_at([p.x for p in points], [p.y for p in points])
    return sum(any((a.layer, a.code) in filters.areas for a in place or ()) for place in places)


def test_a_request_just_filed_is_in_the_very_next_tile(city):
    before, edition = tile(), heat.heat_edition()
    receipt = report(draft=draft(), now=NOON)
    spot = Issue.objects.get(protocol=receipt.protocol).public_geom
    x, y = cell_of(spot, 8)
    place = ((x - WHOLE.x * 64) * 64 + 32, (y - WHOLE.y * 64) * 64 + 32)
    assert tile() == {**before, place: before.get(place, 0) + 1}
    assert heat.heat_edition() != edition
    assert agree()


def test_closing_and_reopening_are_in_the_very_next_tile(city):
    issue = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    still = HeatFilters(state="open")
    before = sum(tile(still).values())
    do(issue, "resolve", manager(), proof=proved())
    assert sum(tile(still).values()) == before - 1
    do(issue, "reopen", manager(), NOON + 3 * HOUR, note="Continua aberto.")
    assert sum(tile(still).values()) == before
    assert agree(still)


def test_nothing_new_gives_the_same_edition(city):
    edition = heat.heat_edition()
    assert tile()
    assert heat.heat_edition() == edition


def test_a_service_that_becomes_private_is_hidden_at_once(city):
    codes = tuple(s.code for s in of_precision("exact"))
    only = HeatFilters(services=codes)
    edition = heat.heat_edition()
    assert tile(only)
    Service.objects.filter(code__in=codes).update(precision="area")
    assert tile(only) == {}
    assert sum(tile(only, staff=True).values()) == Issue.objects.filter(service__code__in=codes).count()
    assert heat.heat_edition() != edition


def test_two_of_a_private_matter_are_hidden_in_the_tail_too(city):
    (rough,) = of_precision("grid_100m", each=1)
    lonely = WEST + 0.09, SOUTH + 0.01
    file_issues([lonely] * 2, [rough], seed=2)
    told(Issue.objects.filter(protocol__startswith="t-2-"))
    spot = Issue.objects.get(protocol="t-2-0").public_geom
    at = Tile(16, *(c // 64 for c in cell_of(spot, 16)))
    assert tile(at=at) == {}
    file_issues([lonely], [rough], seed=3)
    told(Issue.objects.filter(protocol__startswith="t-3-"))
    assert list(tile(at=at).values()) == [3]


def test_staff_see_what_is_shown_by_area_only_where_it_is(city):
    assert sum(tile(staff=True).values()) == Issue.objects.count() > sum(tile().values())


def test_an_area_of_a_map_published_since_is_counted_by_that_map(city):
    layer = settings.CITY.neighbourhood_layer
    area = areas_of(layer)[0]
    only = HeatFilters(areas=((layer, area.code),))
    old = LayerVersion.objects.get(layer__slug=layer, state="active")
    LayerVersion.objects.filter(pk=old.pk).update(state="retired")
    assert heat.heat_tile(WHOLE, only, staff=True) == b""
    with pytest.raises(upkeep.Absent):
        agree(only)
    assert tile()  # what does not depend on it still comes from the store


def test_what_filters_name_is_known_without_asking_postgresql_again(city, statements):
    one = Issue.objects.select_related("service__theme", "team")[0]
    query = {"service": one.service.code, "theme": one.service.theme.slug, "team": one.team.slug}
    heat.reading().filters(query)
    with statements() as asked:
        filters = heat.reading().filters(query)
    assert filters == parse_filters(query)
    assert len(asked) == 1
    with pytest.raises(Invalid) as raised:
        heat.reading().filters({"team": "nobody"})
    assert raised.value.code == "team.unknown"


def test_more_than_the_tail_may_hold_is_counted_by_postgresql(city, monkeypatch):
    monkeypatch.setattr(live, "LONGEST_TAIL", 3)
    told(Issue.objects.order_by("id")[:3])
    assert heat.reading().now is not None
    told(Issue.objects.order_by("id")[:1])
    assert heat.reading().now is None
    assert sum(f.properties["n"] for f in decode(heat.heat_tile(WHOLE, HeatFilters()))["heat"])


def test_a_tail_that_has_grown_makes_a_build_due(city, monkeypatch):
    monkeypatch.setattr(upkeep, "DUE_TAIL", 2)
    start = upkeep.status(now=NOW).tail
    told(Issue.objects.order_by("id")[: 3 - min(start, 2)])
    assert upkeep.rebuild_if_due(now=lambda: NOW + HOUR)
    assert agree()


def test_a_killed_build_leaves_the_old_version_in_service(city, root):
    name = store.in_service(store.home())
    with pytest.raises(KeyboardInterrupt), store.building(store.home()):
        raise KeyboardInterrupt
    left = store.home() / "making-12345"
    left.mkdir()  # of one that could not even clean up
    (left / "x.npy").write_bytes(b"half")
    assert store.in_service(store.home()) == name
    assert agree()
    rebuild(now=lambda: NOW + HOUR)
    assert store.in_service(store.home()) != name
    assert not list(store.home().glob("making-*"))
    assert agree()


def test_a_damaged_version_is_left_aside_and_built_anew(city):
    (store.home() / store.in_service(store.home()) / "x.npy").write_bytes(b"")
    live._live.clear()
    assert heat.reading().now is None
    assert upkeep.rebuild_if_due(now=lambda: NOW + HOUR)
    assert agree()


def test_two_builds_do_not_run_at_once(city):
    with pytest.raises(store.Busy), store.building(store.home()), store.building(store.home()):
        raise AssertionError("two builders")
    with store.building(store.home()) as making:
        (making / "facts.json").write_text('{"name": "v-x"}')
        with pytest.raises(CommandError, match="already"):
            call_command("heat", "rebuild")


def test_versions_out_of_service_are_removed(city):
    for n in range(1, 4):
        rebuild(now=lambda n=n: NOW + n * HOUR)
    versions = [p.name for p in store.home().glob("v-*")]
    assert len(versions) == 2
    assert store.in_service(store.home()) in versions


def test_a_reader_of_a_removed_version_goes_on_reading_it(city):
    reading = heat.reading()
    before = reading.tile(WHOLE, HeatFilters())
    for n in range(1, 4):
        rebuild(now=lambda n=n: NOW + n * HOUR)
    assert reading.tile(WHOLE, HeatFilters()) == before


def test_the_commands_build_verify_and_tell(city, capsys):
    call_command("heat", "rebuild")
    call_command("heat", "verify", "--tiles", "30")
    call_command("heat", "status")
    said = capsys.readouterr().out
    assert "in service" in said
    assert "30 tiles agree" in said
    assert "rows" in said


def test_verifying_says_where_a_store_is_wrong(city, capsys):
    file_issues([(WEST + n * 0.002, SOUTH + 0.01) for n in range(9)], of_precision("exact"), seed=5)
    with pytest.raises(CommandError, match="differ"):  # nothing told of them
        call_command("heat", "verify", "--tiles", "40")
    assert "cells differ" in capsys.readouterr().out


def test_without_a_store_postgresql_answers(db):
    file_issues([(WEST, SOUTH)], of_precision("exact"))
    assert heat.reading().now is None
    assert len(decode(heat.heat_tile(WHOLE, HeatFilters()))["heat"]) == 1
    with pytest.raises(CommandError, match="no store"):
        call_command("heat", "verify")
