"""Crews of a team in tests, and who goes out with them."""

from issues.crew.models import Crew, CrewMember
from issues.lifecycle.operations import Actor
from issues.teams.models import Membership, Team, User
from tests.factories.acts import person

PASSWORD = "uma-senha-de-teste"


def crew(team: Team, name: str = "Caminhão 1", *people: User) -> Crew:
    """A crew of that team with these people, who work in it."""
    made = Crew.objects.create(team=team, name=name)
    for user in people:
        Membership.objects.get_or_create(user=user, team=team)
        CrewMember.objects.create(crew=made, team=team, user=user)
    return made


def member(team: Team, role: str = "crew", *, leads: bool = False) -> User:
    """Somebody who works in that team, or leads it."""
    user = person(role)
    Membership.objects.create(user=user, team=team, is_leader=leads)
    return user


def as_actor(user: User) -> Actor:
    """The same as the life of a request knows people."""
    rows = list(Membership.objects.filter(user=user).order_by("pk").values_list("team_id", "is_leader"))
    teams, leads = {t for t, _ in rows}, {t for t, is_leader in rows if is_leader}
    return Actor("staff", user.pk, user.role, frozenset(teams), frozenset(leads))
