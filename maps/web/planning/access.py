"""Who may plan: managers, planners and administrators with the whole city, leaders with their own teams."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

from geo_central.kernel.errors import Forbidden
from issues.teams.models import User
from issues.teams.queries import memberships
from maps.filters import HeatFilters
from maps.tiles.rows import names

SEE_ALL = frozenset({User.Role.PLANNER, User.Role.MANAGER, User.Role.ADMIN})
View = Callable[..., HttpResponseBase]
Scope = frozenset[str] | None


def for_planners(view: View) -> View:
    """A page for who plans, never kept in a cache. The view gets `scope`: codes of teams, or None for all.

    Strangers are asked to sign in; Forbidden `auth.not_allowed` for everybody else.
    """

    @wraps(view)
    @login_required
    @never_cache
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, scope=scope_of(request.user), **kwargs)

    return checked


def for_whole_city(view: View) -> View:
    """As `for_planners`, for those only who see every team; the view gets no scope."""

    @wraps(view)
    @login_required
    @never_cache
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if scope_of(request.user) is not None:
            raise Forbidden("auth.not_allowed")
        return view(request, *args, **kwargs)

    return checked


def scope_of(user: object) -> Scope:
    """The codes of the teams whose requests somebody may plan with; None: all. Raises Forbidden."""
    if not isinstance(user, User):
        raise Forbidden("auth.needed")
    if user.role in SEE_ALL:
        return None
    led = memberships(user)[1]
    if not led:
        raise Forbidden("auth.not_allowed")
    return frozenset(team.code for id_, team in names()[1].items() if id_ in led)


def within(filters: HeatFilters, scope: Scope) -> HeatFilters:
    """The same filters, never beyond the scope. Raises Forbidden where they name other teams alone."""
    if scope is None:
        return filters
    teams = scope & set(filters.teams) if filters.teams else scope
    if not teams:
        raise Forbidden("auth.not_allowed")
    return replace(filters, teams=tuple(sorted(teams)))
