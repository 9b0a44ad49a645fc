"""Processes in the database: every service has one, its teams exist everywhere, and no version changes."""

import pytest
from django.db import DatabaseError, transaction

from issues.catalogue.models import Process, ProcessVersion, Service
from issues.catalogue.processes import after, first
from issues.catalogue.queries import process_version, services, services_without_process
from issues.intake.operations import report
from issues.lifecycle.models import Issue
from issues.routing.steps import Case, team_of_step
from issues.teams.models import Department
from layers.queries import areas_of
from tests.factories.reports import NOON, draft

pytestmark = pytest.mark.django_db


def test_every_service_of_the_city_goes_by_a_process():
    assert len(services()) == 452
    assert services_without_process() == []


@pytest.mark.parametrize("change", [{"definition": {}}, {"number": 99}, {"digest": "0" * 64}])
def test_a_version_is_never_changed(change):
    version = ProcessVersion.objects.first()
    with pytest.raises(DatabaseError), transaction.atomic():
        ProcessVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        ProcessVersion.objects.filter(pk=version.pk).delete()


def test_a_running_request_keeps_the_version_with_which_it_began():
    old = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    process = Process.objects.get(versions=old.process_version_id)
    process.current = ProcessVersion.objects.create(
        process=process, number=2, digest="n" * 64, definition=process.current.definition, published_at=NOON
    )
    process.save()
    new = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    old.refresh_from_db()
    assert (old.process_version.number, new.process_version.number) == (1, 2)


def test_every_step_of_every_service_has_a_team_in_every_region():
    """By the service's own department; where no team is named for a place, its triage."""
    departments = dict(Service.objects.values_list("code", "department_id"))
    by_version: dict[int, set[int]] = {}
    pairs = Service.objects.filter(is_active=True).values_list("code", "process__current_id")
    for code, version in pairs:
        by_version.setdefault(version, set()).add(departments[code])
    active = set(Department.objects.values_list("pk", flat=True))
    for version, owners in by_version.items():
        process = process_version(version)
        for department in owners & active:
            routed = Department.objects.get(pk=department).teams.filter(is_triage=True).first()
            for area in areas_of("regions"):
                case = Case(department, routed.pk, {"regions": area.code}, NOON, 0)
                for step in process.steps:
                    assert team_of_step(*step.team_rule, case).id, (process.code, step.code, area.code)


def test_every_process_comes_to_an_end_by_its_first_outcomes():
    for version in Process.objects.values_list("current_id", flat=True):
        process = process_version(version)
        done, progress = [], first(process)
        for _turn in range(60):
            if not progress:
                break
            code = progress[0].code
            outcomes = list(process.step(code).outcomes)
            done.append((code, outcomes[min(sum(d[0] == code for d in done), len(outcomes) - 1)]))
            state = after(process, done)
            progress = state.open
        assert not progress, process.code
