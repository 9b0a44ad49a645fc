"""What rules are weighed against: services, teams and published maps, read once."""

from dataclasses import dataclass

from issues.catalogue.models import Service
from issues.teams.models import Team

from .matching import RuleRow, Subject, TeamRow


@dataclass(frozen=True, slots=True)
class ServiceFact:
    """A service as rules see it, retired ones too."""

    subject: Subject
    is_active: bool
    geolocated: bool

    def is_about(self, rule: RuleRow) -> bool:
        """Whether the rule speaks of this service."""
        s = self.subject
        return (
            rule.service_id == s.service_id
            or rule.theme_id == s.theme_id
            or rule.department_id == s.department_id
        )


def service_facts() -> dict[int, ServiceFact]:
    """Every service by id."""
    found = Service.objects.order_by("code").values_list(
        "id",
        "code",
        "name",
        "theme_id",
        "theme__name",
        "department_id",
        "department__acronym",
        "is_active",
        "geolocated",
    )
    return {row[0]: ServiceFact(Subject(*row[:7]), *row[7:]) for row in found}


def teams(*, with_inactive: bool = False) -> list[TeamRow]:
    """The active teams, or every one."""
    found = Team.objects.select_related("department").order_by("id")
    return [
        TeamRow(
            t.id, t.slug, t.name, t.department_id, t.department.acronym, t.is_triage,
            t.territory_layer, frozenset(t.territory_codes),
        )
        for t in (found if with_inactive else found.filter(is_active=True))
    ]  # fmt: skip
