"""Many requests at once: COPY into a staging table, then one statement a table.

The same rows as `open_issue` writes, for a history that is already known: imports, the demo city.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from psycopg.errors import UniqueViolation

from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query

_STAGING = Query(__file__, "bulk_staging")
_ISSUES = Query(__file__, "bulk_issues")
_EVENTS = Query(__file__, "bulk_events")
_IMPORT_STAGING = Query(__file__, "imported_staging")
_IMPORT_KINDS = Query(__file__, "imported_kinds")
_IMPORT_PARENTS = Query(__file__, "imported_parents", planned=True)
_IMPORT_SHORTCUT = Query(__file__, "imported_shortcut")
_IMPORT_ISSUES = Query(__file__, "imported_issues", planned=True)
_IMPORT_EVENTS = Query(__file__, "imported_events", planned=True)
_IMPORT_CLOCKS = Query(__file__, "imported_clocks", planned=True)
_IMPORT_CLASHES = Query(__file__, "imported_clashes", planned=True)
_NUMBERS = Query(__file__, "protocol_block", planned=True)
_KNOWN = Query(__file__, "imported_known", planned=True)
_COLUMNS = (
    "client_id", "protocol", "token", "service_id", "precision", "channel", "state", "lng", "lat",
    "address", "areas", "district", "neighbourhood", "description", "answers", "department_id",
    "team_id", "rule_id", "reasons", "priority", "duplicate_of", "opened_at", "due_at", "updated_at",
    "closed_at", "is_moderated", "source", "external_id", "events",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PastEvent:
    """Something that happened to a past request."""

    code: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    is_public: bool = True


@dataclass(frozen=True, slots=True)
class PastIssue:
    """A request with its whole history; `duplicate_of` is a protocol of the same batch or before."""

    client_id: UUID
    protocol: str
    token: str
    service_id: int
    precision: str
    department_id: int
    team_id: int
    rule_id: int | None
    state: str
    channel: str
    opened_at: datetime
    due_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    point: LngLat | None
    address: str = ""
    areas: dict[str, str] = field(default_factory=dict)
    district: str = ""
    neighbourhood: str = ""
    description: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    events: tuple[PastEvent, ...] = ()
    priority: int = 3
    duplicate_of: str = ""
    is_moderated: bool = False
    source: str = ""
    external_id: str = ""


def protocol_numbers(year: int, count: int) -> list[int]:
    """`count` fresh numbers of a year, ascending."""
    rows = _NUMBERS.rows({"year": year, "count": count}) if count else []
    return sorted(row.number for row in rows)


def write_past(issues: Iterable[PastIssue]) -> int:
    """Write requests and their events within the caller's transaction; how many were new.

    A client id, or a (source, external id), that is there already is left as it is. `issues` is
    read while the connection is copying, so it must not ask the database anything itself.
    """
    _STAGING.run()
    connection.ensure_connection()
    copy = f"COPY past_issue ({', '.join(_COLUMNS)}) FROM STDIN"
    with connection.connection.cursor() as cursor, cursor.copy(copy) as rows:
        for issue in issues:
            rows.write_row(_row(issue))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE past_issue")
    written = _ISSUES.run()
    _EVENTS.run()
    return written


def _row(issue: PastIssue) -> list[Any]:
    events = [
        {"code": e.code, "at": e.at.isoformat(), "data": e.data, "public": e.is_public} for e in issue.events
    ]
    values: dict[str, Any] = {
        "lng": issue.point.lng if issue.point else None,
        "lat": issue.point.lat if issue.point else None,
        "areas": json.dumps(issue.areas),
        "answers": json.dumps(issue.answers),
        "reasons": json.dumps(issue.reasons),
        "events": json.dumps(events),
    }
    return [values[c] if c in values else getattr(issue, c) for c in _COLUMNS]


KIND_COLUMNS = (
    "kind", "service_id", "precision", "priority", "areas", "district", "neighbourhood",
    "department_id", "team_id", "rule_id", "reasons", "team",
)  # fmt: skip
ROW_COLUMNS = (
    "kind", "client_id", "protocol", "token", "channel", "state", "lng", "lat", "address", "description",
    "opened_at", "due_at", "closed_at", "external_id", "opened",
)  # fmt: skip


def known_ids(source: str, ids: list[str]) -> set[str]:
    """Which of these identifiers of a source have been imported before."""
    return {row.external_id for row in _KNOWN.rows({"source": source, "ids": ids})}


def write_imported(*, source: str, kinds: str, rows: str, now: datetime) -> int:
    """Write a batch of an import within the caller's transaction; how many requests were new.

    `kinds` and `rows` are PostgreSQL's COPY text of KIND_COLUMNS and ROW_COLUMNS; times are in
    seconds since 1970, `opened` is the data of that event. A request with the client id or the
    (source, external_id) of a row is left as it is. Nobody is notified of the past: there are no
    outbox rows. `now` is when we learnt of it (`recorded_at`).
    """
    _stage(kinds, rows)
    what = {"source": source, "now": now}
    try:
        with transaction.atomic():
            return _write_staged(what)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
    _IMPORT_CLASHES.run(what)
    return _write_staged(what)


def _stage(kinds: str, rows: str) -> None:
    _IMPORT_STAGING.run()
    _IMPORT_KINDS.run()
    with connection.connection.cursor() as cursor:
        cursor.execute("TRUNCATE imported_kind, imported_row")  # an outer transaction may have kept them
        for table, columns, text in (
            ("imported_kind", KIND_COLUMNS, kinds),
            ("imported_row", ROW_COLUMNS, rows),
        ):
            quoted = ", ".join(f'"{c}"' for c in columns)
            with cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
                copy.write(text)


def _write_staged(what: dict[str, Any]) -> int:
    """The staged rows with their events and clocks.

    References are checked once a batch and kept by locks, instead of seven times a row, where the
    role may do so (docs/decisions/0010); what else is declared on the tables is checked as ever.
    """
    short = bool(_IMPORT_PARENTS.value()) and bool(_IMPORT_SHORTCUT.value())
    if short:
        _checks_of_references("replica")
    written = _IMPORT_ISSUES.run(what)
    _IMPORT_EVENTS.run({"now": what["now"]})
    _IMPORT_CLOCKS.run({"now": what["now"]})
    if short:
        _checks_of_references("origin")
    return written


def _checks_of_references(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('session_replication_role', %s, true)", [role])
