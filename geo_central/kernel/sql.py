"""Named queries: SQL that matters lives in `.sql` files, each with a one-line comment on top.

Queries run with server-side binding, so that PostgreSQL keeps one generic plan of each (Django's
own cursors bind on the client). Where the best plan depends on the parameters, `planned=True` has
it planned every time. Both pass through Django's execute wrappers and query log.
Parameters are psycopg's `%(name)s`. `:metric` in a file stands for the city's metric SRID.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from psycopg.types.json import JsonbLoader


@cache
def load(path: Path) -> str:
    """The text of a `.sql` file with the city's metric SRID filled in. Raises FileNotFoundError."""
    return path.read_text(encoding="utf-8").replace(":metric", str(int(settings.CITY.metric_srid)))


class Query:
    """One named query. `Query(__file__, "place_at")` reads `sql/place_at.sql` beside the caller."""

    def __init__(self, beside: str, name: str, *, planned: bool = False) -> None:
        self.path = Path(beside).parent / "sql" / f"{name}.sql"
        self.name = name
        self._cursor = _planned_cursor if planned else _cursor
        self._row: Any = None

    @property
    def text(self) -> str:
        return load(self.path)

    def rows(self, params: Mapping[str, Any] | None = None) -> list[Any]:
        """Every row, as named tuples whose fields are the query's columns."""
        with self._cursor() as cursor:
            cursor.execute(self.text, params or {})
            if self._row is None:  # the columns of a text never change
                self._row = _row_type(tuple(c.name for c in cursor.description or ()))
            return [self._row._make(r) for r in cursor.fetchall()]

    def one(self, params: Mapping[str, Any] | None = None) -> Any:
        """The first row, or None."""
        rows = self.rows(params)
        return rows[0] if rows else None

    def value(self, params: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        row: Sequence[Any] | None = self.one(params)
        return row[0] if row else None

    def run(self, params: Mapping[str, Any] | None = None) -> int:
        """Execute for effect; the number of rows touched."""
        with self._cursor() as cursor:
            cursor.execute(self.text, params or {})
            return int(cursor.rowcount)


@cache
def _row_type(columns: tuple[str, ...]) -> Any:
    return NamedTuple("Row", [(c, Any) for c in columns])


def _cursor() -> Any:
    connection.ensure_connection()
    return _logged(ServerBindingCursor(connection.connection))  # type: ignore[call-arg]


def _planned_cursor() -> Any:
    # Asked anew each time: `connection` is another one in each thread.
    connection.ensure_connection()
    return _logged(connection.create_cursor())


def _logged(raw: Any) -> Any:
    # Django reads jsonb as text, for its own JSONField to decode.
    raw.adapters.register_loader("jsonb", JsonbLoader)
    return connection.make_debug_cursor(raw) if connection.queries_logged else connection.make_cursor(raw)
