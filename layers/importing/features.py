"""From rows of a file to features worth storing: named, valid, dissolved; the rest is refused by name."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import geopandas
import numpy as np
import shapely
from django.utils.text import slugify
from shapely import Geometry

from layers.models import Layer
from layers.naming import tidy, title_case
from layers.operations import StagedFeature
from layers.street_names import expand_titles

from .report import Report

DOTTED = re.compile(r"[^\W\d_]+\.")
NAME_LIMIT = 200
CODE_LIMIT = 80


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file's columns become features."""

    kind: str
    name_field: str
    code_field: str = ""
    recase: bool = False


@dataclass(slots=True)
class _Row:
    row: int
    name: str
    code: str
    shape: Geometry
    properties: dict[str, Any]


def features_of(frame: geopandas.GeoDataFrame, wanted: Wanted) -> tuple[list[StagedFeature], Report]:
    """Features of a frame in EPSG:4326, and what was refused or repaired on the way.

    Areas with one code (or, without a code column, one name) are parts of one feature and become
    one multipolygon. Assets are points; one without a code is numbered after its name.
    """
    report = Report(read=len(frame))
    rows = list(_sound_rows(frame, wanted, report))
    merged = _dissolve(rows, report) if wanted.kind == Layer.Kind.AREA else _single(rows, report)
    return [StagedFeature(r.code, r.name, ewkb(r.shape), properties=r.properties) for r in merged], report


def ewkb(shape: Geometry) -> bytes:
    """The bytes that PostGIS copies in, marked EPSG:4326."""
    return bytes(shapely.to_wkb(shapely.set_srid(shape, 4326), include_srid=True))


def _sound_rows(frame: geopandas.GeoDataFrame, wanted: Wanted, report: Report) -> Iterator[_Row]:
    shapes = shapely.force_2d(np.asarray(frame.geometry.values, dtype=object))
    columns = [c for c in frame.columns if c != frame.geometry.name]
    records = frame[columns].to_dict("records")
    for at, (record, shape) in enumerate(zip(records, shapes, strict=True), 1):
        name = tidy(_text(record[wanted.name_field]))
        name = title_case(DOTTED.sub(lambda m: expand_titles(m[0]), name)) if wanted.recase else name
        code = tidy(_text(record[wanted.code_field])) if wanted.code_field else slugify(name)
        fault = _fault_of_name(name, code) or _fault_of_place(shape)
        if fault:
            report.refuse(at, name, fault)
            continue
        sound = (_area if wanted.kind == Layer.Kind.AREA else _point)(shape, at, name, report)
        if sound is not None:
            taken = (wanted.name_field, wanted.code_field)
            rest = {k: _json(v) for k, v in record.items() if k not in taken and _json(v) is not None}
            yield _Row(at, name, code, sound, rest)


def _fault_of_name(name: str, code: str) -> str:
    if not name:
        return "no_name"
    if len(name) > NAME_LIMIT:
        return "long_name"
    return "" if 0 < len(code) <= CODE_LIMIT else "no_code"


def _fault_of_place(shape: Geometry | None) -> str:
    if shape is None or shape.is_empty:
        return "no_geometry"
    xy = shapely.get_coordinates(shape)
    on_earth = np.isfinite(xy).all() and (np.abs(xy[:, 0]) <= 180).all() and (np.abs(xy[:, 1]) <= 90).all()
    return "" if on_earth else "outside_earth"


def _area(shape: Geometry, row: int, name: str, report: Report) -> Geometry | None:
    """The polygonal part of a shape, repaired; None when refused."""
    if not _polygons(shape):
        report.refuse(row, name, "not_an_area")
        return None
    if not shape.is_valid:
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
        report.repair(row, name, "made_valid")
    polygons = [p for p in _polygons(shape) if p.area > 0]
    if not polygons:
        report.refuse(row, name, "no_area_left")
        return None
    if shape.geom_type == "GeometryCollection":
        report.repair(row, name, "dropped_lines")
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _polygons(shape: Geometry) -> list[Geometry]:
    if shape.geom_type == "Polygon":
        return [] if shape.is_empty else [shape]
    return [p for part in getattr(shape, "geoms", ()) for p in _polygons(part)]


def _point(shape: Geometry, row: int, name: str, report: Report) -> Geometry | None:
    points = list(getattr(shape, "geoms", [shape]))
    if any(p.geom_type != "Point" for p in points):
        report.refuse(row, name, "not_a_point")
        return None
    if len(points) > 1:
        report.refuse(row, name, "several_points")
        return None
    return points[0]


def _dissolve(rows: list[_Row], report: Report) -> list[_Row]:
    """Parts of one code become one feature; a second name under a code is refused."""
    groups: dict[str, list[_Row]] = {}
    for r in rows:
        group = groups.setdefault(r.code, [])
        if group and group[0].name != r.name and slugify(group[0].name) != slugify(r.name):
            report.refuse(r.row, r.name, "code_of_other_name")
        else:
            group.append(r)
    for group in groups.values():
        if len(group) > 1:
            group[0].shape = shapely.union_all([r.shape for r in group])
    return [group[0] for group in groups.values()]


def _single(rows: list[_Row], report: Report) -> list[_Row]:
    """Assets keep their own place; a repeated name without a code column is numbered."""
    used: set[str] = set()
    kept: list[_Row] = []
    numbered = all(r.code == slugify(r.name) for r in rows)
    for r in rows:
        if r.code in used and not numbered:
            report.refuse(r.row, r.name, "repeated_code")
            continue
        if r.code in used:
            stem = r.code[: CODE_LIMIT - 8]
            r.code = next(c for n in count(2) if (c := f"{stem}-{n}") not in used)
        used.add(r.code)
        kept.append(r)
    return kept


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)) or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _json(value: Any) -> str | int | float | bool | None:
    """A column's value as JSON keeps it; None for nothing."""
    if value is None or value != value:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, (bool, int)) else str(value).replace("\x00", "")
