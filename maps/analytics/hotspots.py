"""Hotspots as they are read: the editions that jobs have kept. Nothing here computes anything."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from geo_central.kernel.errors import NotFound
from geo_central.kernel.sql import Query
from maps.models import HotspotRaster, HotspotRun

_GEOJSON = Query(__file__, "hotspots_geojson")
_AREAS = Query(__file__, "hotspot_areas")

KINDS = ("cell", "contour", "cluster")


@dataclass(frozen=True, slots=True)
class Edition:
    """One run: the requests of a theme ("" for all) opened from `first` to `last`, `n` of them; the
    `parameters` that were asked for and the `facts` that came out."""

    id: int
    audience: str
    theme: str
    services: tuple[str, ...]
    first: date
    last: date
    n: int
    parameters: dict[str, Any]
    facts: dict[str, Any]
    is_current: bool
    made_at: datetime

    def about(self) -> dict[str, Any]:
        """What goes with the result wherever it goes: period, n, grid, neighbours, correction…"""
        return {
            "id": self.id,
            "theme": self.theme or None,
            "services": list(self.services),
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "requests": self.n,
            "made_at": self.made_at.isoformat(),
            "current": self.is_current,
            "parameters": self.parameters,
            "facts": self.facts,
        }


@dataclass(frozen=True, slots=True)
class HotArea:
    """The hotspots of one neighbourhood ("" for places in none): `hot` and `cold` cells, `n` requests in
    the hot ones, the strongest `z` (None without hot ones) and the `patterns` of its cells."""

    area: str
    hot: int
    cold: int
    n: int
    z: float | None
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """The outline of a cluster, told in numbers."""

    rank: int
    area: str
    n: int
    per_km2: float


def current(theme: str = "", *, audience: str = "public") -> Edition | None:
    """The edition that maps show of a theme, or of all requests; None before the first job."""
    runs = HotspotRun.objects.filter(audience=audience, theme=theme, services=[], is_current=True)
    run = runs.first()
    return _edition(run) if run else None


def edition(run: int, *, for_staff: bool = False) -> Edition:
    """A finished run by its number. Raises NotFound `hotspots.unknown`; those of staff are for staff."""
    runs = HotspotRun.objects.filter(pk=run, state=HotspotRun.State.DONE)
    found = runs.first() if for_staff else runs.filter(audience=HotspotRun.Audience.PUBLIC).first()
    if found is None:
        raise NotFound("hotspots.unknown", field="run", run=run)
    return _edition(found)


def editions(theme: str = "", *, limit: int = 50) -> list[Edition]:
    """The public editions of a theme, the newest first."""
    runs = HotspotRun.objects.filter(audience=HotspotRun.Audience.PUBLIC, theme=theme, services=[])
    return [_edition(run) for run in runs.filter(state=HotspotRun.State.DONE)[:limit]]


def progress(run: int) -> dict[str, Any]:
    """How far a run is: `run`, `state`, `progress` in hundredths and, where it failed, `failure`.

    Raises NotFound `hotspots.unknown`.
    """
    found = HotspotRun.objects.filter(pk=run).first()
    if found is None:
        raise NotFound("hotspots.unknown", field="run", run=run)
    told = {"run": found.pk, "state": found.state, "progress": found.progress}
    return {**told, "failure": found.failure} if found.failure else told


def geojson(found: Edition, *, kinds: tuple[str, ...] = KINDS, every: bool = False) -> str:
    """A FeatureCollection written by PostGIS, with `run` beside `features`. Of the cells those that say
    something, or `every` one that is kept."""
    params = {"run": found.id, "kinds": list(kinds), "every": every, "about": json.dumps(found.about())}
    return str(_GEOJSON.value(params))


def by_area(found: Edition) -> list[HotArea]:
    """What the map shows, as a table: the neighbourhoods with the strongest hotspots first."""
    rows = _AREAS.rows({"run": found.id})
    return [HotArea(r.area, r.hot, r.cold, r.n, r.z, tuple(r.patterns)) for r in rows]


def clusters(found: Edition, *, limit: int = 20) -> list[Cluster]:
    """The largest clusters."""
    run = HotspotRun(pk=found.id)
    rows = run.shapes.filter(kind="cluster").order_by("rank")[:limit]
    return [Cluster(s.rank, s.area, s.n or 0, s.per_km2) for s in rows]


def raster(found: Edition, kind: str) -> bytes:
    """The density as `png` or `tif`. Raises NotFound `hotspots.unknown` where it was not kept."""
    column = {"png": "picture", "tif": "tiff"}[kind]
    kept = HotspotRaster.objects.filter(run=found.id).values_list(column, flat=True).first()
    if kept is None:
        raise NotFound("hotspots.unknown", field="run", run=found.id)
    return bytes(kept)


def corners(found: Edition) -> list[list[float]]:
    """The four corners of the picture in degrees, from the upper left, clockwise; [] where none is kept."""
    return HotspotRaster.objects.filter(run=found.id).values_list("corners", flat=True).first() or []


def _edition(run: HotspotRun) -> Edition:
    return Edition(
        run.pk, run.audience, run.theme, tuple(run.services), run.first, run.last, run.n,
        run.parameters, run.facts, run.is_current, run.finished_at or run.started_at,
    )  # fmt: skip
