"""The compiled loops: count the rows of a tile in its cells, and write the cells as a vector tile.

Compiled once a machine (the cache lies under `var/`) and run without the interpreter's lock.
"""

import os
from typing import Any

import numpy as np
from django.conf import settings

os.environ.setdefault("NUMBA_CACHE_DIR", str(settings.HEAT_ROOT.parent / "numba"))

from numba import njit

SIDE = 64
_BLOCK_ZOOM, _BLOCK_BITS, _NEVER = 14, 8, 32_767  # as in columns
_CHUNK = 2_048  # rows whose mask stays in the first cache
_LONGEST = 24  # bytes of one feature and its value at most


@njit(nogil=True, cache=True)
def _first(days: Any, low: int, high: int, day: int) -> int:
    """The first position whose day is not before `day`."""
    while low < high:
        middle = (low + high) >> 1
        if days[middle] < day:
            low = middle + 1
        else:
            high = middle
    return low


@njit(nogil=True, cache=True)
def count(
    block_x: Any,
    block_y: Any,
    start: Any,
    x: Any,
    y: Any,
    opened: Any,
    closed: Any,
    due: Any,
    service: Any,
    team: Any,
    channel: Any,
    place: Any,
    z: int,
    tile_x: int,
    tile_y: int,
    days: Any,
    services: Any,
    teams: Any,
    channels: Any,
    places: Any,
    weight: int,
    cells: Any,
) -> None:
    """Add `weight` to `cells[kind * 4096 + row * 64 + column]` for every row inside a tile of zoom 0 to 16.

    `days`: opened not before [0] and before [1]; closed after [2] and not after [3]; due by [4]. `services`
    has the kind of each value of the column, 0 for what is not counted: those rows are counted too, as
    kind 0, because a branch that cannot be foretold costs more than an addition. `teams`, `channels` and
    `places` say 1 or 0 for each value, or nothing where all are counted.
    """
    shift = np.uint64(16 - z)
    mask = np.empty(_CHUNK, dtype=np.uint8)
    ask = days[2] > -_NEVER - 1 or days[3] < _NEVER or days[4] < _NEVER
    ask = ask or len(teams) > 0 or len(channels) > 0 or len(places) > 0 or z > _BLOCK_ZOOM
    for block in range(len(block_x)):
        if z <= _BLOCK_ZOOM:
            if block_x[block] >> (_BLOCK_ZOOM - z) != tile_x or block_y[block] >> (_BLOCK_ZOOM - z) != tile_y:
                continue
        elif block_x[block] != tile_x >> (z - _BLOCK_ZOOM) or block_y[block] != tile_y >> (z - _BLOCK_ZOOM):
            continue
        # Where the block begins, in cells of the tile: before it where the tile is the smaller, modulo 2^64.
        west = np.uint64(((np.int64(block_x[block]) << _BLOCK_BITS) >> (16 - z)) - tile_x * SIDE)
        north = np.uint64(((np.int64(block_y[block]) << _BLOCK_BITS) >> (16 - z)) - tile_y * SIDE)
        low = _first(opened, start[block], start[block + 1], days[0])
        high = _first(opened, low, start[block + 1], days[1])
        for begin in range(low, high, _CHUNK):
            end = min(begin + _CHUNK, high)
            if ask:
                _ask(begin, end, closed, due, days, mask)
                if z > _BLOCK_ZOOM:
                    _clip(begin, end, x, west, shift, mask)
                    _clip(begin, end, y, north, shift, mask)
                _look(begin, end, team, teams, mask)
                _look(begin, end, channel, channels, mask)
                _look(begin, end, place, places, mask)
                for row in range(end - begin):
                    at = np.uint64(begin + row)
                    column = (west + (np.uint64(x[at]) >> shift)) & np.uint64(SIDE - 1)
                    line = (north + (np.uint64(y[at]) >> shift)) & np.uint64(SIDE - 1)
                    kind = np.uint64(services[service[at]]) * np.uint64(mask[np.uint64(row)])
                    cells[(kind << np.uint64(12)) + (line << np.uint64(6)) + column] += weight
            else:
                for row in range(begin, end):
                    at = np.uint64(row)
                    column = west + (np.uint64(x[at]) >> shift)
                    line = north + (np.uint64(y[at]) >> shift)
                    kind = np.uint64(services[service[at]])
                    cells[(kind << np.uint64(12)) + (line << np.uint64(6)) + column] += weight


