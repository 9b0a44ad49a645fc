"""Which points could be near an asset that a rule speaks of: most are not, and need no closer look."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from geo_central.kernel.errors import NotFound
from layers.queries import area_geojson

METRES_PER_DEGREE = 110_500.0  # the shortest degree of latitude: cells are rather too large


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """When rules begin and end, what those that look for assets are about, and how far they look."""

    turns: list[datetime]
    about: dict[str, set[int]]
    reach: dict[str, int]


def rule_facts() -> RuleFacts:
    """Of the active rules."""
    from issues.routing.models import Rule

    turns: set[datetime] = set()
    about: dict[str, set[int]] = {"service_id": set(), "theme_id": set(), "department_id": set()}
    reach: dict[str, int] = {}
    for rule in Rule.objects.filter(is_active=True).order_by("id"):
        turns.update(filter(None, (rule.valid_from, rule.valid_until)))
        if rule.where == Rule.Where.NEAR_ASSET:
            reach[rule.where_layer] = max(reach.get(rule.where_layer, 0), rule.distance_m or 0)
            for subject, ids in about.items():
                if id_ := getattr(rule, subject):
                    ids.add(id_)
    return RuleFacts(sorted(turns), about, reach)


@dataclass(slots=True)
class Nearness:
    """A grid of the cells within `reach` metres of any point of those layers. Errs towards yes."""

    reach: Mapping[str, int]
    _grids: list[tuple[float, float, set[tuple[int, int]]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for layer, metres in self.reach.items():
            points = _points(layer)
            if points:
                self._grids.append(_grid(points, metres))

    def has(self, lng: float, lat: float) -> bool:
        """Whether an asset may be within reach of a point (EPSG:4326)."""
        return any((int(lng // wide), int(lat // tall)) in cells for wide, tall, cells in self._grids)


def _points(layer: str) -> list[tuple[float, float]]:
    try:
        features = json.loads(area_geojson(layer))["features"]
    except NotFound:
        return []
    shapes = (f["geometry"] for f in features)
    return [(s["coordinates"][0], s["coordinates"][1]) for s in shapes if s["type"] == "Point"]


def _grid(points: list[tuple[float, float]], metres: int) -> tuple[float, float, set[tuple[int, int]]]:
    tall = max(metres, 1) * 1.05 / METRES_PER_DEGREE
    wide = tall / math.cos(math.radians(max(abs(lat) for _lng, lat in points)))
    cells: set[tuple[int, int]] = set()
    for lng, lat in points:
        x, y = int(lng // wide), int(lat // tall)
        cells.update((x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
    return wide, tall, cells
