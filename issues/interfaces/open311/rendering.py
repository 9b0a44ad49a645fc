"""One structure, two forms: JSON and XML as GeoReport v2 has them.

A resource is a name and its content: a list of objects (`services` of `service`), or one object. In JSON the
outermost name disappears and what is empty is null; in XML it is the root and what is empty an empty element.
Source: https://wiki.open311.org/GeoReport_v2, "Format Support" (JSON is the XML by the Spark convention).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import msgspec

JSON, XML = "json", "xml"
MEDIA_TYPES = {JSON: "application/json; charset=utf-8", XML: "text/xml; charset=utf-8"}
ITEMS = {
    "services": "service",
    "service_requests": "request",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
    "notes": "note",
    "media_urls": "media_url",
    "extensions": "extension",
    "parameters": "parameter",
    "service_request_updates": "request_update",
}
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
# What XML 1.0 cannot say, not even escaped.
_UNSAYABLE = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BATCH = 200

_encode = msgspec.json.Encoder().encode


def moment(at: datetime | None) -> str | None:
    """W3C date and time in UTC, without fractions."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def rendered(name: str, content: Any, form: str) -> bytes:
    """A whole resource in one of the two forms."""
    if form == JSON:
        return _encode(content)
    return (_DECLARATION + _element(name, content)).encode()


def streamed(name: str, content: Iterable[Mapping[str, Any]], form: str) -> Iterator[bytes]:
    """A list in pieces, so that a long one begins to arrive before it is all made."""
    yield b"[" if form == JSON else f"{_DECLARATION}<{name}>".encode()
    item, batch, first = ITEMS[name], [], True
    for one in content:
        batch.append(one)
        if len(batch) == _BATCH:
            yield _batch(item, batch, form, first=first)
            batch, first = [], False
    if batch:
        yield _batch(item, batch, form, first=first)
    yield b"]" if form == JSON else f"</{name}>".encode()


def _batch(item: str, batch: list[Mapping[str, Any]], form: str, *, first: bool) -> bytes:
    if form == JSON:
        return (b"" if first else b",") + _encode(batch)[1:-1]
    return "".join(_element(item, one) for one in batch).encode()


def _element(name: str, value: Any) -> str:
    if value is None or value == "":
        return f"<{name}/>"
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_element(k, v) for k, v in value.items())}</{name}>"
    if isinstance(value, (list, tuple)):
        return f"<{name}>{''.join(_element(ITEMS.get(name, 'item'), v) for v in value)}</{name}>"
    if isinstance(value, bool):
        return f"<{name}>{'true' if value else 'false'}</{name}>"
    return f"<{name}>{escape(_UNSAYABLE.sub('', str(value)))}</{name}>"
