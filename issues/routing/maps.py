"""What rules may ask of the published maps: kinds, reach, and which areas there are."""

from collections.abc import Mapping
from dataclasses import dataclass

from geo_central.kernel.sql import Query

_MAPS = Query(__file__, "map_facts")


@dataclass(frozen=True, slots=True)
class MapFact:
    """One layer as published (or staged). `names` of its areas or assets by code; `empty` have no extent."""

    slug: str
    name: str
    kind: str
    near_m: int
    names: Mapping[str, str]
    empty: frozenset[str]

    @property
    def found(self) -> frozenset[str]:
        """The codes in which a place can lie, or to which it can be near."""
        return frozenset(self.names) - self.empty


def map_facts(instead: Mapping[str, int]) -> dict[str, MapFact]:
    """Every layer that is published, with other versions `instead` (ids by slug), by slug."""
    rows = _MAPS.rows({"slugs": list(instead), "versions": list(instead.values())})
    return {
        r.slug: MapFact(r.slug, r.name, r.kind, r.near_m, r.names or {}, frozenset(r.empty or ()))
        for r in rows
    }
