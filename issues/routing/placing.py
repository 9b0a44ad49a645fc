"""Where the requests of a period lie, by what is published and by what is staged: for simulating."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query
from layers.queries import Area, Place, places_at, published_versions

from .facts import ServiceFact
from .matching import RuleRow
from .queries import RuleBook

SAMPLE = 2_000
Areas = tuple[Area, ...]
NOWHERE = LngLat(0.0, 0.0)  # of a place that is only a set of areas
OUTSIDE, STORED = 0, -1  # combinations that are not looked up areas

_NEAR = Query(__file__, "simulate_near", planned=True)
_SAMPLE = Query(__file__, "simulate_sample", planned=True)
_SPOTS = Query(__file__, "simulate_spots", planned=True)

Pair = tuple[Place | None, Place | None]


@dataclass(frozen=True, slots=True)
class Side:
    """Rules with their book, and the layer versions read instead of the published ones, by slug."""

    rules: Sequence[RuleRow]
    book: RuleBook
    instead: Mapping[str, int] = field(default_factory=dict)

    @property
    def layers(self) -> frozenset[str]:
        """The layers whose areas these rules ask for."""
        asked = {r.where_layer for r in self.rules if r.where == "in_area"}
        return frozenset(asked | {r.team_of_layer for r in self.rules}) - {""}

    def places(self, points: Sequence[LngLat], *, assets: bool = False) -> list[Place | None]:
        """The places of points on this side's maps; None for those outside its city."""
        return places_at(points, streets=False, assets=assets, instead=self.instead)


@dataclass(slots=True)
class Placing:
    """What is known of the places of a period's requests while both sides are decided."""

    period: tuple[datetime, datetime]
    before: Side
    after: Side
    services: Mapping[int, ServiceFact]
    combinations: list[tuple[Areas, Areas] | None] = field(default_factory=lambda: [None])
    _near: dict[int, Pair] = field(default_factory=dict)
    _kept: dict[tuple[str, ...], Place] = field(default_factory=dict)

    @property
    def layers(self) -> list[str]:
        """The layers that either side asks for, in a fixed order."""
        return sorted(self.before.layers | self.after.layers)

    def params(self, turns: Sequence[datetime] = ()) -> dict[str, Any]:
        """The parameters that the queries share; `turns` is when rules begin or end."""
        return {
            "from": self.period[0],
            "until": self.period[1],
            "turns": list(turns),
            "layers": self.layers,
        }

    def find_near(self) -> None:
        """Note which requests are near enough to an asset for some rule that speaks of their service."""
        published = published_versions()
        specs: dict[tuple[int, int, frozenset[str]], set[int]] = {}
        for side in (self.before, self.after):
            for rule in side.rules:
                version = {**published, **side.instead}.get(rule.where_layer)
                if rule.where == "near_asset" and version:
                    about = {id_ for id_, s in self.services.items() if s.is_about(rule)}
                    specs.setdefault((version, rule.distance_m or 0, rule.where_codes), set()).update(about)
        asked = [
            {"n": n, "version": version, "metres": metres, "codes": sorted(codes), "services": sorted(about)}
            for n, ((version, metres, codes), about) in enumerate(specs.items())
        ]
        if asked:
            _NEAR.run({**self.params(), "specs": json.dumps(asked)})
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE tried_near")

    def fetch_near(self, rows: Sequence[Any]) -> None:
        """Look up a whole place, assets too, for one request of each key that is near some."""
        ids = [row.sample for row in rows if row.near]
        spots = {s.id: LngLat(s.lng, s.lat) for s in _SPOTS.rows({"ids": ids})} if ids else {}
        points = list(spots.values())
        was = self.before.places(points, assets=True) if points else []
        will = self.after.places(points, assets=True) if points and self.after.instead else was
        self._near = dict(zip(spots, zip(was, will, strict=True), strict=True))

    def places(self, row: Any) -> Pair | None:
        """The places of a key on both sides; None when one of them is outside the city."""
        if row.placeless:
            return (None, None)
        if row.combination == OUTSIDE:
            return None
        if row.combination == STORED:
            areas = tuple(Area(layer, code, code) for layer, code in row.areas.items())
            pair = (self._place(areas), self._place(areas))
        else:
            both = self.combinations[row.combination]
            assert both is not None
            pair = (self._place(both[0]), self._place(both[1]))
        if not row.near or row.sample not in self._near:
            return pair
        near = self._near[row.sample]
        return (_with_assets(pair[0], near[0]), _with_assets(pair[1], near[1]))

    def _place(self, areas: Areas) -> Place:
        key = tuple(a.layer + "\0" + a.code for a in areas)
        place = self._kept.get(key)
        if place is None:
            place = self._kept[key] = Place(NOWHERE, areas)
        return place


def _with_assets(place: Place, near: Place | None) -> Place:
    return place if near is None else Place(place.point, place.areas, near.assets)


def stored_areas_hold(placing: Placing) -> bool:
    """Whether the areas stored with the requests are those of the published maps, by a sample."""
    rows = _SAMPLE.rows({**placing.params(), "sample": SAMPLE})
    asked = placing.layers
    for row, place in zip(rows, placing.before.places([LngLat(r.lng, r.lat) for r in rows]), strict=True):
        if place is None:
            return False
        found = {a.layer: a.code for a in place.areas}
        if any(row.areas.get(layer) != found.get(layer) for layer in asked):
            return False
    return True
