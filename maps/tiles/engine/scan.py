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
_BLOCK_BITS, _BLOCK_ZOOM, _NEVER = 10, 12, 32_767
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
    audience: Any,
    z: int,
    tile_x: int,
    tile_y: int,
    days: Any,
    only: Any,
    services: Any,
    teams: Any,
    channels: Any,
    places: Any,
    weight: int,
    cells: Any,
) -> None:
    """Add `weight` to `cells[kind - 1, row * 64 + column]` for every row inside a tile of zoom 0 to 16.

    `days`: opened not before [0] and before [1]; not closed by [2] unless -1 << 15; due by [3] or 1 << 15.
    `only`: audience bit, 1 open or 0 closed or -1 either. `services` has each one's kind, 0 for none;
    `teams`, `channels` and `places` which ones are counted, or nothing where all are.
    """
    shift = 16 - z
    cell_x, cell_y = tile_x * SIDE, tile_y * SIDE
    since, before, open_at, due_by = days[0], days[1], days[2], days[3]
    seen_by, state = only[0], only[1]
    of_team, of_channel, of_place = len(teams) > 0, len(channels) > 0, len(places) > 0
    for block in range(len(block_x)):
        if z <= _BLOCK_ZOOM:
            if block_x[block] >> (_BLOCK_ZOOM - z) != tile_x or block_y[block] >> (_BLOCK_ZOOM - z) != tile_y:
                continue
        elif block_x[block] != tile_x >> (z - _BLOCK_ZOOM) or block_y[block] != tile_y >> (z - _BLOCK_ZOOM):
            continue
        west, north = np.int64(block_x[block]) << _BLOCK_BITS, np.int64(block_y[block]) << _BLOCK_BITS
        low = _first(opened, start[block], start[block + 1], since)
        high = _first(opened, low, start[block + 1], before)
        for row in range(low, high):
            kind = services[service[row]]
            if kind == 0 or audience[row] & seen_by == 0:
                continue
            column = ((west + x[row]) >> shift) - cell_x
            line = ((north + y[row]) >> shift) - cell_y
            if column < 0 or column >= SIDE or line < 0 or line >= SIDE:
                continue
            gone = closed[row]
            if gone <= open_at or due[row] > due_by:
                continue
            if state >= 0 and (gone == _NEVER) != (state == 1):
                continue
            if of_team and not teams[team[row]]:
                continue
            if of_channel and not channels[channel[row]]:
                continue
            if of_place and not places[place[row]]:
                continue
            cells[kind - 1, line * SIDE + column] += weight


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
