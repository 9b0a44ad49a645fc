"""Rows of text become requests, or are refused with a reason. Pure: no database, no clock."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from pyproj import CRS, Transformer

from issues.catalogue.queries import ServiceRow
from issues.lifecycle.queries import CLOSED_STATES

from .mapping import Mapping as FileMapping
from .reading import Row, X, Y

TEXT_LIMIT = 4000
ADDRESS_LIMIT = 240
ID_LIMIT = 80
_CLOSED = frozenset(CLOSED_STATES)


class Past(NamedTuple):
    """A row understood. `state` is `open` or a closed state; the point is EPSG:4326, or None."""

    row: int
    external_id: str
    service: ServiceRow
    channel: str
    state: str
    lng: float | None
    lat: float | None
    address: str
    description: str
    opened_at: datetime
    closed_at: datetime | None


class Refused(NamedTuple):
    """A row left out: which, why (a key of `faults.REASONS`) and the value at fault."""

    row: int
    reason: str
    value: str = ""


class _Refuse(Exception):
    def __init__(self, reason: str, value: str = "") -> None:
        self.reason, self.value = reason, value


@dataclass(slots=True)
class Translator:
    """Reads the rows of one file by its mapping. `at` is now: nothing was asked for after it."""

    mapping: FileMapping
    columns: Sequence[str]
    services: Mapping[str, ServiceRow]
    now: datetime
    file_crs: str = ""
    _at: dict[str, int] = field(init=False)
    _moment: Callable[[str], datetime] = field(init=False)
    _project: Callable[[Any, Any], tuple[Any, Any]] | None = field(init=False)

    def __post_init__(self) -> None:
        self._at = {name: n for n, name in enumerate(self.columns)}
        self._moment = _reader_of_dates(self.mapping)
        crs = CRS.from_user_input(self.file_crs or self.mapping.crs)
        plain = crs == CRS.from_epsg(4326)
        self._project = None if plain else Transformer.from_crs(crs, 4326, always_xy=True).transform

    def translate(self, rows: Sequence[Row], first: int) -> tuple[list[Past], list[Refused]]:
        """The rows of a batch, the first of which is row `first` of the file."""
        points = self._points(rows)
        kept: list[Past] = []
        refused: list[Refused] = []
        understand, width = self._understand, len(self.columns)
        for number, row, point in zip(range(first, first + len(rows)), rows, points, strict=True):
            try:
                if len(row) != width:
                    raise _Refuse("wrong_columns", str(len(row)))
                kept.append(understand(number, row, point))
            except _Refuse as why:
                refused.append(Refused(number, why.reason, why.value))
        return kept, refused

    def _understand(self, number: int, row: Row, point: tuple[float, float] | str) -> Past:
        names, at = self.mapping.columns, self._at
        service = self._service(row)
        lng = lat = None
        if service.geolocated:
            if isinstance(point, str):
                raise _Refuse(point)
            lng, lat = point
        opened_at = self._date(row[at[names.opened_at]].strip())
        if opened_at is None:
            raise _Refuse("no_date")
        closed_at = self._date(row[at[names.closed_at]].strip()) if names.closed_at else None
        state = self._state(row, closed_at)
        if state not in _CLOSED:
            closed_at = None
        elif closed_at is None:
            raise _Refuse("closed_without_date")
        elif closed_at < opened_at:
            raise _Refuse("closes_before_opens", row[at[names.closed_at]])
        if opened_at > self.now or (closed_at and closed_at > self.now):
            raise _Refuse("in_future", row[at[names.opened_at]])
        return Past(
            number, self._id(row), service, self._channel(row), state, lng, lat,
            self._joined(row, names.address, ADDRESS_LIMIT) if names.address else "",
            self._joined(row, names.description, TEXT_LIMIT) if names.description else "",
            opened_at, closed_at,
        )  # fmt: skip

    def _service(self, row: Row) -> ServiceRow:
        given = row[self._at[self.mapping.columns.service]].strip() if self.mapping.columns.service else ""
        code = self.mapping.services.get(given) or self.mapping.default_service
        service = self.services.get(code)
        if service is None:
            raise _Refuse("unknown_service", given or code)
        return service

    def _state(self, row: Row, closed_at: datetime | None) -> str:
        if not self.mapping.columns.state:
            return self.mapping.default_state or ("resolved" if closed_at else "open")
        given = row[self._at[self.mapping.columns.state]].strip()
        state = self.mapping.states.get(given) or self.mapping.default_state
        if not state:
            raise _Refuse("unknown_state", given)
        return state

    def _channel(self, row: Row) -> str:
        if not self.mapping.columns.channel:
            return self.mapping.default_channel
        given = row[self._at[self.mapping.columns.channel]].strip()
        channel = self.mapping.channels.get(given) or self.mapping.default_channel
        if not channel:
            raise _Refuse("unknown_channel", given)
        return channel

    def _id(self, row: Row) -> str:
        """The row's own identifier; without such a column, a digest of everything it says."""
        names = self.mapping.columns.external_id
        if not names:
            return hashlib.blake2b("\x1f".join(row).encode(), digest_size=16).hexdigest()
        external_id = "/".join(row[self._at[n]].strip() for n in names).replace("\x00", "")
        if not external_id.strip("/"):
            raise _Refuse("no_id")
        if len(external_id) > ID_LIMIT:
            raise _Refuse("long_id", external_id)
        return external_id

    def _date(self, text: str) -> datetime | None:
        if not text:
            return None
        try:
            return self._moment(text)
        except (ValueError, OverflowError):
            raise _Refuse("bad_date", text) from None

    def _joined(self, row: Row, names: Sequence[str], limit: int) -> str:
        return ", ".join(filter(None, (row[self._at[n]].strip() for n in names)))[:limit]

    def _points(self, rows: Sequence[Row]) -> list[tuple[float, float] | str]:
        """For each row its longitude and latitude, or the reason why it has none."""
        names = self.mapping.columns
        x, y = (names.lng or X), (names.lat or Y)
        if x not in self._at or y not in self._at:
            return ["no_coordinates"] * len(rows)
        at_x, at_y, width = self._at[x], self._at[y], len(self.columns)
        found = [_pair(row[at_x], row[at_y]) if len(row) == width else "wrong_columns" for row in rows]
        if self._project is not None:
            found = _projected(found, self._project)
        return [p if isinstance(p, str) or _on_earth(*p) else "bad_coordinates" for p in found]


