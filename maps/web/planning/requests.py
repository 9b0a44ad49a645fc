"""The requests behind a number of the board: the same rows, the newest first, page by page."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from geo_central.kernel.sql import Query
from maps.filters import HeatFilters
from maps.tiles.counting import chosen
from maps.tiles.rows import Named, Source, names, source

Ints = NDArray[np.int64]
_REQUESTS = Query(__file__, "board_requests")
PAGE = 50
FILE_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Request:
    """One request as staff sees it in a list: nothing of who asked for it."""

    protocol: str
    service: str
    address: str
    team: str
    state: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of them, and how many there are in all."""

    n: int
    rows: tuple[Request, ...]
    first: int

    @property
    def last(self) -> int:
        return self.first + len(self.rows)


def requests(filters: HeatFilters, *, start: int = 0, limit: int = PAGE) -> Found:
    """Requests from position `start` (from 0) by day of opening, the latest first."""
    of, (services, teams) = source(), names()
    ids, days = _ids(of, filters, services, teams)
    order = np.lexsort((-ids, -days))[start : start + limit]
    page = ids[order].tolist()
    at = {row.id: row for row in _REQUESTS.rows({"ids": page})} if page else {}
    rows = tuple(Request(*at[one][1:]) for one in page if one in at)
    return Found(len(ids), rows, start)


def _ids(
    of: Source, filters: HeatFilters, services: dict[int, Named], teams: dict[int, Named]
) -> tuple[Ints, Ints]:
    """(ids, days of opening) of what the filters let through: rows of now in the place of those before."""
    kept: dict[int, list[Ints]] = {}
    for n, (columns, weight, rows) in enumerate(chosen(of, filters, services, teams)):
        whole = slice(None) if rows is None else rows
        part = columns.issue[whole].astype(np.int64), columns.opened[whole].astype(np.int64)
        if weight < 0:
            ids, days = kept[0]
            still = ~np.isin(ids, part[0])
            kept[0] = [ids[still], days[still]]
        else:
            kept[n] = list(part)
    if not kept:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate([p[0] for p in kept.values()]), np.concatenate([p[1] for p in kept.values()])
