"""What is known about a point. The values that the other rooms see, and the queries behind them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from geo_central.kernel.errors import Invalid, Unready
from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query

from .numbering import Numbers, is_right

REACH_M = 200.0  # a street farther than this is not the address of a place
ASSETS_PER_LAYER = 20

PLACE_AT = Query(__file__, "place_at")
PLACES_AT = Query(__file__, "places_at")


@dataclass(frozen=True, slots=True)
class Area:
    """An area of a published layer."""

    layer: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Asset:
    """A thing near a point; the distance is in metres."""

    layer: str
    code: str
    name: str
    distance_m: float


@dataclass(frozen=True, slots=True)
class Place:
    """A point inside the city with everything that rules and people need to know about it.

    At most one area a layer (none in a hole of the layer); assets within the layer's `near_m`,
    nearest first; the nearest named street within 200 m with the house number on the point's side.
    """

    point: LngLat
    areas: tuple[Area, ...] = ()
    assets: tuple[Asset, ...] = ()
    street: str = ""
    number: int | None = None
    postcode: str = ""
    street_distance_m: float | None = None

    def area(self, layer: str) -> Area | None:
        """The area of one layer, or None in a hole of it."""
        return next((a for a in self.areas if a.layer == layer), None)

    @property
    def address(self) -> str:
        """`Avenida Ipiranga, 1200`, `Avenida Ipiranga`, or nothing."""
        return f"{self.street}, {self.number}" if self.street and self.number else self.street


def place_at(point: LngLat) -> Place:
    """The place of a point (EPSG:4326) by the published layers; one SQL round trip.

    On a border shared by two areas the lowest (rank, code) owns the point. Raises Invalid
    `place.outside_city`, Invalid `place.swapped` where latitude and longitude exchanged lie inside,
    and Unready `place.no_boundary` while no boundary of the city is published.
    """
    row = PLACE_AT.one(_params(lng=point.lng, lat=point.lat))
    if not row.has_boundary:
        raise Unready("place.no_boundary")
    if not row.inside:
        raise Invalid("place.swapped" if row.swapped else "place.outside_city", field="lat")
    areas = tuple(Area(*a) for a in row.areas or ())
    assets = tuple(Asset(*a) for a in row.assets or ())
    return Place(point, areas, assets, **_street(row))


def places_at(points: Sequence[LngLat], *, streets: bool = True) -> list[Place | None]:
    """`place_at` for many points at once, in their order; None for a point outside the city.

    One statement. Without `streets` only areas are looked up, an order of magnitude faster.
    Raises Unready `place.no_boundary`.
    """
    params = _params(lngs=_array(p.lng for p in points), lats=_array(p.lat for p in points), streets=streets)
    owners: dict[str, list[int]] = {}  # by layer, for each point the turn of its area; 0 is none
    areas: dict[int, Area] = {}
    extras: dict[int, Any] = {}
    for row in PLACES_AT.rows(params):
        if row.kind == "street":
            extras[row.points[0]] = row
            continue
        owner = owners.setdefault(row.layer, [0] * len(points))
        areas[row.turn] = Area(row.layer, row.code, row.name)
        for at in row.points or ():
            owner[at] = row.turn  # rows come highest turn first: the lowest has the last word
    if settings.CITY.boundary_layer not in owners:
        raise Unready("place.no_boundary")
    inside = owners[settings.CITY.boundary_layer]
    shared: dict[tuple[int, ...], tuple[Area, ...]] = {}
    places: list[Place | None] = []
    for at, turns in enumerate(zip(*owners.values(), strict=True)):
        if turns not in shared:
            shared[turns] = tuple(areas[turn] for turn in turns if turn)
        places.append(_place(points[at], shared[turns], extras.get(at)) if inside[at] else None)
    return places


def _place(point: LngLat, areas: tuple[Area, ...], row: Any) -> Place:
    if row is None:
        return Place(point, areas)
    return Place(point, areas, tuple(Asset(*a) for a in row.assets or ()), **_street(row))


def _street(row: Any) -> dict[str, Any]:
    """The fields of a Place that speak of its street."""
    if row.street is None:
        return {}
    numbers = Numbers(row.odd_from, row.odd_to, row.even_from, row.even_to)
    return {
        "street": row.street,
        "number": numbers.at(row.along, right=is_right(row.heading, row.bearing)),
        "postcode": row.postcode,
        "street_distance_m": row.away,
    }


def _array(numbers: Iterable[float]) -> str:
    """PostgreSQL's text form of float8[]; ten times faster than adapting a list item by item."""
    return "{" + ",".join(map(repr, numbers)) + "}"


def _params(**own: Any) -> dict[str, Any]:
    return {
        "boundary": settings.CITY.boundary_layer,
        "reach": REACH_M,
        "assets": ASSETS_PER_LAYER,
        **own,
    }
