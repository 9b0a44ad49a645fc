"""Processes as their managers see them: who uses them, what runs on which version, what has changed."""

from dataclasses import dataclass
from datetime import datetime

from geo_central.kernel.errors import NotFound
from geo_central.kernel.sql import Query
from issues.catalogue.processes import Process
from issues.catalogue.queries import process_version

_PROCESSES = Query(__file__, "processes", planned=True)
_SERVICES = Query(__file__, "process_services")
_VERSIONS = Query(__file__, "process_versions", planned=True)


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """A process with how many services go by it and how many open requests run on it."""

    id: int
    code: str
    name: str
    summary: str
    version_id: int | None
    version: int | None
    published_at: datetime | None
    services: int
    running: int
    on_current: int


@dataclass(frozen=True, slots=True)
class Version:
    """One version: what it says, since when, how many open requests run on it, and what it changed.

    Codes of steps against the version before: `added`, `removed`, and `changed` (anything else of them).
    """

    process: Process
    published_at: datetime
    is_current: bool
    running: int
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


def processes() -> tuple[ProcessLine, ...]:
    """Every process in use, by name."""
    return tuple(ProcessLine(*row) for row in _PROCESSES.rows())


def versions(code: str) -> tuple[Version, ...]:
    """The versions of a process, the latest first. Raises NotFound `process.unknown`."""
    rows = _VERSIONS.rows({"code": code})
    if not rows:
        raise NotFound("process.unknown")
    found = [process_version(row.id) for row in rows]
    return tuple(
        Version(one, row.published_at, row.is_current, row.running, *_differences(before, one))
        for row, one, before in zip(rows, found, [*found[1:], None], strict=True)
    )


def services_of(code: str) -> tuple[str, ...]:
    """The names of the active services that go by a process."""
    return tuple(row.name for row in _SERVICES.rows({"code": code}))


def _differences(
    before: Process | None, after: Process
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    if before is None:
        return (), (), ()
    old, new = {s.code: s for s in before.steps}, {s.code: s for s in after.steps}
    return (
        tuple(code for code in new if code not in old),
        tuple(code for code in old if code not in new),
        tuple(code for code in new if code in old and old[code] != new[code]),
    )
