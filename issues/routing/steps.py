"""Whose turn a step of a process is: the rules that `catalogue.processes.Step.team` names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings

from geo_central.kernel.errors import Unready
from geo_central.kernel.geo import LngLat
from issues.teams.models import Department
from layers.queries import Area, Place

from .matching import Subject, TeamRow
from .queries import RuleBook, _kept_book


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules see of a request: its service's department, its team, and its areas by layer."""

    department_id: int
    routed_id: int
    areas: Mapping[str, str]
    at: datetime
    edition: int


def team_of_step(rule: str, named: str, case: Case) -> TeamRow:
    """The team for a step with that rule. Whatever no team answers for goes to the triage team.

    Statements only when services, teams or rules have changed since the last time. Raises Unready
    `routing.no_team` for a department without any.
    """
    book = _kept_book(case.edition)
    teams = book.directory
    department_id = case.department_id
    found: TeamRow | None = None
    if rule == "routed":
        found = teams.team(case.routed_id)
    elif rule == "team":
        found = next((t for t in teams.all() if t.slug == named), None)
    elif rule == "area":
        found = teams.of_area(department_id, named, case.areas.get(named, ""))
    elif rule == "department":
        department_id = _departments(case.edition).get(named, department_id)
        found = _by_rules(book, department_id, case)
    found = found or teams.triage(department_id)
    if found is None:
        raise Unready("routing.no_team", service=named or rule)
    return found


def _by_rules(book: RuleBook, department_id: int, case: Case) -> TeamRow | None:
    """As the rules about that department as a whole say; they speak of areas or of the whole city."""
    subject = Subject(0, "", "", 0, "", department_id, "")
    areas = tuple(Area(layer, code, code) for layer, code in case.areas.items())
    place = Place(LngLat(*settings.CITY.centre), areas) if areas else None
    return book.decide(subject=subject, place=place, at=case.at).team


@lru_cache(maxsize=2)
def _departments(edition: int) -> dict[str, int]:
    return dict(Department.objects.order_by("code").values_list("code", "id"))
