"""The manager's numbers and the requests behind each of them. Counted by PostgreSQL, in one pass."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from geo_central.kernel.sql import Query

_OVERVIEW = Query(__file__, "overview", planned=True)
_UNPROVED = Query(__file__, "unproved", planned=True)
_LISTED = Query(__file__, "listed", planned=True)

SOON = timedelta(days=3)
WHAT = ("open", "overdue", "soon", "closed", "unproved", "reopened")
# Bands of age: code -> (opened at most this many days ago, and more than this many days ago).
AGES: dict[str, tuple[int | None, int | None]] = {
    "a7": (7, None),
    "b30": (30, 7),
    "c90": (90, 30),
    "d": (None, 90),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of numbers. `closed`, `unproved` and `reopened` are closings of the period: all, those
    without proof, and those that were opened again."""

    code: str
    name: str
    open: int
    overdue: int
    soon: int
    oldest_due_at: datetime | None
    closed: int
    unproved: int
    reopened: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All requests of some teams together, and by team, region, state and age."""

    all: Line
    teams: tuple[Line, ...]
    districts: tuple[Line, ...]
    states: tuple[Line, ...]
    ages: tuple[Line, ...]
    unproved: tuple[tuple[str, str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Which:
    """The requests behind one number; empty fields do not filter (`district` "" is those without one)."""

    what: str = "open"
    team: str = ""
    district: str | None = None
    state: str = ""
    age: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One request of such a list."""

    id: int
    protocol: str
    service_name: str
    address: str
    team_name: str
    state: str
    opened_at: datetime
    due_at: datetime
    followers: int


def overview(*, teams: Collection[int] | None, since: datetime, now: datetime) -> Overview:
    """The numbers of these teams (all where None), in two statements; closings are those from `since` on.

    What waits for the citizen is neither late nor due: its clock stands still.
    """
    asked = {"teams": _ids(teams), "since": since, "now": now, "soon": now + SOON}
    lines: dict[str, list[Line]] = {k: [] for k in ("all", "team", "district", "state", "age")}
    for kind, *fields in _OVERVIEW.rows(asked):
        lines[kind].append(Line(*fields))
    nothing = Line("", "", 0, 0, 0, None, 0, 0, 0)
    return Overview(
        lines["all"][0] if lines["all"] else nothing,
        tuple(lines["team"]),
        tuple(lines["district"]),
        tuple(lines["state"]),
        tuple(sorted(lines["age"], key=lambda line: line.code)),
        tuple(tuple(r) for r in _UNPROVED.rows({"teams": asked["teams"], "since": since})),
    )


def listed(
    which: Which,
    *,
    teams: Collection[int] | None,
    since: datetime,
    now: datetime,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> tuple[list[Listed], tuple[datetime, int] | None]:
    """The requests behind a number by due date, and the key after which the next page begins."""
    newest, oldest = AGES.get(which.age, (None, None))
    rows = _LISTED.rows(
        {
            "teams": _ids(teams),
            "team": which.team,
            "district": which.district,
            "state": which.state,
            "what": which.what,
            "newer": now - timedelta(days=newest) if newest else None,
            "older": now - timedelta(days=oldest) if oldest else None,
            "since": since,
            "now": now,
            "soon": now + SOON,
            "after_at": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit + 1,
        }
    )
    found = [Listed(*r) for r in rows[:limit]]
    return found, (found[-1].due_at, found[-1].id) if len(rows) > limit else None


def _ids(teams: Collection[int] | None) -> Any:
    return None if teams is None else sorted(teams)
