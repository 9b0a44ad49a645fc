"""The tiles over HTTP: read an address, ask for the tile, answer with what lets it be kept."""

import gzip
import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from geo_central.kernel.errors import Forbidden

from .base import Encoded, base_tile, editions
from .grid import MEDIA_TYPE, parse_tile
from .heat import reading

BASE_KEPT = "public, max-age=60, stale-while-revalidate=600"
HEAT_KEPT = "public, no-cache"
STAFF_KEPT = "private, no-cache"
SEE_ALL = frozenset({"planner", "manager", "admin"})
_WORTH_ZIPPING = 512


@require_safe
def base(request: HttpRequest, z: str, x: str, y: str) -> HttpResponseBase:
    """A tile of the basemap; kept for a minute, then asked for again by its ETag."""
    tile, of = parse_tile(z, x, y), editions()
    return _answer(request, f"{tile} {of}", lambda: base_tile(tile, of), kept=BASE_KEPT)


@require_safe
def heat(request: HttpRequest, z: str, x: str, y: str) -> HttpResponseBase:
    """A tile of the heatmap for the filters in the query; always asked for again by its ETag."""
    return _heat(request, z, x, y, staff=False)


@require_safe
@vary_on_cookie
def staff_heat(request: HttpRequest, z: str, x: str, y: str) -> HttpResponseBase:
    """The same for planners: every request that has a place, where it is; no proxy keeps it.

    Raises Forbidden `auth.needed` for strangers and `auth.not_allowed` for other staff.
    """
    if not request.user.is_authenticated:
        raise Forbidden("auth.needed")
    if getattr(request.user, "role", "") not in SEE_ALL:
        raise Forbidden("auth.not_allowed")
    return _heat(request, z, x, y, staff=True)


def _heat(request: HttpRequest, z: str, x: str, y: str, *, staff: bool) -> HttpResponseBase:
    tile = parse_tile(z, x, y)
    # Read before the tile: a tile may be newer than its tag, never older.
    now = reading()
    filters = now.filters(request.GET)

    def encoded() -> Encoded:
        plain = now.tile(tile, filters, staff=staff)
        if len(plain) < _WORTH_ZIPPING or not _takes_gzip(request):
            return Encoded(plain, plain)
        return Encoded(plain, gzip.compress(plain, 1, mtime=0))

    kept = STAFF_KEPT if staff else HEAT_KEPT
    return _answer(request, f"{tile} {filters} {now.edition} {staff}", encoded, kept=kept)


def _answer(
    request: HttpRequest, version: str, encoded: Callable[[], Encoded], *, kept: str
) -> HttpResponseBase:
    """304 where the reader has this version, else the tile, zipped where that pays."""
    etag = f'W/"{hashlib.blake2b(version.encode(), digest_size=12).hexdigest()}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        tile = encoded()
        zip_it = len(tile.plain) >= _WORTH_ZIPPING and _takes_gzip(request)
        response = HttpResponse(tile.gzipped if zip_it else tile.plain, content_type=MEDIA_TYPE)
        if zip_it:
            response["Content-Encoding"] = "gzip"
    response["ETag"] = etag
    response["Cache-Control"] = kept
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _takes_gzip(request: HttpRequest) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")
