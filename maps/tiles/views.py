"""The tiles over HTTP: read an address, ask for the tile, answer with what lets it be kept."""

import gzip
import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from .base import Encoded, base_tile, editions
from .grid import MEDIA_TYPE, parse_tile
from .heat import heat_edition, heat_tile, parse_filters

BASE_KEPT = "public, max-age=60, stale-while-revalidate=600"
HEAT_KEPT = "public, no-cache"
_WORTH_ZIPPING = 512


@require_safe
def base(request: HttpRequest, z: str, x: str, y: str) -> HttpResponseBase:
    """A tile of the basemap; kept for a minute, then asked for again by its ETag."""
    tile, of = parse_tile(z, x, y), editions()
    return _answer(request, f"{tile} {of}", lambda: base_tile(tile, of), kept=BASE_KEPT)


@require_safe
def heat(request: HttpRequest, z: str, x: str, y: str) -> HttpResponseBase:
    """A tile of the heatmap for the filters in the query; always asked for again by its ETag."""
    tile, filters = parse_tile(z, x, y), parse_filters(request.GET)
    # Read before the tile: a tile may be newer than its tag, never older.
    edition = heat_edition()

    def encoded() -> Encoded:
        plain = heat_tile(tile, filters)
        return Encoded(plain, gzip.compress(plain, 5, mtime=0) if len(plain) >= _WORTH_ZIPPING else plain)

    return _answer(request, f"{tile} {filters} {edition}", encoded, kept=HEAT_KEPT)


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
