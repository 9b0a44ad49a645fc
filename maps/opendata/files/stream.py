"""Rows out of PostgreSQL as Arrow, by parts of the same size, whatever the whole."""

from collections.abc import Generator, Iterator
from io import BytesIO

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import connection
from pyarrow import csv

from maps.opendata.collections import Collection, parameters

ROWS = 20_000
GEOMETRY = "geometry"
_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", "UTC"),
}


def schema(of: Collection) -> pa.Schema:
    """The columns of a file, then the geometry as WKB (EPSG:4326, longitude first) where there is one."""
    fields = [pa.field(c.name, _TYPES[c.kind]) for c in of.columns]
    return pa.schema([*fields, *([pa.field(GEOMETRY, pa.binary())] if of.geometry else [])])


def batches(of: Collection) -> Generator[tuple[str, pa.Table], None, None]:
    """The rows in the order of time, each part with its month in the city's zone (YYYY-MM; "" without time).

    Within a transaction. A part has at most ROWS rows of one month.
    """
    geometry = ", encode(ST_AsBinary(geom), 'hex')" if of.geometry else ""
    sql = (
        f"COPY (SELECT to_char(_at AT TIME ZONE %(zone)s::text, 'YYYY-MM'),"
        f" {', '.join(c.name for c in of.columns)}{geometry}"
        f" FROM ({of.sql}) AS c ORDER BY _at, _key) TO STDOUT (FORMAT csv)"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SET LOCAL timezone = 'UTC'")
        with cursor.copy(sql, {**parameters(), "zone": settings.CITY.timezone}) as copy:
            lines: list[memoryview | bytes] = []
            for line in copy:  # one row each
                lines.append(line)
                if len(lines) == ROWS:
                    yield from _by_month(_table(of, lines))
                    lines = []
            if lines:
                yield from _by_month(_table(of, lines))


def _table(of: Collection, lines: list[memoryview | bytes]) -> pa.Table:
    names = ["_month", *(c.name for c in of.columns), *([GEOMETRY] if of.geometry else [])]
    types = {"_month": pa.string(), GEOMETRY: pa.string()} | {c.name: _TYPES[c.kind] for c in of.columns}
    read = csv.read_csv(
        BytesIO(b"".join(lines)),
        csv.ReadOptions(column_names=names, block_size=64 << 20),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    ).combine_chunks()
    if of.geometry:
        read = read.set_column(read.num_columns - 1, GEOMETRY, _bytes(read.column(GEOMETRY)))
    return read


def _bytes(column: pa.ChunkedArray) -> pa.Array:
    """Hexadecimal texts as the bytes that they stand for, all at once."""
    hexes = pa.concat_arrays(column.chunks)
    valid, offsets, data = hexes.buffers()
    ends = pa.Array.from_buffers(pa.int32(), len(hexes) + 1, [None, offsets])
    body = bytes.fromhex(data.to_pybytes()[: ends[-1].as_py()].decode("ascii")) if data else b""
    halves = pc.divide(ends, pa.scalar(2, pa.int32()))
    return pa.Array.from_buffers(
        pa.binary(), len(hexes), [valid, halves.buffers()[1], pa.py_buffer(body)], hexes.null_count
    )


def _by_month(read: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    rows, start = read.drop_columns(["_month"]), 0
    for found in pc.value_counts(read.column("_month")):
        n = found["counts"].as_py()
        yield found["values"].as_py() or "", rows.slice(start, n)
        start += n
