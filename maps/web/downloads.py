"""Files of any size over HTTP: by ranges, with an entity tag, never in memory (RFC 9110, §13 and §14)."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import http_date, parse_etags

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
_PIECE = 256 << 10


def download(
    request: HttpRequest, path: Path, *, media_type: str, etag: str, modified: float, max_age: int
) -> HttpResponseBase:
    """The file, a part of it (206), or that the reader's copy is good (304).

    `etag` without quotes; `modified`: when these bytes were made, in seconds since 1970. Raises
    FileNotFoundError.
    """
    size, tag = path.stat().st_size, f'"{etag}"'
    first, last, status = 0, size - 1, 200
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    fresh = request.headers.get("If-Range", tag) in (tag, http_date(modified))
    if _matches(request.headers.get("If-None-Match", ""), tag):
        status = 304
    elif asked and any(asked.groups()) and fresh:
        low, high = asked.groups()
        first = int(low) if low else max(size - int(high), 0)
        last = min(int(high), size - 1) if low and high else size - 1
        if low and high and int(high) < int(low):
            first, last = 0, size - 1  # not a range at all: it is ignored
        else:
            status = 206 if first <= last else 416
    response: HttpResponseBase
    if status in (304, 416) or request.method == "HEAD":
        response = HttpResponse(status=status)
    else:
        response = StreamingHttpResponse(_pieces(path, first, last - first + 1), status=status)
    if status == 416:
        response["Content-Range"] = f"bytes */{size}"
    elif status != 304:
        response["Content-Length"] = str(last - first + 1)
        response["Content-Type"] = media_type
        if status == 206:
            response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    response["Last-Modified"] = http_date(modified)
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag, Content-Range, Content-Length"
    patch_cache_control(response, public=True, max_age=max_age)
    return response


def _matches(given: str, tag: str) -> bool:
    return bool(given) and (given.strip() == "*" or tag in [t.removeprefix("W/") for t in parse_etags(given)])


def _pieces(path: Path, first: int, count: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        while count > 0 and (piece := file.read(min(_PIECE, count))):
            count -= len(piece)
            yield piece
