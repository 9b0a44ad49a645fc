"""How much one address, or one key, may ask in a minute. Counted per process, in its cache."""

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from geo_central.kernel.errors import Limited

_WINDOW = 60


def check_rate(request: HttpRequest, door: str) -> None:
    """Count one request. Raises Limited `too_many` beyond settings.RATE_LIMITS[door] a minute."""
    count(f"rate:{door}:{address_of(request)}", settings.RATE_LIMITS[door])


def count(what: str, limit: int) -> None:
    """Count one call of `what`. Raises Limited `too_many` beyond `limit` a minute; 0 is no limit."""
    if not limit:
        return
    window, into = divmod(int(time.time()), _WINDOW)
    key = f"{what}:{window}"
    cache.add(key, 0, _WINDOW)
    try:
        calls = cache.incr(key)
    except ValueError:  # evicted in between: the window starts again
        return
    if calls > limit:
        raise Limited("too_many", retry_after=_WINDOW - into)


def address_of(request: HttpRequest) -> str:
    """The client's address; behind our own proxy, the one that the proxy saw."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
