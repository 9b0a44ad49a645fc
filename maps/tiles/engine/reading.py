"""Requests read from PostgreSQL as rows of the store: all of them, or the few that something happened to."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.db import connection

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Unready
from geo_central.kernel.sql import Query
from layers.queries import areas_at

from .columns import EPOCH, FARTHEST, NEVER, SENT, Ints, spread

_ROWS = Query(__file__, "heat_rows")
_CHANNELS = Query(__file__, "heat_channels")
_ZERO = datetime(2000, 1, 1, tzinfo=UTC)  # of PostgreSQL's moments
_HEADER = 19  # bytes: signature, flags, length of the extension
_FIELDS = [part for name, kind in SENT for part in ((f"{name}_size", ">i4"), (name, kind))]
_ROW = np.dtype([("fields", ">i2"), *_FIELDS])
_CHUNK = 100_000  # rows
_NATIVE = {name: np.dtype(kind).newbyteorder("=") for name, kind in SENT}


@dataclass(slots=True)
class Keys:
    """Keys and their positions, in the order in which they were first met."""

    services: list[int] = field(default_factory=list)
    teams: list[int] = field(default_factory=list)
    channels: list[int] = field(default_factory=list)
    places: list[dict[str, str]] = field(default_factory=list)

    def copy(self) -> "Keys":
        return Keys(list(self.services), list(self.teams), list(self.channels), list(self.places))


@lru_cache(maxsize=64)
def channel_keys(channels: tuple[str, ...]) -> frozenset[int]:
    """The keys under which the columns keep these channels."""
    return frozenset(row.key for row in _CHANNELS.rows({"channels": list(channels)}))


def rows(keys: Keys, issues: list[int] | None = None) -> list[dict[str, Ints]]:
    """Every request, or those of these ids, in pieces for `columns.joined`; `keys` learns new ones.

    Reads by one COPY, so that what it sees is of one moment.
    """
    only = "" if issues is None else " WHERE i.id = ANY (%(issues)s::bigint[])"
    params = {"issues": issues}
    made, held, size = [], bytearray(), _HEADER
    statement = f"COPY ({_ROWS.text}{only}) TO STDOUT (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(statement, params) as sent:
        for part in sent:
            held += part
            if len(held) - size >= _CHUNK * _ROW.itemsize:
                whole = (len(held) - size) // _ROW.itemsize
                made.append(_piece(bytes(held[size : size + whole * _ROW.itemsize]), keys))
                held, size = held[size + whole * _ROW.itemsize :], 0
    # The last two bytes end the stream. Areas are asked for after it: it has the connection to itself.
    made.append(_piece(bytes(held[size : len(held) - 2]), keys))
    return [_placed(piece, keys) for piece in made]


def _piece(data: bytes, keys: Keys) -> dict[str, Ints]:
    """Requests as sent, in the machine's own form, with positions instead of keys and days of moments."""
    sent = np.frombuffer(data, dtype=_ROW)
    given = {name: sent[name].astype(kind) for name, kind in _NATIVE.items()}
    for name, known in (("service", keys.services), ("team", keys.teams), ("channel", keys.channels)):
        given[name] = _positions(given[name], known).astype(np.uint16)
    for name in ("opened", "closed", "due"):
        given[name] = _days(given[name])
    given["issue"] = given.pop("id")
    return given


def _placed(given: dict[str, Ints], keys: Keys) -> dict[str, Ints]:
    """Requests with the combination of areas that each lies in, as rows."""
    given["place"] = _places(given.pop("lng"), given.pop("lat"), keys.places)
    return spread(given)


def _days(moments: Ints) -> Ints:
    """The city's days, counted from EPOCH, of PostgreSQL's moments: microseconds, or no end for NEVER."""
    found = np.searchsorted(_midnights(city_zone().key), moments, side="right") - 1 - FARTHEST
    return np.where(moments == np.iinfo(np.int64).max, NEVER, found).astype(np.int16)


@lru_cache(maxsize=2)
def _midnights(zone: str) -> Ints:
    """When each day begins there, from FARTHEST days before EPOCH to as many after, as PostgreSQL has it."""
    days = [
        datetime.combine(EPOCH + timedelta(n), time.min, ZoneInfo(zone)) - _ZERO
        for n in range(-FARTHEST, FARTHEST + 1)
    ]
    return np.array([d // timedelta(microseconds=1) for d in days], dtype=np.int64)


def _positions(found: Ints, known: list[int]) -> Ints:
    """Where each key is in `known`, which takes in those that it did not have."""
    values, which = np.unique(found, return_inverse=True)
    at = {value: n for n, value in enumerate(known)}
    for value in values.tolist():
        if value not in at:
            at[value] = len(known)
            known.append(value)
    return np.array([at[v] for v in values.tolist()], dtype=np.int64)[which]


def _places(lngs: npt.NDArray[Any], lats: npt.NDArray[Any], known: list[dict[str, str]]) -> Ints:
    """The combination of areas that each point lies in; the first of `known` is that of no area."""
    if not known:
        known.append({})
    found = np.zeros(len(lngs), dtype=np.uint32)
    has = np.flatnonzero(np.isfinite(lngs))
    try:
        areas = areas_at(lngs[has], lats[has])
    except Unready:  # no map of the city is published: nothing lies in an area
        return found
    at = {tuple(sorted(place.items())): n for n, place in enumerate(known)}
    positions = []
    for one in areas.sets:
        place = {area.layer: area.code for area in one or ()}
        key = tuple(sorted(place.items()))
        if key not in at:
            at[key] = len(known)
            known.append(place)
        positions.append(at[key])
    found[has] = np.array(positions, dtype=np.uint32)[areas.of]
    return found
