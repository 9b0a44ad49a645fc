"""Where the requests of a period lie, by what is published and by what is staged: for simulating."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query
from layers.queries import Area, Place, places_at, published_versions

from .facts import ServiceFact
from .matching import RuleRow
from .queries import RuleBook

BATCH = 100_000
SAMPLE = 2_000
Areas = tuple[Area, ...]
NOWHERE = LngLat(0.0, 0.0)  # of a place that is only a set of areas
OUTSIDE, STORED = 0, -1  # combinations that are not looked up areas

_NEAR = Query(__file__, "simulate_near", planned=True)
_POINTS = Query(__file__, "simulate_points", planned=True)
_SAMPLE = Query(__file__, "simulate_sample", planned=True)
_STAGED = Query(__file__, "staged_areas", planned=True)
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
        found = places_at(points, streets=assets)
        for layer, version in self.instead.items():
            areas = self._staged(points, layer, version)
            found = [
                None if p is None else replace(p, areas=_instead(p.areas, layer, areas.get(n)))
                for n, p in enumerate(found)
            ]
            if layer == settings.CITY.boundary_layer:
                found = [p if n in areas else None for n, p in enumerate(found)]
        return found

    def _staged(self, points: Sequence[LngLat], layer: str, version: int) -> dict[int, Area]:
        given = {"lngs": [p.lng for p in points], "lats": [p.lat for p in points], "version": version}
        return {row.n: Area(layer, row.code, row.name) for row in _STAGED.rows(given)}


def _instead(areas: Areas, layer: str, area: Area | None) -> Areas:
    """Areas in the order that they had, with another one (or none) of that layer."""
    if any(a.layer == layer for a in areas):
        kept = tuple(area if a.layer == layer else a for a in areas)
        return tuple(a for a in kept if a is not None)
    return (*areas, area) if area is not None else areas


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


def look_up(placing: Placing) -> None:
    """Note the areas of every point of the period on both sides, as the number of a combination."""
    numbers: dict[tuple[Areas, Areas], int] = {}
    asked = frozenset(placing.layers)
    with connection.cursor() as cursor:
        for rows in _pages(placing):
            points = [LngLat(r.lng, r.lat) for r in rows]
            was = placing.before.places(points)
            will = placing.after.places(points) if placing.after.instead else was
            lines = []
            for row, a, b in zip(rows, was, will, strict=True):
                if a is None or b is None:
                    number = OUTSIDE
                else:
                    number = _number(numbers, placing, asked, a.areas, b.areas)
                lines.append(f"{row.id}\t{number}\n")
            with cursor.copy("COPY tried_place (issue_id, combination) FROM STDIN") as copy:
                copy.write("".join(lines))
        cursor.execute("ANALYZE tried_place")


def _number(
    numbers: dict[tuple[Areas, Areas], int], placing: Placing, asked: frozenset[str], was: Areas, will: Areas
) -> int:
    number = numbers.get((was, will))
    if number is None:
        number = numbers[was, will] = len(placing.combinations)
        kept = tuple(tuple(a for a in areas if a.layer in asked) for areas in (was, will))
        placing.combinations.append((kept[0], kept[1]))
    return number


def _pages(placing: Placing) -> Iterator[list[Any]]:
    after = 0
    while rows := _POINTS.rows({**placing.params(), "after": after, "limit": BATCH}):
        yield rows
        after = rows[-1].id
