"""What is known about a point. The values that the other rooms see, and the queries behind them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

from geo_central.kernel.errors import Invalid, Unready
from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query

from .area import Area
from .numbering import Numbers, is_right

if TYPE_CHECKING:
    from .atlas import AreasAt, Degrees

REACH_M = 200.0  # a street farther than this is not the address of a place
HOUSE_M = 20.0  # within so much of a house on file, that house is the address
ASSETS_PER_LAYER = 20

PLACE_AT = Query(__file__, "place_at")
AROUND = Query(__file__, "around")


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
    nearest first; the nearest house on file within 20 m, or else the nearest named street within 200 m
    with the house number on the point's side.
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


def places_at(
    points: Sequence[LngLat],
    *,
    streets: bool = True,
    assets: bool | None = None,
    instead: Mapping[str, int] | None = None,
) -> list[Place | None]:
    """`place_at` for many points at once, in their order; None for a point outside the city.

    Streets and assets (as `streets` unless said) are one statement more and far slower than areas.
    `instead` reads other versions of area layers than the published ones, by slug; an id that is no
    version of its layer leaves that layer without areas. Raises Unready `place.no_boundary`.
    """
    near = streets if assets is None else assets
    found = areas_at([p.lng for p in points], [p.lat for p in points], instead=instead)
    places = [None if a is None else Place(p, a) for p, a in zip(points, found, strict=True)]
    inside = [n for n, p in enumerate(places) if p is not None]
    if inside and (streets or near):
        params = _params(
            lngs=_array(points[n].lng for n in inside),
            lats=_array(points[n].lat for n in inside),
            streets=streets,
            near=near,
        )
        for n, row in zip(inside, AROUND.rows(params), strict=True):
            list_ = tuple(Asset(*a) for a in row.assets or ())
            places[n] = Place(points[n], places[n].areas, list_, **_street(row))  # type: ignore[union-attr]
    return places


def areas_at(
    lngs: "Sequence[float] | Degrees",
    lats: "Sequence[float] | Degrees",
    *,
    instead: Mapping[str, int] | None = None,
) -> "AreasAt":
    """Only the areas of many points (EPSG:4326), each combination said once: millions a second.

    `instead` and errors as for `places_at`.
    """
    from . import atlas  # what looks up one point at a time never loads numpy

    return atlas.areas_at(lngs, lats, instead=instead)


def areas_everywhere() -> tuple[tuple[Area, ...], ...]:
    """Every combination of areas that occurs inside the city, by a grid of a million points."""
    from . import atlas

    return atlas.areas_everywhere()


def _street(row: Any) -> dict[str, Any]:
    """The fields of a Place that speak of its street: a house on file knows its own."""
    if row.house_street is not None:
        return {
            "street": row.house_street,
            "number": row.house_number,
            "postcode": row.house_postcode,
            "street_distance_m": row.house_away if row.away is None else row.away,
        }
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
        "at_house": HOUSE_M,
        **own,
    }
