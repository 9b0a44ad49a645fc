"""Hotspots from the requests to the rows that maps read: what is counted, what is hidden, what is kept."""

import json
import random
import uuid
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import connection

from geo_central.kernel.errors import DomainError, Invalid, NotFound
from issues.catalogue.models import Service
from issues.lifecycle.models import Issue
from issues.teams.models import Team
from layers.models import Feature
from maps.analytics import hotspots, operations, source
from maps.analytics.asking import Question, checked, standing_period
from maps.analytics.grid import grid_over
from maps.filters import LEAST_SHOWN
from maps.models import HotspotCell, HotspotRaster, HotspotRun, HotspotShape

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST, LAST = standing_period(date(2026, 11, 23))
HEART = (-51.1700, -30.0500)
SETTINGS = {"cell_m": 400, "least": 15, "steps": 6}


def file_requests(points, service, *, opened=None, seed=1):
    """Requests of a service at these points, opened through the year unless a moment is given."""
    dice = random.Random(f"{seed}{service.code}")
    team = Team.objects.order_by("id").first()
    rows = []
    for lng, lat in points:
        at = opened or NOW - timedelta(days=1 + dice.randrange(360))
        name = uuid.UUID(int=dice.getrandbits(128))
        geom = Point(lng, lat, srid=4326)
        rows.append(
            Issue(
                client_id=name, protocol=name.hex[:20], token=name.hex[:22], service=service, channel="web",
                state="assigned", geom=geom, public_geom=None if service.precision == "area" else geom,
                department_id=team.department_id, team=team, opened_at=at, due_at=at, updated_at=at,
            )
        )  # fmt: skip
    Issue.objects.bulk_create(rows)


def around(place, n, metres, seed=1):
    """Points about a place, so many metres away."""
    dice = np.random.default_rng(seed)
    off = dice.normal(0, metres / 100_000, (n, 2))
    return [(place[0] + dx, place[1] + dy) for dx, dy in off.tolist()]


def anywhere(n, seed=2):
    dice = np.random.default_rng(seed)
    return list(
        zip(dice.uniform(-51.22, -51.13, n).tolist(), dice.uniform(-30.10, -30.03, n).tolist(), strict=True)
    )


def service(precision, theme=None):
    found = Service.objects.filter(precision=precision, geolocated=True)
    return (found.filter(theme__slug=theme) if theme else found).order_by("code").first()


def question(**changes):
    return Question(FIRST, LAST, **{**SETTINGS, **changes})


def run(asked=None, **options):
    number = operations.begin(asked or question(), now=NOW)
    return operations.work(number, now=lambda: NOW, tell=lambda *_: None, **{"standing": True, **options})


@pytest.fixture
def busy(db):
    """One busy place in a city with requests here and there."""
    file_requests(around(HEART, 120, 150), service("exact"))
    file_requests(anywhere(300), service("exact"), seed=3)


def test_points_are_those_of_the_database_in_metres(busy):
    read = source.read_points(question())
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT ST_X(ST_Transform(public_geom, %(m)s)), ST_Y(ST_Transform(public_geom, %(m)s)),
                      (opened_at AT TIME ZONE %(zone)s)::date - %(first)s
                 FROM issues_issue ORDER BY opened_at, id""",
            {"m": settings.CITY.metric_srid, "zone": settings.CITY.timezone, "first": FIRST},
        )
        expected = np.array(cursor.fetchall(), dtype=float)
    assert read.n == 420
    assert np.abs(np.column_stack((read.x, read.y)) - expected[:, :2]).max() < 0.001
    assert (read.day == expected[:, 2]).all()
    assert not read.rough.any()


def test_the_period_is_of_whole_days_of_the_city(db):
    last_second = datetime(2026, 11, 23, 2, 59, 59, tzinfo=UTC)  # 23:59:59 of the 22nd in the city
    file_requests([HEART], service("exact"), opened=last_second)
    file_requests([HEART], service("exact"), opened=last_second + timedelta(seconds=1), seed=2)
    read = source.read_points(question())
    assert read.day.tolist() == [(LAST - FIRST).days]


def test_a_theme_and_services_narrow_the_requests(busy):
    other = (
        Service.objects.exclude(theme=service("exact").theme)
        .filter(precision="exact")
        .order_by("code")
        .first()
    )
    file_requests(around(HEART, 7, 100), other)
    assert source.read_points(question(theme=other.theme.slug)).n == 7
    assert source.read_points(question(services=(other.code,))).n == 7
    assert source.read_points(question(theme="no-such")).n == 0


def test_what_is_public_by_area_alone_is_for_staff(busy):
    file_requests(around(HEART, 50, 100), service("area"))
    assert source.read_points(question()).n == 420
    assert source.read_points(question(audience="staff")).n == 470


def test_rough_places_with_fewer_than_three_requests_are_left_out(db):
    here, there = (-51.1800, -30.0600), (-51.1500, -30.0800)
    file_requests([here] * (LEAST_SHOWN - 1) + [there] * LEAST_SHOWN, service("grid_100m"))
    done = run()
    assert (done.n, done.facts["left_out"]) == (LEAST_SHOWN, LEAST_SHOWN - 1)


def test_the_study_area_is_the_municipality():
    area = source.study_area()
    official = Feature.objects.get(version__layer__slug="municipality", version__state="active")
    assert area.area == pytest.approx(official.geom.transform(settings.CITY.metric_srid, clone=True).area)


def test_streets_are_measured_inside_each_cell():
    area = source.study_area()
    grid = grid_over(area, kind="hex", cell_m=1500)
    km, unit = source.exposure("streets", grid)
    cells = shapely.union_all(grid.polygons())
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT sum(ST_Length(ST_Intersection(t.geom, ST_GeomFromWKB(%(cells)s, %(m)s))))
                 FROM layers_street s
                 JOIN layers_layerversion v ON v.id = s.version_id AND v.state = 'active'
                CROSS JOIN LATERAL (SELECT ST_Transform(s.geom, %(m)s) AS geom) AS t""",
            {"m": settings.CITY.metric_srid, "cells": shapely.to_wkb(cells)},
        )
        (metres,) = cursor.fetchone()
    assert unit == "km"
    assert km.sum() * 1000 == pytest.approx(metres, rel=1e-6)


