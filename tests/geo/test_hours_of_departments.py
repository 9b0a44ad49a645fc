"""Each department works its own hours: what it is given is due by them, whichever way it came."""

import csv
from datetime import UTC, date, datetime, time
from io import StringIO
from shutil import copytree

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from geo_central.kernel.clock import city_zone
from issues.catalogue.models import Service
from issues.intake.importing.mapping import parse_mapping
from issues.intake.importing.running import Job, run
from issues.intake.operations import report
from issues.lifecycle.models import Issue
from issues.lifecycle.queries import calendar, calendars
from issues.teams.models import Department
from tests.factories.acts import do, manager
from tests.factories.reports import CENTRE, draft, service_with

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 11, 20, 15, tzinfo=UTC)
SATURDAY, MONDAY = date(2026, 11, 21), date(2026, 11, 23)


@pytest.fixture
def collecting():
    """A service of two working days of the department of cleaning, which works on Saturdays until 19."""
    service = service_with(theme="limpeza-urbana", target_unit="working_days")
    Service.objects.filter(pk=service.id).update(target=2)
    return Service.objects.get(pk=service.id)


def local(moment):
    return moment.astimezone(city_zone())


def test_the_city_s_table_is_what_the_clock_goes_by():
    cleaning = calendar(since=FRIDAY, department_id=Department.objects.get(code="dmlu").pk)
    usual = calendar(since=FRIDAY)
    assert (cleaning.day_starts, cleaning.day_ends, cleaning.weekdays) == (
        time(7),
        time(19),
        {1, 2, 3, 4, 5, 6},
    )
    assert (usual.is_working_day(SATURDAY), cleaning.is_working_day(SATURDAY)) == (False, True)
    assert cleaning.holidays == usual.holidays


def test_a_request_is_due_by_the_hours_of_whoever_has_it(collecting):
    receipt = report(draft=draft(service=collecting.code), now=FRIDAY)
    issue = Issue.objects.select_related("department").get(protocol=receipt.protocol)
    assert issue.department.code == "dmlu"
    assert (local(issue.due_at).date(), local(issue.due_at).time()) == (MONDAY, time(19))


def test_a_wait_over_saturday_counts_for_whoever_works_on_it(collecting):
    issue = Issue.objects.get(protocol=report(draft=draft(service=collecting.code), now=FRIDAY).protocol)
    do(issue, "ask", manager(), datetime(2026, 11, 21, 10, tzinfo=UTC), note="Onde?")
    done = do(issue, "resume", manager(), datetime(2026, 11, 21, 22, tzinfo=UTC))
    assert local(done.due_at) == datetime(2026, 11, 24, 19, tzinfo=city_zone())


def test_what_is_imported_is_due_as_if_it_had_come_by_the_door(collecting, tmp_path):
    other = service_with(code="tapa-buracos")
    file = tmp_path / "a.csv"
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["id", "opened", "what", "lng", "lat"])
        for n, code in enumerate((collecting.code, other.code)):
            rows.writerow([n, "2026-11-20T12:00:00", code, CENTRE.lng, CENTRE.lat])
    columns = {"opened_at": "opened", "service": "what", "lng": "lng", "lat": "lat"}
    given = {
        "source": "old-system",
        "columns": {"external_id": ["id"], **columns},
        "services": {collecting.code: collecting.code, other.code: other.code},
    }
    now = datetime(2026, 11, 23, tzinfo=UTC)
    run(Job(file, parse_mapping(given, "m.toml"), tmp_path / "r.csv", tmp_path / "p.json", now, writers=0))
    for code in (collecting.code, other.code):
        receipt = report(draft=draft(service=code), now=FRIDAY)
        came = Issue.objects.get(source="old-system", service__code=code)
        assert (came.opened_at, came.due_at) == (FRIDAY, receipt.due_at)


def test_all_calendars_come_in_one_statement(statements):
    with statements() as seen:
        found = calendars(since=FRIDAY)
    assert len(seen) == 1
    assert found.keys() == {None, *Department.objects.order_by("pk").values_list("pk", flat=True)}


def test_new_hours_hold_from_the_next_report_on(collecting):
    before = report(draft=draft(service=collecting.code), now=FRIDAY)
    Department.objects.filter(code="dmlu").update(day_ends=time(17), weekdays=[1, 2, 3, 4, 5])
    after = report(draft=draft(service=collecting.code), now=FRIDAY)
    assert local(before.due_at).date() == MONDAY
    assert local(after.due_at) == datetime(2026, 11, 24, 17, tzinfo=city_zone())


# ---- how a city says it


@pytest.fixture
def city(tmp_path):
    """A copy of the demo city's tables."""
    return copytree(settings.FIXTURES_DIR, tmp_path / "city")


def change(city, table, code, **cells):
    file = city / f"{table}.csv"
    rows = list(csv.DictReader(StringIO(file.read_text(encoding="utf-8"))))
    next(r for r in rows if r["code"] == code).update(cells)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def load(city):
    call_command("load_city", folder=city, stdout=StringIO())


def test_hours_that_are_not_given_are_the_usual_ones(city):
    change(city, "departments", "dmlu", day_starts="", day_ends="", weekdays="")
    load(city)
    found = Department.objects.get(code="dmlu")
    assert (found.day_starts, found.day_ends, found.weekdays) == (time(8), time(18), [1, 2, 3, 4, 5])


@pytest.mark.parametrize("cells", [{"day_ends": "06:00"}, {"weekdays": "1;8"}, {"weekdays": ";"}])
def test_hours_that_cannot_be_are_refused_with_the_department(city, cells):
    change(city, "departments", "dmlu", **cells)
    with pytest.raises(CommandError, match="dmlu"):
        load(city)


def test_a_service_says_how_far_away_a_closing_may_be_proved(city):
    change(city, "services", "tapa-buracos", proof_distance_m="35")
    change(city, "services", "paralelepipedos", proof_distance_m="")
    load(city)
    found = dict(Service.objects.order_by("pk").values_list("code", "proof_distance_m"))
    assert (found["tapa-buracos"], found["paralelepipedos"], found["luminaria-apagada"]) == (35, 100, 60)
