"""The city at a glance: what was asked for, how soon it was done, what people said. Anybody may see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import urlencode

from django.conf import settings

from geo_central.kernel.clock import city_zone
from geo_central.kernel.sql import Query
from layers.queries import areas_of

from . import scoring
from .ranking import Asked as Period
from .ranking import parse_asked as parse_period

_COUNTED = Query(__file__, "glance", planned=True)
_RATED = Query(__file__, "glance_ratings", planned=True)
LEAST_TOLD = 3  # of fewer requests no share and no median is told


@dataclass(frozen=True, slots=True)
class Line:
    """One line. Shares are hundredths: `on_time` of what was closed or is late, `reopened` of what was
    received; `days` the median from filing to resolving; `score` from -5 to +5. None: too few to say."""

    code: str
    name: str
    received: int
    resolved: int
    on_time: float | None
    days: float | None
    reopened: float | None
    ratings: int
    score: float | None


@dataclass(frozen=True, slots=True)
class Glance:
    """Requests opened in the period, all together, by theme, by district (of those that lie in one) and by
    month, the newest first. Ratings are those given in the period's months."""

    period: Period
    all: Line
    themes: tuple[Line, ...]
    districts: tuple[Line, ...]
    months: tuple[Line, ...]


def parse_asked(query: Mapping[str, str], *, today: date) -> Period:
    """Read `from`, `to` (YYYY-MM), `theme` and `district`; the last twelve months unless said. Raises Invalid
    as `ranking.parse_asked`."""
    return parse_period({k: v for k, v in query.items() if k not in ("by", "order")}, today=today)


def query_of(period: Period, **other: str) -> str:
    """The same question, or one with other values, as the query of an address."""
    named = {
        "from": f"{period.first:%Y-%m}",
        "to": f"{period.last:%Y-%m}",
        "theme": period.theme,
        "district": period.district,
        **other,
    }
    return urlencode({name: value for name, value in named.items() if value})


def glance(period: Period, *, now: datetime) -> Glance:
    """Everything of one period, in two statements."""
    asked = {"theme": period.theme, "district": period.district}
    zone = city_zone()
    days = {
        "since": datetime.combine(period.first, time.min, zone),
        "before": datetime.combine(period.end, time.min, zone),
    }
    rated = {
        (r.kind, r.code): tuple(n or 0 for n in r.faces)
        for r in _RATED.rows({**asked, "first": period.first, "end": period.end})
    }
    names = {a.code: a.name for a in areas_of(settings.CITY.district_layer)}
    lines: dict[str, list[Line]] = {"all": [], "theme": [], "district": [], "month": []}
    for row in _COUNTED.rows({**asked, **days, "now": now, "zone": zone.key}):
        faces = rated.get((row.kind, row.code), (0,) * len(scoring.SCALE))
        name = names.get(row.code, row.code) if row.kind == "district" else row.name
        lines[row.kind].append(_line(row, name, faces))
    return Glance(
        period,
        lines["all"][0],
        tuple(lines["theme"]),
        tuple(line for line in lines["district"] if line.code),
        tuple(lines["month"]),
    )


def _line(row: object, name: str, faces: tuple[int, ...]) -> Line:
    of: Mapping[str, int] = row._asdict()  # type: ignore[attr-defined]
    received, resolved, judged, n = of["received"], of["resolved"], of["judged"], sum(faces)
    days = of["median_days"]  # none where the history says that it was done and not when
    return Line(
        str(of["code"]),
        name,
        received,
        resolved,
        100 * of["on_time"] / judged if judged >= LEAST_TOLD else None,
        float(days) if days is not None and resolved >= LEAST_TOLD else None,
        100 * of["reopened"] / received if received >= LEAST_TOLD else None,
        n,
        scoring.mean(faces) if n >= scoring.LEAST_RATED else None,
    )
