"""Whose map lies under the pins: the city's own tiles, or an operator's. One setting, `BASEMAP`."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

MODES = ("own", "pmtiles", "xyz", "mvt")


@dataclass(frozen=True, slots=True)
class Basemap:
    """`own`; or `pmtiles`, `xyz` or `mvt` with the address of an archive or a template of tiles."""

    mode: str
    url: str = ""

    @property
    def origin(self) -> str:
        """The other server that pages must be let reach, scheme://host[:port]; empty for our own."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def parse_basemap(setting: str) -> Basemap:
    """Read `own`, `pmtiles:URL`, `xyz:URL` or `mvt:URL`. Raises ImproperlyConfigured saying why not."""
    mode, _, url = setting.strip().partition(":")
    if mode not in MODES:
        raise ImproperlyConfigured(f"BASEMAP is {setting!r}: it begins with one of {', '.join(MODES)}.")
    if mode == "own":
        if url:
            raise ImproperlyConfigured(f"BASEMAP is {setting!r}: `own` takes no address.")
        return Basemap(mode)
    parts = urlsplit(url)
    if not (parts.scheme in ("https", "http") and parts.netloc) and not url.startswith("/"):
        raise ImproperlyConfigured(f"BASEMAP is {setting!r}: {mode}: needs https://… or a path of ours.")
    if any(c in url for c in " ;,'\"") or url.startswith("//") or "{" in parts.netloc:
        raise ImproperlyConfigured(f"BASEMAP is {setting!r}: the address has characters it may not have.")
    if mode != "pmtiles" and not all(piece in url for piece in ("{z}", "{x}", "{y}")):
        raise ImproperlyConfigured(f"BASEMAP is {setting!r}: {mode}: needs {{z}}, {{x}} and {{y}}.")
    return Basemap(mode, url)


def with_basemap(directives: dict[str, list[Any]], basemap: Basemap) -> dict[str, list[Any]]:
    """Content-Security-Policy directives that also let the pages read the operator's basemap."""
    if not basemap.origin:
        return directives
    widened = {name: [*directives[name], basemap.origin] for name in ("img-src", "connect-src")}
    return {**directives, **widened}
