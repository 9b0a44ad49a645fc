"""Departments and teams: writes. Loading is repeatable: rows are known by their code."""

from collections.abc import Iterable, Mapping
from typing import Any

from geo_central.kernel.errors import Invalid

from .models import Department, Membership, Team, User

_DEPARTMENT = ["code", "acronym", "name", "day_starts", "day_ends", "weekdays"]


def load_departments(rows: Iterable[Mapping[str, Any]]) -> int:
    """Add or update departments; how many were given.

    Rows have `code`, `acronym`, `name` and, where they are not the usual ones, `day_starts` and
    `day_ends` (times in the city) and `weekdays` (ISO). Raises Invalid `team.bad_hours` for a day
    that ends before it starts, or a week without a day of work.
    """
    given = [Department(**{name: r[name] for name in _DEPARTMENT if name in r}) for r in rows]
    for one in given:
        if one.day_ends <= one.day_starts or not one.weekdays or {*one.weekdays} - {*range(1, 8)}:
            raise Invalid("team.bad_hours", field=one.code)
    Department.objects.bulk_create(
        given, update_conflicts=True, unique_fields=["code"], update_fields=_DEPARTMENT[1:]
    )
    return len(given)


def load_teams(rows: Iterable[Mapping[str, Any]]) -> int:
    """Add or update teams; those no longer given stop receiving work. How many were given.

    Raises Invalid `team.unknown_department`, or `team.territory_taken` when two teams of a
    department claim the same area.
    """
    departments = dict(Department.objects.order_by("pk").values_list("code", "pk"))
    claimed: dict[tuple[str, str, str], str] = {}
    given = []
    for row in rows:
        if row["department"] not in departments:
            raise Invalid("team.unknown_department", field=row["slug"], department=row["department"])
        for code in row["territory_codes"]:
            area = (row["department"], row["territory_layer"], code)
            if (other := claimed.setdefault(area, row["slug"])) != row["slug"]:
                raise Invalid("team.territory_taken", field=row["slug"], area=code, team=other)
        given.append(
            Team(
                slug=row["slug"],
                name=row["name"],
                department_id=departments[row["department"]],
                is_triage=row["is_triage"],
                territory_layer=row["territory_layer"],
                territory_codes=row["territory_codes"],
                is_active=True,
            )
        )
    Team.objects.exclude(slug__in=[t.slug for t in given]).update(is_active=False)
    Team.objects.bulk_create(
        given,
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=[
            "name", "department", "is_triage", "territory_layer", "territory_codes", "is_active",
        ],
    )  # fmt: skip
    return len(given)


def enrol(
    *, username: str, name: str, role: str, password: str, teams: Iterable[str], leads: bool = False
) -> User:
    """Add or update a member of staff with a password and the teams (slugs) they belong to, or lead."""
    user, _ = User.objects.get_or_create(username=username, defaults={"role": role})
    user.first_name, _, user.last_name = name.partition(" ")
    user.role = role
    user.set_password(password)
    user.save()
    slugs = list(teams)
    user.membership_set.exclude(team__slug__in=slugs).delete()
    Membership.objects.bulk_create(
        [Membership(user=user, team=t) for t in Team.objects.filter(slug__in=slugs).order_by("pk")],
        ignore_conflicts=True,
    )
    user.membership_set.update(is_leader=leads)
    return user
