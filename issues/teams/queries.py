"""Who works where."""

from django.contrib.auth.models import AnonymousUser

from .models import Team, User


def teams_of(user: User | AnonymousUser) -> tuple[int, ...]:
    """The ids of the teams whose work this person may see; managers see every active team."""
    if isinstance(user, AnonymousUser):
        return ()
    teams = Team.objects.filter(is_active=True)
    if user.role not in {User.Role.MANAGER, User.Role.ADMIN}:
        teams = teams.filter(members=user)
    return tuple(teams.order_by("pk").values_list("pk", flat=True))
