"""The datasets of the shelf: which collections, in which formats, by which parts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from geo_central.kernel.errors import NotFound
from maps.opendata.collections import COLLECTIONS, EVENTS, ISSUES, RATINGS, Collection

MONTHLY = {ISSUES.slug, EVENTS.slug, RATINGS.slug}
"""Datasets that are also given by month; the others are small, or have one edition of all."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format: how people call it, its media type, and IANA's or the EU's name of it for catalogues."""

    name: str
    media_type: str
    authority: str


FORMATS: Mapping[str, Format] = {
    "parquet": Format("GeoParquet", "application/vnd.apache.parquet", "PARQUET"),
    "csv": Format("CSV", "text/csv", "CSV"),
    "geojson": Format("GeoJSON", "application/geo+json", "GEOJSON"),
    "gpkg": Format("GeoPackage", "application/geopackage+sqlite3", "GPKG"),
    "pmtiles": Format("PMTiles", "application/vnd.pmtiles", "PMTILES"),
}


def formats(of: Collection) -> list[str]:
    """The formats of a dataset; what has no geometry has no GeoJSON and no tiles."""
    return [f for f in FORMATS if of.geometry or f not in ("geojson", "pmtiles")]


def find(slug: str) -> Collection:
    """The dataset of that name. Raises NotFound `collection.unknown`."""
    if slug not in COLLECTIONS:
        raise NotFound("collection.unknown", field="dataset", dataset=slug[:80])
    return COLLECTIONS[slug]


def is_month(text: str) -> bool:
    """Whether it is a month as files are named (YYYY-MM)."""
    return bool(re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text, re.ASCII))
