"""A file becomes a draft version of a layer: read, repair, refuse by name, store."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import geopandas

from geo_central.kernel.errors import Invalid
from layers import operations
from layers.models import Layer, LayerVersion
from layers.naming import tidy
from layers.operations import Progress, StagedAddress
from layers.street_names import split_kind, street_key, tokens

from .features import Wanted, features_of
from .reading import read
from .report import Report


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
    report = Report(read=len(frame))
    addresses: list[StagedAddress] = []
    names = frame[source.name_field].fillna("").astype(str)
    numbers = frame[source.number_field].fillna("").astype(str)
    empty = [""] * len(frame)
    postcodes = frame[source.postcode_field].fillna("").astype(str) if source.postcode_field else empty
    rows = zip(names, numbers, postcodes, frame.geometry, strict=True)
    for at, (name, number, postcode, shape) in enumerate(rows, 1):
        digits = number.split("/")[0].split(".")[0].strip()
        _kind, words = split_kind(tokens(name))
        fault = ""
        if not words:
            fault = "no_street"
        elif not digits.isdecimal() or not 0 < int(digits) < 10**6:
            fault = "no_number"
        elif shape is None or shape.is_empty or shape.geom_type != "Point":
            fault = "not_a_point"
        elif not (abs(shape.x) <= 180 and abs(shape.y) <= 90):
            fault = "outside_earth"
        if fault:
            report.refuse(at, f"{name} {number}".strip(), fault)
            continue
        cep = "".join(c for c in postcode if c.isdecimal())[:8]
        addresses.append(
            StagedAddress(
                tidy(name)[:160], street_key(" ".join(words))[:160], int(digits), cep, shape.x, shape.y
            )
        )
    if not addresses:
        raise Invalid("layer.empty", field="file", layer=source.layer, report=report)
    version = operations.stage_addresses(
        slug=source.layer, title=source.title, source=source.path.name, addresses=addresses, now=now
    )
    return Loaded(version, report)
