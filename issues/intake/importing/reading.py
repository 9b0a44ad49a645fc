"""Files become batches of rows of text. A file is checked to its end before its first row is given."""

import codecs
import csv
import gzip
import io
import itertools
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
import pyarrow
import pyogrio.raw
import shapely
from pyarrow import parquet
from pyogrio.errors import DataLayerError, DataSourceError

from .faults import ImportFault
from .mapping import Mapping

X, Y = "geometry.x", "geometry.y"
CHUNK = 1 << 20
Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read: its columns, how many rows at most, its rows after the first `skip`.

    Geometries are the columns `geometry.x` and `geometry.y`; `crs` is what the file says of itself.
    """

    path: Path
    columns: tuple[str, ...]
    total: int
    rows: Iterator[Row]
    crs: str = ""

    def batches(self, size: int, skip: int = 0) -> Iterator[list[Row]]:
        """Lists of `size` rows, the last one shorter. Raises ImportFault for a row beyond reading."""
        rows = itertools.islice(self.rows, skip, None)
        while batch := list(itertools.islice(rows, size)):
            yield batch


def open_table(path: Path, *, encoding: str = "utf-8", delimiter: str = ",", layer: str = "") -> Table:
    """Open a file by its name's ending. Raises ImportFault naming file, row and remedy."""
    if not path.is_file():
        raise ImportFault("o arquivo não existe", "confira o caminho", file=str(path))
    name = path.name.lower()
    if name.endswith((".csv", ".csv.gz", ".txt", ".txt.gz", ".tsv", ".tsv.gz")):
        return _csv(path, encoding, delimiter)
    if name.endswith(".parquet"):
        return _parquet(path)
    if name.endswith((".gpkg", ".geojson", ".shp")):
        return _ogr(path, layer)
    if name.endswith((".json", ".json.gz")):
        return _open311(path)
    raise ImportFault(
        "formato desconhecido",
        "use .csv, .csv.gz, .parquet, .gpkg, .geojson ou .json (Open311)",
        file=str(path),
    )


def open_mapped(path: Path, mapping: Mapping) -> Table:
    """As `open_table`, with every column that the mapping names. Raises ImportFault."""
    table = open_table(path, encoding=mapping.encoding, delimiter=mapping.delimiter, layer=mapping.layer)
    if missing := [c for c in mapping.columns.named() if c not in table.columns]:
        alone = len(table.columns) == 1
        remedy = (
            f"confira delimiter (é {mapping.delimiter!r})"
            if alone
            else f"o arquivo tem: {', '.join(table.columns)}"
        )
        raise ImportFault(f"sem a coluna {missing[0]}", remedy, file=str(path), row=1)
    return table


def _bytes(path: Path) -> BinaryIO:
    return gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def _csv(path: Path, encoding: str, delimiter: str) -> Table:
    lines, quoted = _check(path, encoding)
    if quoted:  # only quotes can make a row unreadable: all are tried before the first one is given
        lines = sum(1 for _row in _csv_rows(path, encoding, delimiter))
    rows = _csv_rows(path, encoding, delimiter)
    header = next(rows, None)
    if not header:
        raise ImportFault("o arquivo está vazio", "confira a exportação", file=str(path))
    columns = tuple(c.strip().lstrip("\ufeff") for c in header)
    return Table(path, columns, max(lines - 1, 0), rows)


