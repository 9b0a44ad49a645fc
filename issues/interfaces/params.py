"""Query parameters, read strictly: what cannot be read is refused by name."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, time

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Invalid, Malformed
from geo_central.kernel.geo import LngLat, parse_lnglat

_FIRST_YEAR, _LAST_YEAR = 1900, 2999


def text(params: Mapping[str, str], name: str, *, limit: int = 200) -> str:
    """A parameter as trimmed text; Invalid `field.too_long` or `field.bad_text`."""
    value = params.get(name, "").strip()
    if len(value) > limit:
        raise Invalid("field.too_long", field=name, limit=limit)
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise Invalid("field.bad_text", field=name)
    return value


def whole(params: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    """A whole number within bounds; Malformed `field.not_a_number`, Invalid `field.out_of_range`."""
    value = text(params, name)
    if not value:
        return default
    if not value.isascii() or not value.removeprefix("-").isdigit() or len(value) > 18:
        raise Malformed("field.not_a_number", field=name)
    number = int(value)
    if not low <= number <= high:
        raise Invalid("field.out_of_range", field=name, low=low, high=high)
    return number


def point(params: Mapping[str, str]) -> LngLat:
    """`lat` and `lng`, as geo_central.kernel.geo.parse_lnglat."""
    return parse_lnglat(params.get("lng"), params.get("lat"))


def moment(params: Mapping[str, str], name: str) -> datetime | None:
    """An ISO 8601 date (midnight in the city) or moment, of this millennium or the last century.

    Raises Invalid `field.not_a_date`.
    """
    value = text(params, name)
    if not value:
        return None
    try:
        given = datetime.fromisoformat(value.replace(" ", "+"))
        if not _FIRST_YEAR <= given.year <= _LAST_YEAR:  # periods are reckoned from it
            raise ValueError
        if len(value) == 10:
            return datetime.combine(given.date(), time.min, city_zone())
        aware = given if given.tzinfo else given.replace(tzinfo=city_zone())
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("field.not_a_date", field=name) from None


def choice(params: Mapping[str, str], name: str, choices: tuple[str, ...], *, default: str) -> str:
    """One of some words; Invalid `field.not_a_choice`."""
    value = text(params, name) or default
    if value not in choices:
        raise Invalid("field.not_a_choice", field=name, value=value[:40])
    return value


def cursor(params: Mapping[str, str]) -> tuple[str, int] | None:
    """The key after which a page begins: (text, id). Malformed `cursor.bad`."""
    value = text(params, "cursor")
    if not value:
        return None
    try:
        key, _, number = base64.urlsafe_b64decode(value.encode()).decode().rpartition("~")
        if not key or not 0 <= int(number) < 2**63:
            raise ValueError
        return key, int(number)
    except (ValueError, binascii.Error):
        raise Malformed("cursor.bad", field="cursor") from None


def cursor_at(params: Mapping[str, str]) -> tuple[datetime, int] | None:
    """As `cursor`, whose key is a moment."""
    if (key := cursor(params)) is None:
        return None
    try:
        at = datetime.fromisoformat(key[0])
        if at.tzinfo is None:
            raise ValueError
        return at, key[1]
    except ValueError:
        raise Malformed("cursor.bad", field="cursor") from None


def cursor_number(params: Mapping[str, str]) -> tuple[float, int] | None:
    """As `cursor`, whose key is a number from 0 to 1."""
    key = cursor_metres(params)
    if key and key[0] > 1:
        raise Malformed("cursor.bad", field="cursor")
    return key


def cursor_metres(params: Mapping[str, str]) -> tuple[float, int] | None:
    """As `cursor`, whose key is a distance."""
    if (key := cursor(params)) is None:
        return None
    try:
        metres = float(key[0])
        if not 0 <= metres < 1e9:
            raise ValueError
        return metres, key[1]
    except ValueError:
        raise Malformed("cursor.bad", field="cursor") from None


def make_cursor(key: tuple[object, int] | None) -> str | None:
    """A key as an opaque marker."""
    if key is None:
        return None
    value = key[0].isoformat() if isinstance(key[0], datetime) else repr(key[0])
    return base64.urlsafe_b64encode(f"{value}~{key[1]}".encode()).decode()
