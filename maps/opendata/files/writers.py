"""The formats. GeoParquet is written from the rows; every other format is made of that file, part by part."""

import json
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyarrow import csv

from maps.opendata.collections import Collection

from .stream import GEOMETRY, schema

GROUP = 50_000
"""Rows of a row group: the same rows give the same bytes, however they came in."""
TILED = ("protocol", "service", "theme", "state", "opened_at", "layer", "code", "name", "area", "n", "heat")
"""Columns that go into tiles: what a map colours, filters and names by."""
ZOOMS = (8, 14)


class Parquet:
    """A GeoParquet 1.1 file (plain Parquet where there is no geometry), written row group by row group."""

    def __init__(self, path: Path, of: Collection) -> None:
        self.path, self.of, self.rows = path, of, 0
        self._box = [math.inf, math.inf, -math.inf, -math.inf]
        self._held: list[pa.Table] = []
        self._n = 0
        self._writer = pq.ParquetWriter(path, schema(of), compression="zstd", compression_level=3)

    def add(self, rows: pa.Table) -> None:
        """More rows, with the columns of `schema`."""
        self.rows += len(rows)
        self._held.append(rows)
        self._n += len(rows)
        while self._n >= GROUP:
            held = pa.concat_tables(self._held)
            self._write(held.slice(0, GROUP))
            # A copy: a slice would keep the whole alive.
            self._held = [pa.table(held.slice(GROUP).combine_chunks())]
            self._n -= GROUP

    def close(self) -> list[float] | None:
        """West, south, east, north of what was written, degrees; None where nothing has a place."""
        if self._n:
            self._write(pa.concat_tables(self._held))
        self._held = []
        box = self._box if self._box[0] <= self._box[2] else None
        if self.of.geometry:
            column = {"encoding": "WKB", "geometry_types": [self.of.geometry]} | (
                {"bbox": box} if box else {}
            )
            facts = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
            self._writer.add_key_value_metadata({"geo": json.dumps(facts)})
        self._writer.close()
        return box

    def _write(self, rows: pa.Table) -> None:
        if self.of.geometry:
            bounds = shapely.total_bounds(shapely.from_wkb(rows.column(GEOMETRY).drop_null().to_numpy()))
            if not math.isnan(bounds[0]):
                pairs = zip(self._box, bounds.tolist(), (min, min, max, max), strict=True)
                self._box = [pick(a, b) for a, b, pick in pairs]
        self._writer.write_table(rows.combine_chunks(), row_group_size=GROUP)


def parts(path: Path) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file of ours, part by part."""
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=GROUP // 5)


def write_csv(of: Collection, source: Path, target: Path) -> None:
    """RFC 4180 in UTF-8; points as longitude and latitude, other shapes as WKT. A text that a spreadsheet
    would take for a formula begins with an apostrophe (OWASP, CSV Injection)."""
    writer: csv.CSVWriter | None = None
    with target.open("wb") as file:
        for part in parts(source):
            rows = _plain(of, part)
            if writer is None:
                writer = csv.CSVWriter(file, rows.schema)
            writer.write_table(rows)
        if writer is None:
            writer = csv.CSVWriter(file, _plain(of, schema(of).empty_table()).schema)
        writer.close()


def _plain(of: Collection, part: Any) -> pa.Table:
    columns: dict[str, Any] = {}
    for column in of.columns:
        values = part.column(column.name)
        if column.kind == "text":
            risky = pc.match_substring_regex(values, r"^[=+\-@\t\r]")
            values = pc.if_else(risky, pc.binary_join_element_wise("'", values, ""), values)
        elif column.kind == "datetime":
            values = pc.strftime(pc.cast(pc.floor_temporal(values, unit="second"), pa.timestamp("s", "UTC")),
                                 format="%Y-%m-%dT%H:%M:%SZ")  # fmt: skip
        columns[column.name] = values
    if of.geometry:
        shapes = shapely.from_wkb(part.column(GEOMETRY).to_numpy(zero_copy_only=False)) if len(part) else []
        if of.geometry == "Point":
            columns["longitude"] = pa.array(shapely.get_x(shapes), pa.float64(), from_pandas=True)
            columns["latitude"] = pa.array(shapely.get_y(shapes), pa.float64(), from_pandas=True)
        else:
            columns["wkt"] = pa.array(shapely.to_wkt(shapes, rounding_precision=7), pa.string())
    return pa.table(columns)


def write_geojson(of: Collection, source: Path, target: Path) -> None:
    """RFC 7946: longitude first, seven decimals (1 cm)."""
    _gdal(of, source, target, "GeoJSON", RFC7946="YES", COORDINATE_PRECISION="7", WRITE_BBOX="NO")


def write_gpkg(of: Collection, source: Path, target: Path) -> None:
    """OGC GeoPackage 1.4 with a spatial index; a table of attributes where there is no geometry."""
    _gdal(of, source, target, "GPKG")


def write_pmtiles(of: Collection, source: Path, target: Path) -> None:
    """PMTiles 3 of vector tiles, zooms 8 to 14, with the columns of TILED. What has no place is left out."""
    names = [c.name for c in of.columns if c.name in TILED]
    low, high = ZOOMS
    _gdal(of, source, target, "PMTiles", only=names, MINZOOM=str(low), MAXZOOM=str(high))


def _gdal(
    of: Collection, source: Path, target: Path, driver: str, only: list[str] | None = None, **options: str
) -> None:
    wanted = [f for f in schema(of) if only is None or f.name in (*only, GEOMETRY)]
    shape = pa.schema([f.with_metadata({"ARROW:extension:name": "geoarrow.wkb"}) if f.name == GEOMETRY else f
                       for f in wanted])  # fmt: skip

    def stream() -> Iterator[pa.RecordBatch]:
        for part in parts(source):
            rows = part.select(shape.names)
            if only is not None:
                rows = rows.filter(pc.is_valid(rows.column(GEOMETRY)))
            yield pa.RecordBatch.from_arrays(rows.columns, schema=shape)

    pyogrio.write_arrow(
        pa.RecordBatchReader.from_batches(shape, stream()),
        os.fspath(target),
        layer=of.slug,
        driver=driver,
        geometry_name=GEOMETRY if of.geometry else None,
        geometry_type=of.geometry or None,
        crs="EPSG:4326" if of.geometry else None,
        **options,
    )


Write = Callable[[Collection, Path, Path], None]
WRITERS: dict[str, Write] = {
    "csv": write_csv,
    "geojson": write_geojson,
    "gpkg": write_gpkg,
    "pmtiles": write_pmtiles,
}
"""By the ending of the file; `parquet` is the source of these."""
