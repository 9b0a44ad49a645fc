"""Which service goes by which process: the table `processes/services.csv`. Pure.

A row is about one service, or about a theme, a department and whether there is a place, as far as
it says so; a row that says none of them is for all the rest. The row that says most decides; a row
about a service always does.
"""

import csv
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from geo_central.kernel.errors import Invalid

COLUMNS = ("process", "service", "theme", "department", "geolocated", "note")
_FLAGS = {"": None, "yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Subject:
    """What the table sees of a service; theme and department by their codes."""

    service: str
    theme: str
    department: str
    geolocated: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A row: empty fields say nothing. `line` is its number in the file."""

    process: str
    service: str = ""
    theme: str = ""
    department: str = ""
    geolocated: bool | None = None
    line: int = 0

    @property
    def weight(self) -> int:
        """How much it says."""
        more = bool(self.theme) + bool(self.department) + (self.geolocated is not None)
        return 9 if self.service else more

    def fits(self, subject: Subject) -> bool:
        """Whether it speaks of that service."""
        return (
            self.service in ("", subject.service)
            and self.theme in ("", subject.theme)
            and self.department in ("", subject.department)
            and self.geolocated in (None, subject.geolocated)
        )


def read(path: Path) -> list[Given]:
    """The rows of a table. Raises Invalid `process.bad_table` naming the line."""
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        if tuple(table.fieldnames or ()) != COLUMNS:
            raise Invalid("process.bad_table", field=f"{path.name}: 1", why=",".join(COLUMNS))
        return [_given(path.name, line, row) for line, row in enumerate(table, 2)]


def _given(name: str, line: int, row: dict[str, str]) -> Given:
    flag = row["geolocated"]
    if flag not in _FLAGS or None in row.values():
        raise Invalid("process.bad_table", field=f"{name}: {line}", why="geolocated: yes, no")
    return Given(row["process"], row["service"], row["theme"], row["department"], _FLAGS[flag], line)


def choose(subjects: Collection[Subject], rows: Iterable[Given], *, processes: Collection[str]) -> list[str]:
    """The process of each service, in order.

    Raises Invalid `process.unknown_reference` for a row that names what does not exist (a service
    of no theme is nobody), `process.undecided` where two rows say as much, `process.none_given`.
    """
    table = list(rows)
    for row in table:
        if unknown := next(_unknown(row, subjects, processes), None):
            raise Invalid("process.unknown_reference", field=f"services.csv: {row.line}", value=unknown)
    return [_choice(subject, table) for subject in subjects]


def _unknown(row: Given, subjects: Collection[Subject], processes: Collection[str]) -> Iterator[str]:
    if row.process not in processes:
        yield row.process
    for name in ("service", "theme", "department"):
        value = getattr(row, name)
        if value and all(getattr(s, name) != value for s in subjects):
            yield value


def _choice(subject: Subject, table: Collection[Given]) -> str:
    fitting = sorted((r for r in table if r.fits(subject)), key=lambda r: -r.weight)
    if not fitting:
        raise Invalid("process.none_given", field=subject.service)
    best = [r for r in fitting if r.weight == fitting[0].weight]
    if len({r.process for r in best}) > 1:
        lines = " e ".join(str(r.line) for r in best[:2])
        raise Invalid("process.undecided", field=subject.service, value=lines)
    return best[0].process
