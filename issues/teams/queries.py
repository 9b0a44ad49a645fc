"""Who works where."""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser

from geo_central.kernel.sql import Query

from .models import Department, Team, User

_TEAMS_OF = Query(__file__, "teams_of")
_MEMBERSHIPS = Query(__file__, "memberships")


def teams_of(user: User | AnonymousUser) -> tuple[int, ...]:
    """The ids of the teams whose work this person may see; managers see every active team."""
    if isinstance(user, AnonymousUser):
        return ()
    sees_all = user.role in {User.Role.MANAGER, User.Role.ADMIN}
    return tuple(_TEAMS_OF.value({"user": user.pk, "sees_all": sees_all}))


def memberships(user: User) -> tuple[frozenset[int], frozenset[int]]:
    """The ids of the active teams that somebody works in, and of those that they lead."""
    row = _MEMBERSHIPS.one({"user": user.pk})
    return frozenset(row.teams), frozenset(row.leads)


def departments() -> list[tuple[str, str, str]]:
    """(code, acronym, name) of every department, by acronym."""
    return list(Department.objects.order_by("acronym", "code").values_list("code", "acronym", "name"))


def active_teams() -> list[tuple[str, str]]:
    """(slug, name) of every active team, by name."""
    return list(Team.objects.filter(is_active=True).order_by("name").values_list("slug", "name"))


def teams_by_slug(slugs: Iterable[str]) -> dict[str, int]:
    """Ids of teams by their codes, of those that exist."""
    return dict(Team.objects.filter(slug__in=list(slugs)).values_list("slug", "pk"))
