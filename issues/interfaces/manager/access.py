"""Who may see the managers' pages, and how a page of theirs is drawn."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.cache import never_cache

from geo_central.kernel.errors import Forbidden
from issues.lifecycle.operations import Actor
from issues.teams.models import User

MAY = frozenset({User.Role.MANAGER, User.Role.ADMIN})
MODERATORS = MAY | {User.Role.ATTENDANT}
View = Callable[..., HttpResponseBase]


def for_managers(view: View) -> View:
    """A page for managers and administrators, never kept in a cache.

    Strangers are asked to sign in; Forbidden `manager.only` for everybody else.
    """
    return _for(MAY, view)


def for_moderators(view: View) -> View:
    """As `for_managers`, for attendants too."""
    return _for(MODERATORS, view)


def _for(roles: frozenset[str], view: View) -> View:
    @wraps(view)
    @login_required
    @never_cache
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User) or user.role not in roles:
            raise Forbidden("manager.only")
        return view(request, *args, **kwargs)

    return checked


def actor(request: HttpRequest) -> Actor:
    """The signed-in manager, as the life of a request knows people."""
    user = request.user
    if not isinstance(user, User):
        raise Forbidden("manager.only")
    return Actor("staff", user.pk, user.role)


def is_piece(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page that it already shows."""
    return bool(getattr(request, "htmx", False))


__all__ = ["HttpResponse", "actor", "for_managers", "for_moderators", "is_piece"]
