"""Who may open a stream, and how many: sessions of staff, limits of addresses."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from geo_central.kernel.errors import Forbidden, Limited
from issues.teams.queries import teams_of

from .queries import team_slugs


class Turnstile:
    """Counts the open streams of each address."""

    def __init__(self) -> None:
        self.total = 0
        self._open: Counter[str] = Counter()

    @contextmanager
    def pass_through(self, address: str) -> Iterator[None]:
        """One stream more for as long as the block runs. Raises Limited `too_many`."""
        everybody, each = settings.STREAMS["process"], settings.STREAMS["address"]
        if self.total >= everybody or (each and self._open[address] >= each):
            raise Limited("too_many", retry_after=30)
        self.total += 1
        self._open[address] += 1
        try:
            yield
        finally:
            self.total -= 1
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]


class Patience(SimpleRateThrottle):
    """How often one address may ask again in a minute: settings.RATE_LIMITS["watch"]; 0 is no limit."""

    scope = "watch"

    def get_rate(self) -> str | None:
        limit = settings.RATE_LIMITS[self.scope]
        return f"{limit}/min" if limit else None

    def get_cache_key(self, request: Request, view: APIView) -> str:
        told = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
        address = told.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
        return self.cache_format % {"scope": self.scope, "ident": address}


def teams_seen(session_key: str, slug: str) -> frozenset[int]:
    """The teams whose work the holder of a session may watch: the one named, or all of theirs.

    Blocking; call it from a thread. Raises Forbidden `auth.needed` without a live session,
    Forbidden `auth.not_allowed` for a team that is not theirs.
    """
    close_old_connections()
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = auth.get_user(request)
    if not user.is_authenticated:
        raise Forbidden("auth.needed")
    seen = team_slugs(teams_of(user))
    if not slug:
        return frozenset(seen.values())
    if slug not in seen:
        raise Forbidden("auth.not_allowed")
    return frozenset({seen[slug]})