def _pair(x: str, y: str) -> tuple[float, float] | str:
    try:
        return float(x), float(y)
    except ValueError:
        return "bad_coordinates" if x.strip() and y.strip() else "no_coordinates"


def _on_earth(lng: float, lat: float) -> bool:
    return -180 <= lng <= 180 and -90 <= lat <= 90 and (lng != 0 or lat != 0)


def _projected(
    found: list[tuple[float, float] | str], project: Callable[[Any, Any], tuple[Any, Any]]
) -> list[tuple[float, float] | str]:
    where = [n for n, p in enumerate(found) if not isinstance(p, str)]
    lngs, lats = project(*np.array([found[n] for n in where], dtype=float).reshape(-1, 2).T)
    for n, lng, lat in zip(where, lngs.tolist(), lats.tolist(), strict=True):
        found[n] = (lng, lat) if math.isfinite(lng) and math.isfinite(lat) else "bad_coordinates"
    return found


def _reader_of_dates(mapping: FileMapping) -> Callable[[str], datetime]:
    """How this file's dates are read: aware datetimes, whatever the file leaves out."""
    zone, form, ignore = ZoneInfo(mapping.timezone), mapping.date_format, mapping.ignore_offset

    def read(text: str) -> datetime:
        moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text)
        if moment.tzinfo is None or ignore:
            return moment.replace(tzinfo=zone)
        return moment

    return read