def test_people_are_shared_out_by_area():
    Feature.objects.filter(version__layer__slug="regions").update(properties={"population": 10_000})
    grid = grid_over(source.study_area(), kind="square", cell_m=1000)
    people, unit = source.exposure("regions.population", grid)
    regions = Feature.objects.filter(version__layer__slug="regions", version__state="active").count()
    assert unit == "population"
    assert people.sum() == pytest.approx(10_000 * regions, rel=0.01)


@pytest.mark.parametrize("spec", ["bairros.nothing", "nowhere.people"])
def test_an_exposure_that_nobody_published_is_refused_and_told_with_its_run(busy, spec):
    with pytest.raises(Invalid) as refused:
        run(question(exposure=spec))
    assert refused.value.code == "hotspots.no_exposure"
    failed = HotspotRun.objects.get()
    assert (failed.state, failed.is_current) == ("failed", False)
    assert "hotspots.no_exposure" in failed.failure


@pytest.mark.parametrize("exposure", ["", "streets"])
def test_the_busy_place_is_found_and_the_rest_is_not(busy, exposure):
    done = run(question(exposure=exposure))
    hot = HotspotCell.objects.filter(run=done, heat=1)
    heart = Point(*HEART, srid=4326)
    assert hot.filter(geom__contains=heart).exists()
    assert all(cell.geom.centroid.distance(heart) < 0.015 for cell in hot)
    assert done.facts["hot"] >= len(hot) > 0
    assert bool(hot[0].rate) == bool(exposure)
    assert HotspotShape.objects.filter(run=done, kind="cluster", geom__intersects=heart).exists()
    assert HotspotShape.objects.filter(run=done, kind="contour", geom__contains=heart).exists()


def test_clusters_at_a_distance_are_those_of_dbscan(busy):
    done = run(question(radius_m=120.0))
    assert (done.facts["cluster_method"], done.facts["cluster_radius_m"]) == ("dbscan", 120)
    assert HotspotShape.objects.filter(
        run=done, kind="cluster", geom__intersects=Point(*HEART, srid=4326)
    ).exists()


def test_a_public_edition_has_no_cell_with_fewer_than_three(busy):
    public, staff = run(), run(question(audience="staff"), standing=False)
    assert min(HotspotCell.objects.filter(run=public).values_list("n", flat=True)) >= LEAST_SHOWN
    assert min(HotspotCell.objects.filter(run=staff).values_list("n", flat=True)) < LEAST_SHOWN


def test_an_edition_says_how_it_was_made(busy):
    run()
    said = hotspots.current().about()
    assert (said["from"], said["to"], said["requests"]) == (FIRST.isoformat(), LAST.isoformat(), 420)
    assert said["parameters"]["correction"] == "benjamini-hochberg"
    assert {"grid", "cell_m", "rings", "alpha", "exposure", "steps"} <= said["parameters"].keys()
    assert {"cells", "neighbours", "cutoff_p", "tails", "bandwidth_m", "bandwidth_rule", "left_out"} <= said["facts"].keys()  # noqa: E501 # fmt: skip


def test_a_new_edition_takes_the_place_of_the_old_one(busy):
    first = run()
    second = run()
    assert hotspots.current().id == second.pk
    assert [e.id for e in hotspots.editions()] == [second.pk, first.pk]
    assert hotspots.edition(first.pk).n == 420


