"""What a request for features asks, read strictly: whatever is not understood is a 400 that names it."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from django.contrib.gis.gdal import AxisOrder, CoordTransform, GDALException, OGRGeometry, SpatialReference
from django.http import QueryDict

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Malformed
from geo_central.kernel.geo import WGS84

from .crs import Crs, parse_crs
from .published import Published

DEFAULT_LIMIT, MOST = 100, 10_000
_NAMES = frozenset({"f", "limit", "bbox", "bbox-crs", "crs", "datetime", "cursor", "resultType"})
_CURSOR = re.compile(r"(-?\d{1,18}|-)\.(\d{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
_FARTHEST = 1e9

Key = tuple[datetime | None, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query for features. `box` is EWKT in EPSG:4326, made from a rectangle in `box_crs`; `since` and
    `until` are both included; `after` is the key of the last feature of the page before."""

    limit: int
    crs: Crs
    box: str | None
    box_crs: Crs
    since: datetime | None
    until: datetime | None
    after: Key | None
    values: Mapping[str, Any] = field(default_factory=dict)
    only_count: bool = False


def parse_asked(query: QueryDict, of: Published) -> Asked:
    """Read the parameters of `…/items`. Raises Malformed naming the parameter at fault."""
    columns = {c.name: c for c in of.filters}
    for name in query:
        if name not in _NAMES and name not in columns:
            raise Malformed("field.unknown", field=name[:80])
        if len(query.getlist(name)) > 1:
            raise Malformed("field.twice", field=name)
    box_crs = parse_crs(query.get("bbox-crs", ""), field="bbox-crs")
    since, until = _interval(query.get("datetime", ""))
    after = _cursor(query.get("cursor", ""))
    if after is not None and (after[0] is None) == bool(of.of.time):
        raise Malformed("cursor.bad", field="cursor")
    kind = query.get("resultType", "results")
    if kind not in ("results", "hits"):
        raise Malformed("field.not_a_choice", field="resultType", value=kind[:40])
    return Asked(
        limit=_limit(query.get("limit", "")),
        crs=parse_crs(query.get("crs", ""), field="crs"),
        box=_box(query.get("bbox", ""), box_crs),
        box_crs=box_crs,
        since=since,
        until=until,
        after=after,
        values={n: _value(query.get(n, ""), columns[n].kind, n) for n in query if n in columns},
        only_count=kind == "hits",
    )


def parse_crs_only(query: QueryDict) -> Crs:
    """Read the parameters of one feature. Raises Malformed naming the one at fault."""
    for name in query:
        if name not in ("f", "crs"):
            raise Malformed("field.unknown", field=name[:80])
    return parse_crs(query.get("crs", ""), field="crs")


def make_cursor(key: Key) -> str:
    """A key as a parameter."""
    at, number = key
    micros = "-" if at is None else str((at - _EPOCH) // timedelta(microseconds=1))
    return f"{micros}.{number}"


def _cursor(value: str) -> Key | None:
    if not value:
        return None
    found = _CURSOR.fullmatch(value, endpos=60)
    if found is None or not value.isascii():
        raise Malformed("cursor.bad", field="cursor")
    if found[1] == "-":
        return None, int(found[2])
    try:
        return _EPOCH + timedelta(microseconds=int(found[1])), int(found[2])
    except OverflowError:
        raise Malformed("cursor.bad", field="cursor") from None


def _limit(value: str) -> int:
    if not value:
        return DEFAULT_LIMIT
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise Malformed("field.not_a_number", field="limit")
    if int(value) < 1:
        raise Malformed("field.out_of_range", field="limit", low=1, high=MOST)
    return min(int(value), MOST)  # the standard: more than the most is the most


def _box(value: str, crs: Crs) -> str | None:
    if not value:
        return None
    try:
        numbers = [float(n) for n in value.split(",")]
    except ValueError:
        raise Malformed("bbox.four_numbers", field="bbox") from None
    if len(numbers) == 6:  # with heights, which nothing here has
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(math.isfinite(n) and abs(n) <= _FARTHEST for n in numbers):
        raise Malformed("bbox.four_numbers", field="bbox")
    a, b, c, d = numbers
    west, south, east, north = (b, a, d, c) if crs.turned else (a, b, c, d)
    if west > east or south > north:
        raise Malformed("bbox.empty_or_outside", field="bbox")
    frame = OGRGeometry.from_bbox((west, south, east, north))
    if crs.srid != WGS84:
        try:
            frame.transform(_from(crs.srid))
        except GDALException:
            raise Malformed("bbox.empty_or_outside", field="bbox") from None
        if not all(map(math.isfinite, frame.extent)):  # so far away that it is nowhere on Earth
            raise Malformed("bbox.empty_or_outside", field="bbox")
    return f"SRID={WGS84};{frame.wkt}"


@cache
def _from(srid: int) -> CoordTransform:
    degrees = SpatialReference(WGS84, axis_order=AxisOrder.TRADITIONAL)
    return CoordTransform(SpatialReference(srid, axis_order=AxisOrder.TRADITIONAL), degrees)


def _interval(value: str) -> tuple[datetime | None, datetime | None]:
    """A moment, a day, or two of them with `..` for an open end (RFC 3339; a day is the city's)."""
    if not value:
        return None, None
    first, slash, last = value.partition("/")
    since = None if slash and first in ("", "..") else _moment(first, end=False)
    until = None if slash and last in ("", "..") else _moment(last if slash else first, end=True)
    if slash and since is None and until is None and value not in ("../..", "/", "../", "/.."):
        raise Malformed("field.not_a_date", field="datetime")
    if since and until and since > until:
        raise Malformed("field.not_a_date", field="datetime")
    return since, until


def _moment(value: str, *, end: bool) -> datetime:
    try:
        if len(value) == 10:
            day = date.fromisoformat(value)
            _in_range(day.year)
            whole = datetime.combine(day, time.max if end else time.min, city_zone())
            return whole.astimezone(UTC)
        given = datetime.fromisoformat(value.replace(" ", "+"))
        _in_range(given.year)
        if given.tzinfo is None:
            raise ValueError
        return given.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed("field.not_a_date", field="datetime") from None


def _in_range(year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError


def _value(value: str, kind: str, name: str) -> Any:
    if kind == "boolean":
        if value not in ("true", "false"):
            raise Malformed("field.not_a_choice", field=name, value=value[:40])
        return value == "true"
    if kind == "integer":
        if not re.fullmatch(r"-?[0-9]{1,9}", value):
            raise Malformed("field.not_a_number", field=name)
        return int(value)
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise Malformed("field.bad_text", field=name)
    if len(value) > 200:
        raise Malformed("field.too_long", field=name, limit=200)
    return value
