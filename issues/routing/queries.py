"""decide(service, place, at): the one question that routing answers."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from geo_central.kernel.sql import Query
from issues.catalogue.queries import ServiceRow
from layers.queries import Place

from .facts import teams
from .matching import Decision, Directory, Reason, RuleRow, Subject, TeamRow, match
from .models import Rule

_RULES_FOR = Query(__file__, "rules_for")
_log = logging.getLogger(__name__)

__all__ = ["Decision", "Reason", "RuleBook", "decide", "subject_of"]


def subject_of(service: ServiceRow) -> Subject:
    """What rules see of a service."""
    return Subject(
        service.id,
        service.code,
        service.name,
        service.theme_id,
        service.theme_name,
        service.department_id,
        service.department_name,
    )


def decide(*, service: ServiceRow, place: Place | None, at: datetime, edition: int | None = None) -> Decision:
    """The team for a request of `service` at `place` (None: a service without a place).

    Never None: what no rule places goes to the responsible department's triage team. One SQL
    statement, or none with an `edition` whose rule book is at hand. A rule that should have decided
    and could not is in the decision's reasons and in the error log. Raises Unready
    `routing.no_team` for a department without a triage team.
    """
    if edition is not None:
        subject = subject_of(service)
        return _told(_kept_book(edition).decide(subject=subject, place=place, at=at))
    row = _RULES_FOR.one(
        {
            "service": service.id,
            "theme": service.theme_id,
            "department": service.department_id,
            "areas": [a.code for a in place.areas] if place else [],
        }
    )
    rules = [rule_row(r) for r in row.rules or ()]
    teams = Directory(team_row(t) for t in row.teams or ())
    return _told(match(rules, teams, subject=subject_of(service), place=place, at=at))


class RuleBook:
    """Every active rule and team, read once: for deciding many requests in a row."""

    def __init__(self, rules: Iterable[RuleRow], teams: Iterable[TeamRow]) -> None:
        self._about: dict[tuple[str, int | None], list[RuleRow]] = {}
        for rule in rules:
            of = (rule.subject, rule.service_id or rule.theme_id or rule.department_id)
            self._about.setdefault(of, []).append(rule)
        self._teams = Directory(teams)

    @classmethod
    def load(cls) -> "RuleBook":
        """The book as it stands now; two statements."""
        return cls(active_rules(), teams())

    @property
    def directory(self) -> Directory:
        """The active teams."""
        return self._teams

    def decide(self, *, subject: Subject, place: Place | None, at: datetime) -> Decision:
        """As `decide`, from the book."""
        about = [
            *self._about.get(("service", subject.service_id), ()),
            *self._about.get(("theme", subject.theme_id), ()),
            *self._about.get(("department", subject.department_id), ()),
        ]
        return match(about, self._teams, subject=subject, place=place, at=at)


def active_rules() -> list[RuleRow]:
    """Every active rule as the matcher reads it."""
    rules = Rule.objects.filter(is_active=True).order_by("id").values(*RuleRow.__dataclass_fields__)
    return [rule_row(r) for r in rules]


@lru_cache(maxsize=2)
def _kept_book(edition: int) -> RuleBook:
    return RuleBook.load()


def rule_row(row: Mapping[str, Any]) -> RuleRow:
    """A rule from its columns, as read by the ORM or written by json_build_object."""
    return RuleRow(
        **{
            **row,
            "where_codes": frozenset(row["where_codes"]),
            "valid_from": _moment(row["valid_from"]),
            "valid_until": _moment(row["valid_until"]),
        }
    )


def team_row(row: Mapping[str, Any]) -> TeamRow:
    """A team from its columns."""
    return TeamRow(**{**row, "territory_codes": frozenset(row["territory_codes"])})


def _moment(value: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _told(decision: Decision) -> Decision:
    for failure in decision.failures:
        _log.error("rule %(rule)s could not be evaluated: %(why)s", failure.data)
    return decision
