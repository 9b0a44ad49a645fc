"""Rows of text become requests, or are refused with a reason. Pure: no database, no clock."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
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


Point = tuple[float, float]


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
    """Reads the rows of one file by its mapping. `now`: nothing was asked for after it.

    What is the same for many rows is worked out once: this runs for millions of them.
    """

    mapping: FileMapping
    columns: Sequence[str]
    services: Mapping[str, ServiceRow]
    now: datetime
    file_crs: str = ""
    _at: dict[str, int] = field(init=False)
    _moment: Callable[[str], datetime] = field(init=False)
    _project: Callable[[Any, Any], tuple[Any, Any]] | None = field(init=False)
    _understand: Callable[[int, Row, "Point | str"], Past] = field(init=False)

    def __post_init__(self) -> None:
        self._at = {name: n for n, name in enumerate(self.columns)}
        self._moment = _reader_of_dates(self.mapping)
        crs = CRS.from_user_input(self.file_crs or self.mapping.crs)
        plain = crs == CRS.from_epsg(4326)
        self._project = None if plain else Transformer.from_crs(crs, 4326, always_xy=True).transform
        self._understand = self._reader()

    def translate(self, rows: Sequence[Row], first: int) -> tuple[list[Past], list[Refused]]:
        """The rows of a batch, the first of which is row `first` of the file."""
        kept: list[Past] = []
        refused: list[Refused] = []
        understand, width = self._understand, len(self.columns)
        for number, row, point in zip(range(first, first + len(rows)), rows, self._points(rows), strict=True):
            try:
                if len(row) != width:
                    raise _Refuse("wrong_columns", str(len(row)))
                kept.append(understand(number, row, point))
            except _Refuse as why:
                refused.append(Refused(number, why.reason, why.value))
        return kept, refused

    def _reader(self) -> Callable[[int, Row, "Point | str"], Past]:
        """How one row is understood, with everything that its columns need at hand."""
        names, now, date = self.mapping.columns, self.now, self._date
        service_of, channel_of, state_of = self._service(), self._channel(), self._state()
        id_of = self._id()
        address_of = self._joined(names.address, ADDRESS_LIMIT)
        description_of = self._joined(names.description, TEXT_LIMIT)
        at_opened = self._at[names.opened_at]
        at_closed = self._at[names.closed_at] if names.closed_at else None

        def understand(number: int, row: Row, point: Point | str) -> Past:
            service = service_of(row)
            lng = lat = None
            if service.geolocated:
                if isinstance(point, str):
                    raise _Refuse(point)
                lng, lat = point
            opened_at = date(row[at_opened])
            if opened_at is None:
                raise _Refuse("no_date")
            closed_at = None if at_closed is None else date(row[at_closed])
            state = state_of(row, closed_at)
            if state not in _CLOSED:
                closed_at = None
            elif closed_at is None:
                raise _Refuse("closed_without_date")
            elif closed_at < opened_at:
                raise _Refuse("closes_before_opens", row[at_closed or 0])
            if (closed_at or opened_at) > now:
                raise _Refuse("in_future", row[at_opened])
            return Past(
                number, id_of(row), service, channel_of(row), state, lng, lat,
                address_of(row), description_of(row), opened_at, closed_at,
            )  # fmt: skip

        return understand

    def _service(self) -> Callable[[Row], ServiceRow]:
        column, default = self.mapping.columns.service, self.mapping.default_service
        codes = {**self.mapping.services}
        known = {value: self.services[code] for value, code in codes.items() if code in self.services}
        at = self._at[column] if column else None

        def service_of(row: Row) -> ServiceRow:
            given = "" if at is None else row[at]
            service = known.get(given)
            if service is None:
                given = given.strip()
                service = self.services.get(codes.get(given) or default)
                if service is None:
                    raise _Refuse("unknown_service", given or default)
            return service

        return service_of

    def _state(self) -> Callable[[Row, datetime | None], str]:
        column, states, default = self.mapping.columns.state, self.mapping.states, self.mapping.default_state
        if not column:
            return lambda row, closed_at: default or ("resolved" if closed_at else "open")
        read = self._word(column, states, default, "unknown_state")
        return lambda row, closed_at: read(row)

    def _channel(self) -> Callable[[Row], str]:
        column, default = self.mapping.columns.channel, self.mapping.default_channel
        if not column:
            return lambda row: default
        return self._word(column, self.mapping.channels, default, "unknown_channel")

    def _word(self, column: str, words: Mapping[str, str], default: str, reason: str) -> Callable[[Row], str]:
        at = self._at[column]

        def word_of(row: Row) -> str:
            word = words.get(row[at]) or words.get(row[at].strip()) or default
            if not word:
                raise _Refuse(reason, row[at].strip())
            return word

        return word_of

    def _id(self) -> Callable[[Row], str]:
        """The row's own identifier; without such a column, a digest of everything it says."""
        places = [self._at[n] for n in self.mapping.columns.external_id]
        if not places:
            return lambda row: hashlib.blake2b("\x1f".join(row).encode(), digest_size=16).hexdigest()

        def id_of(row: Row) -> str:
            external_id = "/".join([row[at].strip() for at in places]).replace("\x00", "")
            if not external_id.strip("/"):
                raise _Refuse("no_id")
            if len(external_id) > ID_LIMIT:
                raise _Refuse("long_id", external_id)
            return external_id

        return id_of

    def _date(self, text: str) -> datetime | None:
        text = text.strip()
        if not text:
            return None
        try:
            return self._moment(text)
        except (ValueError, OverflowError):
            raise _Refuse("bad_date", text) from None

    def _joined(self, names: Sequence[str], limit: int) -> Callable[[Row], str]:
        places = [self._at[n] for n in names]
        if not places:
            return lambda row: ""
        if len(places) == 1:
            only = places[0]
            return lambda row: row[only].strip()[:limit]
        return lambda row: ", ".join([t for at in places if (t := row[at].strip())])[:limit]

    def _points(self, rows: Sequence[Row]) -> list["Point | str"]:
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
    """How this file's dates are read: in UTC, whatever the file leaves out."""
    zone, form, ignore = ZoneInfo(mapping.timezone), mapping.date_format, mapping.ignore_offset
    offsets: dict[tuple[int, int], timedelta | None] = {}

    def read(text: str) -> datetime:
        moment = _as_if_in_utc(text) if not form else None
        if moment is None:
            moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text)
            if moment.tzinfo is not None and not ignore:
                return moment.astimezone(UTC)
            moment = moment.replace(tzinfo=UTC)
        hour = (moment.toordinal(), moment.hour)
        try:
            offset = offsets[hour]
        except KeyError:
            offset = offsets[hour] = _offset_of_hour(moment, zone)
        if offset is None:
            return moment.replace(tzinfo=zone).astimezone(UTC)
        return moment - offset

    return read


def _as_if_in_utc(text: str) -> datetime | None:
    """A date and time without an offset; None for any other form. `replace` would take ten times as long."""
    try:
        moment = datetime.fromisoformat(text + "+00:00")
    except ValueError:
        return None
    return moment if moment.tzinfo else None  # a date alone: the plus was read as what precedes a time


def _offset_of_hour(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    """What the zone's clocks are ahead of UTC in the hour of a wall clock; None if it changes in it."""
    begins = moment.replace(minute=0, second=0, microsecond=0, tzinfo=zone)
    offset = begins.utcoffset()
    return offset if offset == begins.replace(minute=59, second=59).utcoffset() else None
