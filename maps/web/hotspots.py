"""The hotspots that stand beside the heatmap: the edition that fits the filters, and its tables."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from maps.analytics import hotspots
from maps.analytics.hotspots import Cluster, Edition, HotArea
from maps.filters import HeatFilters


@dataclass(frozen=True, slots=True)
class Shown:
    """An edition with its tables; `data` is the address of its map and `fits` whether it speaks of exactly
    the theme, or of all requests, that the filters ask for."""

    edition: Edition
    areas: tuple[HotArea, ...]
    clusters: tuple[Cluster, ...]
    data: str
    fits: bool


def shown(filters: HeatFilters) -> Shown | None:
    """The hotspots of the one theme that is asked for, else of all requests; None before the first job."""
    theme = filters.themes[0] if len(filters.themes) == 1 else ""
    found = hotspots.current(theme) or hotspots.current()
    if found is None:
        return None
    query = {"theme": found.theme, "kind": "cell,cluster"} if found.theme else {"kind": "cell,cluster"}
    return Shown(
        found,
        tuple(hotspots.by_area(found)),
        tuple(hotspots.clusters(found)),
        f"{reverse('analytics:hotspots')}?{urlencode(query, safe=',')}",
        fits=replace(filters, first=None, last=None) == _only(found.theme),
    )


def _only(theme: str) -> HeatFilters:
    return HeatFilters(themes=(theme,) if theme else ())
