"""Which team, and why. Pure: the same code decides one report and a million replayed ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from geo_central.kernel.errors import Unready
from layers.queries import Place

_SPECIFIC_SUBJECT = {"service": 0, "theme": 1, "department": 2}
_SPECIFIC_PLACE = {"near_asset": 0, "in_area": 1, "anywhere": 2}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked for: the ids by which rules speak of it, and the names that reasons use."""

    service_id: int
    service_code: str
    service_name: str
    theme_id: int
    theme_name: str
    department_id: int
    department_name: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule as a value; see `issues.routing.models.Rule` for the meaning of the columns."""

    id: int
    slug: str
    priority: int
    where: str
    service_id: int | None = None
    theme_id: int | None = None
    department_id: int | None = None
    where_layer: str = ""
    where_codes: frozenset[str] = frozenset()
    distance_m: int | None = None
    team_id: int | None = None
    team_of_layer: str = ""
    team_department_id: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    @property
    def subject(self) -> str:
        return "service" if self.service_id else "theme" if self.theme_id else "department"

    @property
    def order(self) -> tuple[int, int, int, int]:
        """Priority, specificity (subject, then place), id: the lowest is tried first."""
        return (self.priority, _SPECIFIC_SUBJECT[self.subject], _SPECIFIC_PLACE[self.where], self.id)


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One active team as a value."""

    id: int
    slug: str
    name: str
    department_id: int
    department_name: str
    is_triage: bool = False
    territory_layer: str = ""
    territory_codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of a decision: a code and the names it needs, worded by the interface."""

    code: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The team, the rule that gave it (None: nobody's rule, so triage) and the reasons in order."""

    team: TeamRow
    rule_id: int | None
    reasons: tuple[Reason, ...]

    @property
    def failures(self) -> tuple[Reason, ...]:
        """Rules that should have decided but could not: somebody has to mend them."""
        return tuple(r for r in self.reasons if r.code == "rule_failed")


class Directory:
    """The teams, found by id, by territory and by department."""

    def __init__(self, teams: Iterable[TeamRow]) -> None:
        self._by_id: dict[int, TeamRow] = {}
        self._triage: dict[int, TeamRow] = {}
        self._territory: dict[tuple[int, str, str], TeamRow] = {}
        for team in sorted(teams, key=lambda t: t.id):
            self._by_id[team.id] = team
            if team.is_triage:
                self._triage.setdefault(team.department_id, team)
            for code in team.territory_codes:
                self._territory.setdefault((team.department_id, team.territory_layer, code), team)

    def team(self, team_id: int) -> TeamRow | None:
        return self._by_id.get(team_id)

    def all(self) -> Iterable[TeamRow]:
        return self._by_id.values()

    def triage(self, department_id: int) -> TeamRow | None:
        return self._triage.get(department_id)

    def of_area(self, department_id: int, layer: str, code: str) -> TeamRow | None:
        return self._territory.get((department_id, layer, code))


def match(
    rules: Iterable[RuleRow], teams: Directory, *, subject: Subject, place: Place | None, at: datetime
) -> Decision:
    """The first rule that fits, in the declared order; else the department's triage team.

    `place` is None for services without one: only rules about anywhere that name a team fit.
    Raises Unready `routing.no_team` when the department has no triage team either.
    """
    failed: list[Reason] = []
    for rule in sorted(rules, key=lambda r: r.order):
        about = _about(rule, subject, at)
        where = _where(rule, place) if about else None
        if about is None or where is None:
            continue
        team, given = _team(rule, teams, subject, place)
        if team is None:
            failed.append(given)
            continue
        return Decision(team, rule.id, (about, *where, given, *failed))
    triage = teams.triage(subject.department_id)
    if triage is None:
        raise Unready("routing.no_team", service=subject.service_name)
    last = Reason("triage", {"department": subject.department_name, "team": triage.name})
    return Decision(triage, None, (last, *failed))


def _about(rule: RuleRow, subject: Subject, at: datetime) -> Reason | None:
    if (rule.valid_from and at < rule.valid_from) or (rule.valid_until and at >= rule.valid_until):
        return None
    if rule.service_id == subject.service_id:
        return Reason("service_rule", _names(subject))
    if rule.theme_id == subject.theme_id:
        return Reason("theme_rule", _names(subject))
    if rule.department_id == subject.department_id:
        return Reason("department_rule", _names(subject))
    return None


def _names(subject: Subject) -> dict[str, str]:
    return {
        "service": subject.service_name,
        "theme": subject.theme_name,
        "department": subject.department_name,
    }


def _where(rule: RuleRow, place: Place | None) -> tuple[Reason, ...] | None:
    """Why the place fits: no reason for anywhere, None when it does not fit."""
    if place is None and (rule.team_of_layer or rule.where != "anywhere"):
        return None
    if rule.where == "anywhere" or place is None:
        return ()
    if rule.where == "in_area":
        area = place.area(rule.where_layer)
        if area is None or (rule.where_codes and area.code not in rule.where_codes):
            return None
        return (Reason("in_area", {"layer": area.layer, "area": area.name}),)
    near = [
        asset
        for asset in place.assets
        if asset.layer == rule.where_layer
        and asset.distance_m <= (rule.distance_m or 0)
        and (not rule.where_codes or asset.code in rule.where_codes)
    ]
    if not near:
        return None
    asset = min(near, key=lambda a: (a.distance_m, a.code))
    data = {"layer": asset.layer, "asset": asset.name, "distance_m": round(asset.distance_m)}
    return (Reason("near_asset", data),)


def _team(
    rule: RuleRow, teams: Directory, subject: Subject, place: Place | None
) -> tuple[TeamRow | None, Reason]:
    """The team that the rule gives, with the reason; or why it gives none."""
    if rule.team_id is not None:
        team = teams.team(rule.team_id)
        if team is None:
            return None, _failure(rule, "team_inactive")
        return team, Reason("fixed_team", {"team": team.name})
    area = place.area(rule.team_of_layer) if place else None
    if area is None:
        return None, _failure(rule, "no_area", layer=rule.team_of_layer)
    department_id = rule.team_department_id or subject.department_id
    team = teams.of_area(department_id, area.layer, area.code)
    if team is None:
        return None, _failure(rule, "no_team_of_area", area=area.name)
    return team, Reason("team_of_area", {"layer": area.layer, "area": area.name, "team": team.name})


def _failure(rule: RuleRow, why: str, **data: str) -> Reason:
    return Reason("rule_failed", {"rule": rule.slug, "why": why, **data})
