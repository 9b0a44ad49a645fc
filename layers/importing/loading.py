"""A file becomes a draft version of a layer: read, repair, refuse by name, store."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import geopandas

from geo_central.kernel.errors import Invalid
from layers import operations
from layers.models import Layer, LayerVersion
from layers.operations import Progress

from .addresses import addresses_of
from .features import Wanted, features_of
from .reading import read
from .report import Report
from .streets import StreetColumns, streets_of

LINES = ("LineString", "MultiLineString")
NOTED = 1_000  # refused rows kept with the version


@dataclass(frozen=True, slots=True)
class Source:
    """A file and how its rows are understood."""

    path: Path
    layer: str
    kind: str
    name_field: str
    title: str = ""
    code_field: str = ""
    number_field: str = ""
    postcode_field: str = ""
    where: str = ""
    crs: str = ""
    x_field: str = ""
    y_field: str = ""
    encoding: str = ""
    source_layer: str = ""
    recase: bool = False
    near_m: int | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A stored draft and what was said of the rows on the way."""

    version: LayerVersion
    report: Report


def load(source: Source, now: datetime, progress: Progress | None = None) -> Loaded:
    """Read a file and store it as a draft. The caller's transaction decides whether it stays.

    Raises what `reading.read` and `operations.stage` raise; Invalid `layer.empty` when every row
    was refused, with the report in `data["report"]`.
    """
    columns = [source.name_field, source.code_field, source.number_field, source.postcode_field]
    frame = read(
        source.path,
        fields=[c for c in columns if c],
        where=source.where,
        crs=source.crs,
        x_field=source.x_field,
        y_field=source.y_field,
        encoding=source.encoding,
        source_layer=source.source_layer,
    )
    if source.kind == Layer.Kind.ADDRESS:
        return _load_addresses(source, frame, now)
    features, report = features_of(
        frame, Wanted(source.kind, source.name_field, source.code_field, source.recase)
    )
    if not features:
        raise Invalid("layer.empty", field="file", layer=source.layer, report=report)
    version = operations.stage(
        slug=source.layer,
        title=source.title,
        kind=source.kind,
        source=source.path.name,
        features=features,
        now=now,
        note="\n".join(map(str, report.refused)),
        near_m=source.near_m,
        progress=progress,
    )
    return Loaded(version, report)


def _load_addresses(source: Source, frame: geopandas.GeoDataFrame, now: datetime) -> Loaded:
    addresses, report = addresses_of(
        frame, street=source.name_field, number=source.number_field, postcode=source.postcode_field
    )
    if not addresses:
        raise Invalid("layer.empty", field="file", layer=source.layer, report=report)
    version = operations.stage_addresses(
        slug=source.layer,
        title=source.title,
        source=source.path.name,
        addresses=addresses,
        now=now,
        note="\n".join(map(str, report.refused[:NOTED])),
    )
    return Loaded(version, report)


@dataclass(frozen=True, slots=True)
class StreetSource:
    """A register of streets: a file of lines and which of its columns holds what."""

    path: Path
    layer: str
    columns: StreetColumns
    title: str = ""
    where: str = ""
    crs: str = ""
    encoding: str = ""
    source_layer: str = ""


def load_streets(source: StreetSource, now: datetime) -> Loaded:
    """Read a register of streets and store it as a draft. Raises as `load`.

    A row that is no line is refused; one without a name is kept for the map.
    """
    frame = read(
        source.path,
        fields=source.columns.named(),
        where=source.where,
        crs=source.crs,
        encoding=source.encoding,
        source_layer=source.source_layer,
    ).reset_index(drop=True)
    report = Report(read=len(frame))
    for at in frame.index[~frame.geometry.geom_type.isin(LINES)]:
        report.refuse(int(at) + 1, str(frame[source.columns.name][at] or ""), "not_a_line")
    lines = frame[frame.geometry.geom_type.isin(LINES)]
    if not len(lines):
        raise Invalid("layer.empty", field="file", layer=source.layer, report=report)
    version = operations.stage_streets(
        slug=source.layer,
        title=source.title,
        source=source.path.name,
        streets=streets_of(lines, source.columns),
        now=now,
        note="\n".join(map(str, report.refused[:NOTED])),
    )
    return Loaded(version, report)
