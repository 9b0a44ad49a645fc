"""Larger areas as unions of smaller ones, by a table: regions from bairros."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.contrib.gis.db.models import Union
from django.utils.text import slugify

from geo_central.kernel.errors import Invalid, NotFound
from layers.models import Feature, LayerVersion
from layers.operations import StagedFeature
from layers.street_names import expand_titles

COLUMNS = ("region", "region_name")


@dataclass(frozen=True, slots=True)
class Whole:
    """What a part belongs to."""

    code: str
    name: str


def read_table(path: Path) -> dict[str, Whole]:
    """`code,name,region,region_name` rows by code and by name, both as slugs.

    Raises NotFound `source.missing`; Invalid `table.unreadable` or `table.no_column`.
    """
    if not path.is_file():
        raise NotFound("source.missing", field="table", path=str(path))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error) as why:
        raise Invalid("table.unreadable", field="table", why=str(why)) from why
    known = set(rows[0]) if rows else set()
    if not known.issuperset(COLUMNS) or not known & {"code", "name"}:
        raise Invalid("table.no_column", field="table", known=", ".join(sorted(map(str, known))))
    table: dict[str, Whole] = {}
    for row in rows:
        whole = Whole((row["region"] or "").strip(), (row["region_name"] or "").strip())
        for column in known & {"code", "name"}:
            table[key_of(row[column] or "")] = whole
    table.pop("", None)
    return table


def key_of(name: str) -> str:
    """How names of parts are compared: `CEL. APARÍCIO BORGES` is `coronel-aparicio-borges`."""
    return slugify(expand_titles(name))


def derive(parts_layer: str, table: dict[str, Whole] | Whole) -> list[StagedFeature]:
    """The union of the published parts of each whole; one whole for all when no table is given.

    Raises NotFound `layer.unknown` and Invalid `table.missing` naming every part that the table lacks.
    """
    version = LayerVersion.objects.filter(layer__slug=parts_layer, state=LayerVersion.State.ACTIVE).first()
    if version is None:
        raise NotFound("layer.unknown", field="from", layer=parts_layer)
    parts = list(version.features.values_list("id", "code", "name"))
    groups: dict[Whole, list[int]] = {}
    missing = []
    for id_, code, name in parts:
        whole = table if isinstance(table, Whole) else table.get(key_of(code)) or table.get(key_of(name))
        if whole is None or not whole.code:
            missing.append(name)
        else:
            groups.setdefault(whole, []).append(id_)
    if missing:
        raise Invalid("table.missing", field="table", names=", ".join(sorted(missing)))
    return [_union(whole, ids) for whole, ids in sorted(groups.items(), key=lambda g: g[0].code)]


def _union(whole: Whole, parts: Iterable[int]) -> StagedFeature:
    shape = Feature.objects.filter(id__in=parts).aggregate(shape=Union("geom"))["shape"]
    return StagedFeature(whole.code, whole.name, bytes(shape.ewkb))
