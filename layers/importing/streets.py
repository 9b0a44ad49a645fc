"""Streets of a municipal register: centrelines with the first and last number of each side."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import geopandas
import numpy as np
import shapely

from layers.operations import StagedStreet
from layers.street_names import category_word, street_key, street_name


@dataclass(frozen=True, slots=True)
class StreetColumns:
    """Which column of the register holds what."""

    category: str = "CATEGORIA"
    preposition: str = "PREPOSICAO"
    name: str = "NOME"
    postcode: str = "CEP"
    odd: tuple[str, str] = ("SMF_I_I", "SMF_I_F")
    even: tuple[str, str] = ("SMF_P_I", "SMF_P_F")

    def named(self) -> list[str]:
        """Every column that the file must have."""
        return [
            c for c in (self.category, self.preposition, self.name, self.postcode, *self.odd, *self.even) if c
        ]


def streets_of(frame: geopandas.GeoDataFrame, columns: StreetColumns | None = None) -> Iterator[StagedStreet]:
    """Pieces of streets from a register in EPSG:4326, named as people write them.

    A piece that was digitised in several strokes keeps the longest; a piece without a name is kept
    for the map, with an empty name.
    """
    c = columns or StreetColumns()
    names = _names(frame, c)
    shapes = [shapely.set_srid(_one_line(s), 4326) for s in shapely.force_2d(frame.geometry.to_numpy())]
    ewkb = shapely.to_wkb(np.array(shapes, dtype=object), include_srid=True)
    numbers = zip(*(_whole(frame, name) for name in (*c.odd, *c.even)), strict=True)
    postcodes = _whole(frame, c.postcode)
    for named, ranges, postcode, line in zip(names, numbers, postcodes, ewkb, strict=True):
        shown, key, category = named
        odd_from, odd_to, even_from, even_to = ranges
        yield StagedStreet(
            name=shown,
            search_name=key,
            category=category,
            odd=_side(odd_from, odd_to, parity=1),
            even=_side(even_from, even_to, parity=0),
            postcode=f"{postcode:08d}" if postcode else "",
            ewkb=bytes(line),
        )


def _names(frame: geopandas.GeoDataFrame, c: StreetColumns) -> list[tuple[str, str, str]]:
    """(shown, searched, category) of every row; each distinct name is worked out once."""
    known: dict[tuple[str, str, str], tuple[str, str, str]] = {}
    rows = zip(*(_texts(frame, x) for x in (c.category, c.preposition, c.name)), strict=True)
    out = []
    for row in rows:
        if row not in known:
            category, preposition, name = row
            word = category_word(category) if name.strip() else ""
            known[row] = (street_name(category, preposition, name), street_key(name), word)
        out.append(known[row])
    return out


def _texts(frame: geopandas.GeoDataFrame, column: str) -> list[str]:
    """A column's texts; empty ones where the register has no such column."""
    return frame[column].fillna("").astype(str).tolist() if column else [""] * len(frame)


def _whole(frame: geopandas.GeoDataFrame, column: str) -> list[int]:
    """A column's digits as numbers (`90160-091` is 90160091); 0 where there are none."""
    digits = (re.sub(r"\.0$|\D", "", text) for text in _texts(frame, column))
    return [int(d) if d else 0 for d in digits]


def _side(first: int, last: int, *, parity: int) -> tuple[int, int] | None:
    """The numbers of one side, or None where the side has none."""
    if first <= 0 or last <= 0:
        return None
    return first + (first % 2 != parity), max(last - (last % 2 != parity), 1)


def _one_line(shape: shapely.Geometry) -> shapely.Geometry:
    if shape.geom_type == "LineString":
        return shape
    merged = shapely.line_merge(shape)
    return max(getattr(merged, "geoms", [merged]), key=lambda line: line.length)