def _csv_rows(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    with _bytes(path) as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            yield from filter(None, reader)
        except csv.Error as error:
            remedy = "confira aspas e delimiter nessa linha"
            raise ImportFault(
                f"linha ilegível: {error}", remedy, file=str(path), row=reader.line_num
            ) from error


def _check(path: Path, encoding: str) -> tuple[int, bool]:
    """Read a text file to its end: whole, and in one encoding. Its lines, and whether any has quotes.

    Raises ImportFault with the line at which it stops being so.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, last, block, quoted = 0, b"\n", b"", False
    try:
        with _bytes(path) as raw:
            while block := raw.read(CHUNK):
                decoder.decode(block)
                lines += block.count(b"\n")
                quoted = quoted or b'"' in block
                last = block[-1:]
            decoder.decode(b"", final=True)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        remedy = "o gzip está cortado ou estragado: copie o arquivo outra vez"
        raise ImportFault(str(error), remedy, file=str(path), row=lines + 1) from error
    except UnicodeDecodeError as error:
        at = lines + block.count(b"\n", 0, max(error.start, 0)) + 1
        remedy = 'se todo o arquivo é assim, escreva encoding = "cp1252"; se é mistura, converta essa linha'
        raise ImportFault(f"não é texto {encoding}", remedy, file=str(path), row=at) from error
    return lines + (last != b"\n"), quoted


def _ogr(path: Path, layer: str) -> Table:
    try:
        info = pyogrio.read_info(path, layer=layer or None)
        total = int(pyogrio.read_info(path, layer=layer or None, force_feature_count=True)["features"])
    except (DataSourceError, DataLayerError) as error:
        raise ImportFault(str(error), "confira o arquivo e a camada (layer)", file=str(path)) from error
    step = total if path.suffix == ".geojson" else 20_000
    columns = (*map(str, info["fields"]), X, Y)
    return Table(path, columns, total, _ogr_rows(path, layer, total, max(step, 1)), str(info["crs"] or ""))


def _ogr_rows(path: Path, layer: str, total: int, step: int) -> Iterator[Row]:
    for skip in range(0, total, step):
        _meta, _ids, shapes, values = pyogrio.raw.read(
            path, layer=layer or None, skip_features=skip, max_features=step, datetime_as_string=True
        )
        yield from zip(*map(_texts, values), *_xy(shapes), strict=True)


def _xy(shapes: Any) -> tuple[list[str], list[str]]:
    """Longitudes and latitudes of WKB points (of other shapes: of a point on them), as text."""
    found = shapely.from_wkb(shapes)
    points = np.where(shapely.get_type_id(found) == 0, found, shapely.point_on_surface(found))
    return tuple(
        ["" if v != v else repr(float(v)) for v in part]
        for part in (shapely.get_x(points), shapely.get_y(points))
    )  # type: ignore[return-value]


def _texts(values: Any) -> list[str]:
    return ["" if v is None or v != v else str(v) for v in values.tolist()]


def _parquet(path: Path) -> Table:
    try:
        file = parquet.ParquetFile(path)
    except pyarrow.ArrowException as error:
        raise ImportFault(str(error), "confira se o arquivo está inteiro", file=str(path)) from error
    names = tuple(str(n) for n in file.schema_arrow.names)
    geometry, crs = _geoparquet(file)
    columns = (*(n for n in names if n != geometry), *((X, Y) if geometry else ()))
    return Table(path, columns, int(file.metadata.num_rows), _parquet_rows(path, file, geometry), crs)


def _geoparquet(file: Any) -> tuple[str, str]:
    """The column of WKB geometries and its CRS, as GeoParquet 1.1 declares them in the file's metadata."""
    declared = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
    column = str(declared.get("primary_column", ""))
    about = declared.get("columns", {}).get(column, {})
    crs = about.get("crs", "OGC:CRS84") if about.get("encoding") == "WKB" else None
    return (column, json.dumps(crs) if isinstance(crs, dict) else str(crs or "")) if about else ("", "")


def _parquet_rows(path: Path, file: Any, geometry: str) -> Iterator[Row]:
    try:
        for part in file.iter_batches(batch_size=20_000):
            named = zip(part.schema.names, part.columns, strict=True)
            texts = [_arrow_texts(column) for name, column in named if name != geometry]
            if geometry:
                shapes = part.column(part.schema.names.index(geometry)).to_pylist()
                texts.extend(_xy(np.array(shapes, dtype=object)))
            yield from zip(*texts, strict=True)
    except (pyarrow.ArrowException, OSError) as error:
        remedy = "o arquivo está estragado: copie-o outra vez"
        raise ImportFault(str(error), remedy, file=str(path)) from error


def _arrow_texts(column: Any) -> list[str]:
    """The values of a column as text: numbers, dates in ISO 8601; nothing for what is missing."""
    try:
        column = column.cast(pyarrow.string())
    except pyarrow.ArrowNotImplementedError:
        column = [None if v is None else str(v) for v in column.to_pylist()]
        return ["" if v is None else v for v in column]
    return ["" if v is None else v for v in column.to_pylist()]


class _Request(msgspec.Struct):
    """A request of Open311 GeoReport v2, as `requests.json` lists it."""

    service_request_id: str | int | None = None
    status: str | None = None
    status_notes: str | None = None
    service_name: str | None = None
    service_code: str | int | None = None
    description: str | None = None
    requested_datetime: str | None = None
    updated_datetime: str | None = None
    address: str | None = None
    zipcode: str | int | None = None
    lat: str | float | None = None
    long: str | float | None = None


def _open311(path: Path) -> Table:
    try:
        with _bytes(path) as raw:
            given = msgspec.json.decode(raw.read(), type=list[_Request])
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ImportFault(str(error), "copie o arquivo outra vez", file=str(path)) from error
    except msgspec.DecodeError as error:
        remedy = "é preciso uma lista de requests do Open311 GeoReport v2"
        raise ImportFault(f"JSON inválido: {error}", remedy, file=str(path)) from error
    names = _Request.__struct_fields__
    rows = (["" if v is None else str(v) for v in msgspec.structs.astuple(r)] for r in given)
    return Table(path, names, len(given), iter(rows))
