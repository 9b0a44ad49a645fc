"""The board's numbers against PostgreSQL's own, with a store and its tail, and without one."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.db import connection
from django.http import QueryDict
from django.utils.timezone import localdate

from geo_central.kernel import clock
from geo_central.kernel.geo import LngLat
from issues.lifecycle.models import Issue
from layers.queries import place_at
from maps.analytics.seasons import seasons
from maps.filters import HeatFilters
from maps.steps import steps
from maps.tiles import counting, heat, rows
from maps.tiles.engine import building
from maps.web.planning import asked, drawn
from maps.web.planning.panels import changed, layer
from maps.web.planning.requests import requests
from tests.geo.test_tiles_heat import NOW, SOUTH, WEST, file_issues, of_precision

TODAY = date(2026, 11, 23)
ZONE = "America/Sao_Paulo"


@pytest.fixture
def city(db, settings, tmp_path):
    """Three hundred requests of every precision, some closed in time and some late; no heat store."""
    settings.HEAT_ROOT = tmp_path
    rows._read.clear()
    points = [(WEST + (n % 20) * 0.0012, SOUTH + (n // 20) * 0.001) for n in range(300)]
    file_issues(points, of_precision("exact", "grid_100m", "area"))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE issues_issue SET due_at = opened_at + (id %% 12) * interval '1 day',"
            " closed_at = CASE WHEN state <> 'assigned'"
            "             THEN LEAST(opened_at + (id %% 17) * interval '1 day', %s) END,"
            " channel = CASE WHEN id %% 3 = 0 THEN 'phone' ELSE 'web' END WHERE protocol LIKE %s",
            [NOW, "t-1-%"],
        )


@pytest.fixture(params=["store", "rows"])
def counted_by(request, city, monkeypatch):
    """The heat store, or PostgreSQL's rows read whole."""
    if request.param == "store":
        heat.warm(wait=True)
        building.rebuild(now=clock.now)
    else:
        monkeypatch.setattr("maps.tiles.rows.reading", lambda: heat.Reading("rows", None))
    return request.param


def number(where: str, *params: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM issues_issue i WHERE i.geom IS NOT NULL AND {where}", params)
        return int(cursor.fetchone()[0])


def count(filters: HeatFilters) -> counting.Counted:
    services, teams = rows.names()
    return counting.count(rows.source(), filters, services, teams, today=TODAY)


DAY = f"(%s AT TIME ZONE '{ZONE}')::date"
OPENED, DUE = DAY % "i.opened_at", DAY % "i.due_at"
CLOSED = DAY % "COALESCE(i.closed_at, i.updated_at)"
IN_PERIOD = f"{OPENED} BETWEEN '2026-09-01' AND '2026-10-15'"
WAS_OPEN = f"{OPENED} <= '2026-10-01' AND (i.is_open OR {CLOSED} > '2026-10-01')"


def test_every_request_with_a_place_is_counted_once(counted_by):
    found = count(HeatFilters())
    assert found.n == number("true")
    assert found.places.sum() == found.by_month.sum() == found.services.sum() == found.n


def test_the_four_states_are_those_of_the_days(counted_by):
    states = count(HeatFilters()).teams.sum(axis=0).tolist()
    assert states == [
        number(f"NOT i.is_open AND {CLOSED} <= {DUE}"),
        number(f"NOT i.is_open AND {CLOSED} > {DUE}"),
        number(f"i.is_open AND {DUE} >= %s", TODAY),
        number(f"i.is_open AND {DUE} < %s", TODAY),
    ]


@pytest.mark.parametrize(
    ("filters", "where"),
    [
        (HeatFilters(first=date(2026, 9, 1), last=date(2026, 10, 15)), IN_PERIOD),
        (HeatFilters(state="open"), "i.is_open"),
        (HeatFilters(state="closed"), "NOT i.is_open"),
        (HeatFilters(channels=("phone",)), "i.channel = 'phone'"),
        (HeatFilters(mode="open", on=date(2026, 10, 1)), WAS_OPEN),
        (HeatFilters(mode="overdue", on=date(2026, 10, 1)), f"{WAS_OPEN} AND {DUE} <= '2026-10-01'"),
    ],
)
def test_filters_let_through_what_postgresql_lets_through(counted_by, filters, where):
    assert 0 < count(filters).n == number(where)


def test_the_areas_of_a_layer_hold_the_requests_that_lie_in_them(counted_by):
    of, found = rows.source(), count(HeatFilters())
    where = layer("bairros", of)
    sums = where.summed(found.places.sum(axis=(1, 2)))
    expected: dict[str, int] = {}
    for issue in Issue.objects.filter(geom__isnull=False):
        place = place_at(LngLat(issue.geom.x, issue.geom.y))
        code = next((a.code for a in place.areas if a.layer == "bairros"), "")
        expected[code] = expected.get(code, 0) + 1
    assert {c: int(n) for c, n in zip((*where.codes, ""), sums, strict=True) if n} == expected


def test_the_requests_behind_a_number_are_as_many_as_it_says(counted_by):
    filters = HeatFilters(state="open", first=date(2026, 9, 1))
    found = requests(filters, limit=1000)
    assert len(found.rows) == found.n == count(filters).n
    assert len({row.protocol for row in found.rows}) == found.n
    days = [localdate(row.opened_at) for row in found.rows]
    assert days == sorted(days, reverse=True)
    assert requests(filters, start=5, limit=10).rows == found.rows[5:15]


def test_what_has_happened_since_the_store_was_built_is_counted_as_it_is_now(city):
    heat.warm(wait=True)
    building.rebuild(now=clock.now)
    before = count(HeatFilters(state="open")).n
    (issue,) = Issue.objects.filter(state="assigned", geom__isnull=False).order_by("id")[:1]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE issues_issue SET state = 'resolved', closed_at = %s WHERE id = %s",
            [clock.now(), issue.pk],
        )
        cursor.execute(
            "INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data, by, note)"
            " VALUES (%s, 'resolved', %s, %s, true, '{}', '', '')",
            [issue.pk, clock.now(), clock.now()],
        )
    assert count(HeatFilters(state="open")).n == before - 1
    assert issue.protocol in {r.protocol for r in requests(HeatFilters(state="closed"), limit=1000).rows}
    assert issue.protocol not in {r.protocol for r in requests(HeatFilters(state="open"), limit=1000).rows}