@njit(nogil=True, cache=True)
def _ask(begin: int, end: int, closed: Any, due: Any, days: Any, mask: Any) -> None:
    """1 in `mask` for rows that are closed and due when they should be, else 0."""
    after, until, by = np.int16(days[2]), np.int16(days[3]), np.int16(days[4])
    for row in range(end - begin):
        at = np.uint64(begin + row)
        mask[row] = (closed[at] > after) & (closed[at] <= until) & (due[at] <= by)


@njit(nogil=True, cache=True)
def _clip(begin: int, end: int, along: Any, first: Any, shift: Any, mask: Any) -> None:
    """Keep in `mask` the rows that lie in the tile along one axis."""
    for row in range(end - begin):
        mask[row] &= first + (np.uint64(along[np.uint64(begin + row)]) >> shift) < np.uint64(SIDE)


@njit(nogil=True, cache=True)
def _look(begin: int, end: int, column: Any, wanted: Any, mask: Any) -> None:
    """Keep in `mask` the rows whose value in `column` is wanted."""
    if len(wanted) > 0:
        for row in range(end - begin):
            mask[row] &= wanted[column[np.uint64(begin + row)]]


@njit(nogil=True, cache=True)
def _varint(out: Any, at: int, value: int) -> int:
    while value > 127:
        out[at] = (value & 127) | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@njit(nogil=True, cache=True)
def features(numbers: Any, which: Any, values: Any, out: Any) -> int:
    """Write features (points in the middle of cells), their one key and values; the bytes written.

    `numbers` are cells with something in them, `which[n]` the position of each one's count in `values`.
    Source: Mapbox Vector Tile specification 2.1, 4.1 to 4.4.
    """
    at = 0
    for n in range(len(numbers)):
        px = (numbers[n] % SIDE) * SIDE + SIDE // 2
        py = (numbers[n] // SIDE) * SIDE + SIDE // 2
        tag = 2 if which[n] > 127 else 1
        point = (2 if px * 2 > 127 else 1) + (2 if py * 2 > 127 else 1)
        out[at], out[at + 1] = 0x12, 2 + (1 + tag) + 2 + 2 + (1 + point)
        out[at + 2], out[at + 3], out[at + 4] = 0x12, 1 + tag, 0
        at = _varint(out, at + 5, which[n])
        out[at], out[at + 1], out[at + 2], out[at + 3], out[at + 4] = 0x18, 1, 0x22, 1 + point, 9
        at = _varint(out, at + 5, px * 2)
        at = _varint(out, at, py * 2)
    out[at], out[at + 1], out[at + 2] = 0x1A, 1, 0x6E
    at += 3
    for n in range(len(values)):
        size, rest = 1, values[n]
        while rest > 127:
            rest >>= 7
            size += 1
        out[at], out[at + 1], out[at + 2] = 0x22, 1 + size, 0x28
        at = _varint(out, at + 3, values[n])
    return at


_HEAD = b"\x0a\x04heat"
_TAIL = b"\x28\x80\x20\x78\x02"  # extent 4096, version 2


def encoded(cells: Any) -> bytes:
    """The MVT of 4,096 counts by row: layer `heat`, points with their number `n`; empty where all are 0."""
    numbers = np.flatnonzero(cells)
    if not len(numbers):
        return b""
    values, which = np.unique(cells[numbers], return_inverse=True)
    out = np.empty(len(numbers) * _LONGEST + 16, dtype=np.uint8)
    body = _HEAD + out[: features(numbers, which, values, out)].tobytes() + _TAIL
    size = np.empty(8, dtype=np.uint8)
    return b"\x1a" + size[: _varint(size, 0, len(body))].tobytes() + body
