"""Looking up the areas of every point of a period on both sides of a change, at once."""

from typing import Any

import numpy as np
from django.db import connection

from geo_central.kernel.sql import Query
from layers.queries import areas_at

from .placing import OUTSIDE, Areas, Placing

_POINTS = Query(__file__, "simulate_points")

# PostgreSQL, "COPY", binary format: a header of 19 bytes; each row says its number of fields, each field
# its size, all big-endian. Where nothing is null every row has the same size.
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_POINT = np.dtype(
    {
        "names": ["id", "lng", "lat"],
        "formats": [">i8", ">f8", ">f8"],
        "offsets": [6, 18, 30],
        "itemsize": 38,
    }
)
_NOTED = np.dtype(
    [("fields", ">i2"), ("id_size", ">i4"), ("id", ">i8"), ("number_size", ">i4"), ("number", ">i4")]
)


def look_up(placing: Placing) -> None:
    """Note the areas of every point of the period on both sides, as the number of a combination."""
    numbers: dict[tuple[Areas, Areas], int] = {}
    asked = frozenset(placing.layers)
    with connection.cursor() as cursor:
        rows = _points(cursor, placing)
        was = areas_at(rows["lng"], rows["lat"], instead=placing.before.instead)
        will = areas_at(rows["lng"], rows["lat"], instead=placing.after.instead)
        pairs, of = np.unique(was.of.astype(np.int64) * len(will.sets) + will.of, return_inverse=True)
        combination = [
            _number(
                numbers, placing, asked, was.sets[pair // len(will.sets)], will.sets[pair % len(will.sets)]
            )
            for pair in pairs.tolist()
        ]
        noted = np.empty(len(rows), dtype=_NOTED)
        noted["fields"], noted["id_size"], noted["number_size"] = 2, 8, 4
        noted["id"], noted["number"] = rows["id"], np.array(combination, dtype=np.int32)[of]
        with cursor.copy("COPY tried_place (issue_id, combination) FROM STDIN (FORMAT binary)") as copy:
            copy.write(_HEADER + noted.tobytes() + _TRAILER)
        cursor.execute("ANALYZE tried_place")


def _number(
    numbers: dict[tuple[Areas, Areas], int],
    placing: Placing,
    asked: frozenset[str],
    was: Areas | None,
    will: Areas | None,
) -> int:
    """The number under which a pair of areas, those that rules ask for, is kept."""
    if was is None or will is None:
        return OUTSIDE
    kept = (tuple(a for a in was if a.layer in asked), tuple(a for a in will if a.layer in asked))
    if kept not in numbers:
        numbers[kept] = len(placing.combinations)
        placing.combinations.append(kept)
    return numbers[kept]


def _points(cursor: Any, placing: Placing) -> Any:
    """Identifiers and points of a period's requests, as a structured array."""
    with cursor.copy(_POINTS.text, placing.params()) as copy:
        raw = b"".join(copy)
    return np.frombuffer(raw[len(_HEADER) : -len(_TRAILER)], dtype=_POINT)