def test_a_board_of_every_layer_and_measure_is_drawn(counted_by):
    for slug in ("bairros", "regions"):
        for measure in asked.MEASURES:
            for scheme in asked.SCHEMES:
                query = QueryDict(f"layer={slug}&measure={measure}&scheme={scheme}&period=all")
                found = drawn.drawn(asked.board(query, None), today=TODAY)
                data = drawn.payload(found)
                assert len(data["whole"]) == len(data["codes"]) == len(data["change"])
                assert all(len(step["classes"]) == len(data["codes"]) for step in data["steps"])


def test_steps_cover_the_period_without_gaps():
    for unit in ("", "day", "week", "month", "year"):
        cut = steps(date(2024, 12, 30), date(2026, 2, 3), unit)
        assert (cut.each[0].first, cut.each[-1].last) == (date(2024, 12, 30), date(2026, 2, 3))
        for one, after in zip(cut.each, cut.each[1:], strict=False):
            assert after.first == one.last + timedelta(days=1)
    assert steps(date(2024, 1, 1), date(2026, 12, 31), "day").unit == "week"


def test_a_trend_and_a_season_are_found_again():
    months = np.arange(48)
    season = 1 + 0.5 * np.cos(2 * np.pi * months / 12)
    series = np.stack([(100 + months) * season, 100 * season, np.full(48, 7.0)])
    found = seasons(series, 1)
    assert found.slope[0] == pytest.approx(12, rel=0.2)
    assert found.z[0] > 3
    assert abs(found.z[1]) < 1
    assert found.slope[2] == 0
    assert found.index[1].argmax() == 0
    assert found.index[1].argmin() == 6
    assert found.index[1][0] == pytest.approx(1.5, rel=0.02)


def test_of_one_year_the_last_twelve_months_are_told():
    series = np.arange(1.0, 19.0)[None, :]
    found = seasons(series, 4)
    assert found.slope[0] == pytest.approx(12)
    assert (found.index[0].argmin(), found.index[0].argmax()) == (9, 8)  # October 7, September 18
    assert found.index[0].mean() == pytest.approx(1)
    assert np.isnan(seasons(series[:, :11], 1).slope[0])
    assert np.isnan(seasons(np.zeros((1, 18)), 1).index).all()


def test_a_change_that_chance_explains_is_not_clear():
    assert not changed(105, 100, 1.0).clear
    assert changed(200, 100, 1.0).clear
    assert changed(50, 100, 0.5) == changed(50, 100, 0.5)
    assert (changed(50, 100, 0.5).by, changed(50, 100, 0.5).clear) == (0, False)
    assert changed(3, 0, 1.0).percent is None
