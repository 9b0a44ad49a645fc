"""Features out of PostgreSQL, written as GeoJSON by it; pages follow a key, so that the last is as fast as
the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from geo_central.kernel.errors import NotFound
from geo_central.kernel.geo import WGS84
from geo_central.kernel.sql import load
from maps.opendata.collections import ISSUES, Collection, parameters

from .asking import Asked, Key
from .crs import Crs
from .published import Published

_ITEMS = Path(__file__).parent / "sql" / "items.sql"
_HITS = Path(__file__).parent / "sql" / "hits.sql"


@dataclass(frozen=True, slots=True)
class Page:
    """Features as JSON texts, and the key after which the next page begins."""

    features: Sequence[str]
    next_after: Key | None


def items(of: Published, asked: Asked) -> Page:
    """A page of features."""
    where, values = _where(of, asked)
    rows = _rows(of, asked.crs, where, values, asked.limit + 1)
    more = rows[asked.limit - 1] if len(rows) > asked.limit else None
    return Page([r[2] for r in rows[: asked.limit]], (more[0], more[1]) if more else None)


def hits(of: Published, asked: Asked) -> int:
    """How many features the query finds, whatever the page."""
    where, values = _where(of, asked)
    with connection.cursor() as cursor:
        cursor.execute(load(_HITS).format(collection=of.of.sql, where=where), {**parameters(), **values})
        return int(cursor.fetchone()[0])


def item(of: Published, name: str, crs: Crs) -> str:
    """One feature as JSON text. Raises NotFound `feature.unknown`."""
    number = name.isascii() and name.isdigit() and len(name) <= 18
    column = of.of.column(of.id_column)
    if "\0" in name or (not number and (column is None or column.kind == "integer")):
        raise NotFound("feature.unknown", field="feature", feature=name[:80])
    value = int(name) if column is None or column.kind == "integer" else name
    where, values = _pins(of)
    rows = _rows(of, crs, f"{where} AND c.{of.id_column} = %(name)s", {**values, "name": value}, 1)
    if not rows:
        raise NotFound("feature.unknown", field="feature", feature=name[:80])
    return str(rows[0][2])


def _rows(of: Published, crs: Crs, where: str, values: dict[str, Any], limit: int) -> list[Any]:
    sql = load(_ITEMS).format(
        id=of.id_column,
        geometry=_geometry(of.of, crs),
        properties=", ".join(f"'{c.name}', p.{c.name}" for c in of.of.columns),
        collection=of.of.sql,
        where=where,
        order="_at DESC, _key DESC" if of.of.time else "_key",
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, {**parameters(), **values, "limit": limit})
        return list(cursor.fetchall())


def _geometry(of: Collection, crs: Crs) -> str:
    if not of.geometry:
        return "NULL"
    geom = "p.geom" if crs.srid == WGS84 else f"ST_Transform(p.geom, {crs.srid})"
    return f"ST_AsGeoJSON({f'ST_FlipCoordinates({geom})' if crs.turned else geom}, {crs.digits}, 0)::json"


def _service_id(code: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM issues_service WHERE code = %s", [code])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _pins(of: Published) -> tuple[str, dict[str, Any]]:
    terms = [f"c.{name} = %(pin_{name})s" for name in of.pinned]
    return " AND ".join(["true", *terms]), {f"pin_{n}": v for n, v in of.pinned.items()}


def _where(of: Published, asked: Asked) -> tuple[str, dict[str, Any]]:
    where, values = _pins(of)
    terms = [where]
    for name, value in asked.values.items():
        if of.of is ISSUES and name == "service":  # by its key, of which PostgreSQL knows how common it is
            terms.append("c._service = %(v_service)s")
            values["v_service"] = _service_id(value)
            continue
        terms.append(f"c.{name} = %(v_{name})s")
        values[f"v_{name}"] = value
    if asked.box is not None and of.of.geometry:
        # For points, being in a frame of degrees is to touch its box.
        plain = of.of.geometry == "Point" and asked.box_crs.srid == WGS84
        terms.append(
            "c.geom && %(frame)s::geometry" if plain else "ST_Intersects(c.geom, %(frame)s::geometry)"
        )
        values["frame"] = asked.box
    if of.of.time:
        if asked.since is not None:
            terms.append("c._at >= %(since)s")
            values["since"] = asked.since
        if asked.until is not None:
            terms.append("c._at <= %(until)s")
            values["until"] = asked.until
    if asked.after is not None:
        at, values["after_key"] = asked.after
        if of.of.time and at is not None:
            terms.append("(c._at, c._key) < (%(after_at)s, %(after_key)s)")
            values["after_at"] = at
        else:
            terms.append("c._key > %(after_key)s")
    return " AND ".join(terms), values