def test_a_failed_run_leaves_the_edition_in_service(busy):
    good = run()
    with pytest.raises(DomainError):
        run(question(exposure="nowhere.people"))
    assert hotspots.current().id == good.pk


def test_the_collection_is_written_by_the_database(busy):
    done = run()
    body = json.loads(hotspots.geojson(hotspots.current()))
    assert body["type"] == "FeatureCollection"
    assert body["run"]["id"] == done.pk
    kinds = [f["properties"]["kind"] for f in body["features"]]
    assert {"cell", "contour", "cluster"} == set(kinds)
    cells = [f for f in body["features"] if f["properties"]["kind"] == "cell"]
    assert [c["properties"]["z"] for c in cells] == sorted(
        (c["properties"]["z"] for c in cells), reverse=True
    )
    assert all(shapely.from_geojson(json.dumps(f["geometry"])).is_valid for f in body["features"])
    assert len(
        json.loads(hotspots.geojson(hotspots.current(), kinds=("cell",), every=True))["features"]
    ) >= len(cells)


def test_the_table_says_what_the_map_shows(busy):
    run()
    body = json.loads(hotspots.geojson(hotspots.current(), kinds=("cell",)))
    rows = hotspots.by_area(hotspots.current())
    assert sum(row.hot for row in rows) == sum(f["properties"]["heat"] == 1 for f in body["features"])
    assert rows[0].area
    assert rows[0].z == max(row.z or 0 for row in rows)


def test_the_density_lies_where_the_city_is(busy, tmp_path):
    from django.contrib.gis.gdal import GDALRaster

    done = run()
    (tmp_path / "d.tif").write_bytes(hotspots.raster(hotspots.current(), "tif"))
    raster = GDALRaster(str(tmp_path / "d.tif"))
    values = raster.bands[0].data()
    x, y = source.to_metres(np.array([HEART[0]]), np.array([HEART[1]]))
    col = int((x[0] - raster.origin.x) / raster.scale.x)
    row = int((y[0] - raster.origin.y) / raster.scale.y)
    assert raster.srs.srid == settings.CITY.metric_srid
    assert values[row, col] > 0.5 * values.max()
    assert values.max() == pytest.approx(HotspotRaster.objects.get(run=done).peak)
    assert hotspots.raster(hotspots.current(), "png").startswith(b"\x89PNG")
    west = min(lng for lng, _ in hotspots.corners(hotspots.current()))
    assert settings.CITY.bounds[0] - 0.05 < west < HEART[0]


def test_old_editions_lose_their_details_and_a_killed_run_is_told(busy):
    runs = [run() for _ in range(operations.KEPT_DETAILS + 2)]
    killed = operations.begin(question(), now=NOW - timedelta(hours=7))
    operations.prune(now=NOW)
    kept = set(HotspotCell.objects.values_list("run", flat=True))
    assert kept == {r.pk for r in runs[-operations.KEPT_DETAILS :]}
    assert list(HotspotRaster.objects.values_list("run", flat=True)) == [runs[-1].pk]
    assert HotspotRun.objects.get(pk=killed).state == "failed"
    with pytest.raises(NotFound):
        hotspots.raster(hotspots.edition(runs[0].pk), "png")


def test_an_edition_that_never_was_is_not_found():
    with pytest.raises(NotFound):
        hotspots.edition(4711)
    assert hotspots.current() is None


def test_a_city_without_requests_has_no_hotspots_and_no_error(db):
    done = run()
    assert (done.state, done.n, done.facts["hot"], done.facts["clusters"]) == ("done", 0, 0, 0)
    assert hotspots.by_area(hotspots.current()) == []
    assert json.loads(hotspots.geojson(hotspots.current()))["features"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"audience": "press"}, "audience"), ({"grid": "triangle"}, "grid"), ({"rings": 9}, "rings"),
        ({"alpha": 0.9}, "alpha"), ({"exposure": "a b"}, "exposure"), ({"steps": 2}, "steps"),
        ({"least": 1}, "least"), ({"radius_m": 1.0}, "radius"), ({"last": FIRST - timedelta(days=1)}, "to"),
        ({"first": LAST - timedelta(days=3), "steps": 12}, "steps"),
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused_before_a_job_begins(changes, field):
    with pytest.raises(Invalid) as refused:
        checked(Question(**{"first": FIRST, "last": LAST, **changes}))
    assert refused.value.field == field
    assert not HotspotRun.objects.exists()


def test_what_maps_read_is_read_by_index(busy):
    """Of many editions only one is looked at."""
    for _ in range(3):
        run()
    number = hotspots.current().id
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in (hotspots._AREAS, hotspots._GEOJSON):
            about = {"run": number, "kinds": ["cell", "cluster"], "every": False, "about": "{}"}
            cursor.execute(f"EXPLAIN {query.text}", about)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan on maps_" not in plan
            assert "run_id" in plan.split("Index Cond", 1)[1]
