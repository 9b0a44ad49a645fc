"""Which collections are served: the public ones, and one for each published layer of areas.

What happened to requests is not among them: it has no place. It is in the files of open data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from geo_central.kernel.errors import NotFound
from geo_central.kernel.sql import Query
from layers.queries import layers_published
from maps.opendata.collections import AREAS, HOTSPOTS, ISSUES, RATINGS, SERVICES, Collection, Column, Words

_FIRST_DAY = Query(__file__, "first_day")
_OF_LAYER = "areas-"


@dataclass(frozen=True)
class Published:
    """A collection under the name that its address has; `pinned` columns have one value in it."""

    slug: str
    title: Words
    of: Collection
    pinned: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def id_column(self) -> str:
        """What names a feature in it."""
        return "code" if self.pinned else self.of.id_column or "_key"

    @property
    def filters(self) -> list[Column]:
        """The columns by which it can be asked."""
        return [c for c in self.of.columns if c.filters and c.name not in self.pinned]


def published() -> list[Published]:
    """Every collection, in the order of lists."""
    layers = [
        Published(f"{_OF_LAYER}{slug}", name, AREAS, {"layer": slug})
        for slug, name, kind, _version, _n in layers_published()
        if kind == "area"
    ]
    first, *rest = (Published(c.slug, c.title, c) for c in (ISSUES, HOTSPOTS, RATINGS, SERVICES))
    return [first, *layers, *rest]


def find(slug: str) -> Published:
    """The collection of that name. Raises NotFound `collection.unknown`."""
    for one in published():
        if one.slug == slug:
            return one
    raise NotFound("collection.unknown", field="collection", collection=slug[:80])


def begins() -> datetime | None:
    """When the first request was opened: nothing public with a time is older."""
    first: datetime | None = _FIRST_DAY.value()
    return first
