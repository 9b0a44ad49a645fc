"""Reading vector tiles back, by the protobuf rules of the Mapbox Vector Tile specification 2.1."""

import struct
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Feature:
    """Geometry commands as lists of points in tile units; one list for each MoveTo."""

    kind: int
    paths: list[list[tuple[int, int]]]
    properties: dict[str, Any] = field(default_factory=dict)


def decode(tile: bytes) -> dict[str, list[Feature]]:
    """Layers by name."""
    return dict(_layer(value) for number, value in _fields(tile) if number == 3)


def _layer(data: bytes) -> tuple[str, list[Feature]]:
    name, keys, values, raw = "", [], [], []
    for number, value in _fields(data):
        if number == 1:
            name = value.decode()
        elif number == 2:
            raw.append(value)
        elif number == 3:
            keys.append(value.decode())
        elif number == 4:
            values.append(_value(value))
    return name, [_feature(f, keys, values) for f in raw]


def _feature(data: bytes, keys: list[str], values: list[Any]) -> Feature:
    parts = dict(_fields(data))
    tags = _varints(parts.get(2, b""))
    pairs = zip(tags[::2], tags[1::2], strict=True)
    return Feature(parts.get(3, 0), _paths(_varints(parts[4])), {keys[k]: values[v] for k, v in pairs})


def _paths(commands: list[int]) -> list[list[tuple[int, int]]]:
    paths: list[list[tuple[int, int]]] = []
    x = y = at = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        for _ in range(count if command != 7 else 0):
            x, y = x + _signed(commands[at]), y + _signed(commands[at + 1])
            at += 2
            if command == 1:
                paths.append([])
            paths[-1].append((x, y))
    return paths


def _value(data: bytes) -> Any:
    ((number, value),) = _fields(data)
    match number:
        case 1:
            return value.decode()
        case 2:
            return struct.unpack("<f", value)[0]
        case 3:
            return struct.unpack("<d", value)[0]
        case 6:
            return _signed(value)
        case 7:
            return bool(value)
    return value


def _signed(n: int) -> int:
    return (n >> 1) ^ -(n & 1)


def _varints(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(value)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _fields(data: bytes) -> list[tuple[int, Any]]:
    found, at = [], 0
    while at < len(data):
        key, at = _varint(data, at)
        match key & 7:
            case 0:
                value, at = _varint(data, at)
            case 1:
                value, at = data[at : at + 8], at + 8
            case 2:
                size, at = _varint(data, at)
                value, at = data[at : at + size], at + size
            case 5:
                value, at = data[at : at + 4], at + 4
        found.append((key >> 3, value))
    return found
