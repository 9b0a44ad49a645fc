"""Reading any file that OGR reads into longitudes and latitudes (EPSG:4326)."""

from pathlib import Path
from typing import Any

import geopandas
import pyogrio
from pyarrow import ArrowException, parquet
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo_central.kernel.errors import Invalid, NotFound

WGS84 = 4326


def read(
    path: Path,
    *,
    fields: list[str],
    where: str = "",
    crs: str = "",
    x_field: str = "",
    y_field: str = "",
    encoding: str = "",
    source_layer: str = "",
) -> geopandas.GeoDataFrame:
    """The rows of a file, 2D or 3D as they come, reprojected to EPSG:4326.

    `fields` must exist. `crs` overrides what the file says; a table with `x_field` and `y_field`
    is taken for EPSG:4326 unless told otherwise. A CRS without a known number is read from its WKT.

    Raises NotFound `source.missing`; Invalid `source.unreadable`, `source.no_field`, `source.no_crs`,
    `source.bad_crs` or `source.bad_where`.
    """
    if not path.exists():
        raise NotFound("source.missing", field="file", path=str(path))
    if path.suffix == ".parquet":
        return _parquet(path, [f for f in (*fields, x_field, y_field) if f], x_field, y_field, crs)
    options = _options(x_field, y_field)
    name = _name_for_ogr(path)
    common: dict[str, Any] = {"layer": source_layer or None, "encoding": encoding or None, **options}
    try:
        known = pyogrio.read_info(name, **common)["fields"].tolist()
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as why:
        raise Invalid("source.unreadable", field="file", path=str(path), why=str(why)) from why
    for wanted in filter(None, (*fields, x_field, y_field)):
        if wanted not in known:
            raise Invalid("source.no_field", field=wanted, wanted=wanted, known=", ".join(known))
    try:
        frame = pyogrio.read_dataframe(name, where=where or None, **common)
    except ValueError as why:  # what pyogrio makes of a WHERE that OGR refuses
        raise Invalid("source.bad_where", field="where", why=str(why)) from why
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as why:
        raise Invalid("source.unreadable", field="file", path=str(path), why=str(why)) from why
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise Invalid("source.no_geometry", field="file", path=str(path))
    return to_wgs84(frame, crs or ("EPSG:4326" if x_field else ""))


def _parquet(path: Path, fields: list[str], x_field: str, y_field: str, crs: str) -> geopandas.GeoDataFrame:
    """GeoParquet, or a plain table of Parquet whose points are two columns."""
    try:
        known = parquet.read_schema(path).names
        for wanted in fields:
            if wanted not in known:
                raise Invalid("source.no_field", field=wanted, wanted=wanted, known=", ".join(known))
        if not x_field:
            return to_wgs84(geopandas.read_parquet(path), crs)
        table = parquet.read_table(path, columns=fields).to_pandas()
    except (ArrowException, OSError, UnicodeDecodeError) as why:
        raise Invalid("source.unreadable", field="file", path=str(path), why=str(why)) from why
    except ValueError as why:  # geopandas: no column of geometry
        raise Invalid("source.no_geometry", field="file", path=str(path)) from why
    _options(x_field, y_field)
    points = geopandas.points_from_xy(table[x_field].astype(float), table[y_field].astype(float))
    return to_wgs84(geopandas.GeoDataFrame(table, geometry=points, crs=crs or WGS84))


def to_wgs84(frame: geopandas.GeoDataFrame, crs: str = "") -> geopandas.GeoDataFrame:
    """The same rows in EPSG:4326. Raises Invalid `source.no_crs` or `source.bad_crs`."""
    if crs:
        try:
            frame = frame.set_crs(CRS.from_user_input(crs), allow_override=True)
        except CRSError as why:
            raise Invalid("source.bad_crs", field="crs", crs=crs) from why
    if frame.crs is None:
        raise Invalid("source.no_crs", field="crs")
    return frame if frame.crs == WGS84 else frame.to_crs(WGS84)


def _options(x_field: str, y_field: str) -> dict[str, str]:
    """OGR's open options for a table whose geometry is two columns."""
    if not x_field and not y_field:
        return {}
    if not x_field or not y_field:
        raise Invalid("source.no_field", field="x_field", wanted="--x-field/--y-field", known="")
    return {"X_POSSIBLE_NAMES": x_field, "Y_POSSIBLE_NAMES": y_field}


def _name_for_ogr(path: Path) -> str:
    return f"/vsigzip/{path.resolve()}" if path.suffix == ".gz" else str(path)
