"""Writing geography: a version of a layer is staged, compared, then published in one instant.

Nothing here knows where features come from; `layers.importing` reads files and calls `stage`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from geo_central.kernel.errors import Conflict, Invalid, NotFound
from geo_central.kernel.sql import Query

from .models import Layer, LayerVersion

ON_ARRIVAL = Query(__file__, "stage_features")
SUBDIVIDE = Query(__file__, "stage_parts")
COMPARE = Query(__file__, "compare")
NAME_STREETS = Query(__file__, "name_streets")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class StagedFeature:
    """An area or asset ready to be stored. `ewkb` is 2D, valid, in EPSG:4326 and says so, longitude first."""

    code: str
    name: str
    ewkb: bytes
    rank: int = 0
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StagedStreet:
    """A piece of a street ready to be stored. `ewkb` is a LineString in EPSG:4326.

    Odd numbers lie on the right of the line's direction; a reader of a register that counts
    otherwise turns its lines round.
    """

    name: str
    search_name: str
    category: str
    odd: tuple[int, int] | None
    even: tuple[int, int] | None
    postcode: str
    ewkb: bytes


@dataclass(frozen=True, slots=True)
class StagedAddress:
    """A house number with its own point in EPSG:4326."""

    street_name: str
    search_name: str
    number: int
    postcode: str
    lng: float
    lat: float


@dataclass(frozen=True, slots=True)
class Change:
    """One code whose shape differs between two versions; m² in the city's metric CRS."""

    code: str
    name: str
    before_m2: float
    after_m2: float
    moved_m2: float
    share: float
    moved_m: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A version beside the active one of its layer (`against` is None where none is active)."""

    against: int | None
    added: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    renamed: tuple[tuple[str, str, str], ...] = ()
    changed: tuple[Change, ...] = ()
    unchanged: int = 0


def stage(
    *,
    slug: str,
    title: str,
    kind: str,
    source: str,
    features: Iterable[StagedFeature],
    now: datetime,
    note: str = "",
    near_m: int | None = None,
    position: int | None = None,
    progress: Progress | None = None,
) -> LayerVersion:
    """Store features as a draft version of a layer, which is created when it is new.

    One transaction. Raises Invalid `layer.empty`, `layer.other_kind` or `layer.repeated_code`.
    """
    rows = list(features)
    if not rows:
        raise Invalid("layer.empty", field="features", layer=slug)
    codes = {f.code for f in rows}
    if len(codes) != len(rows):
        raise Invalid("layer.repeated_code", field="features", layer=slug)
    with transaction.atomic():
        layer = _layer(slug, title, kind, near_m, position)
        version = _draft(layer, source, note, len(rows), now)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE staged_feature (code text, name text, rank int, properties jsonb,"
                " geom geometry) ON COMMIT DROP"
            )
            with cursor.copy("COPY staged_feature FROM STDIN") as copy:
                for at, f in enumerate(rows, 1):
                    properties = msgspec.json.encode(f.properties).decode()
                    copy.write_row((f.code, f.name, f.rank, properties, f.ewkb.hex()))
                    if progress:
                        progress(at, len(rows))
            ON_ARRIVAL.run({"version": version.pk})
            SUBDIVIDE.run({"version": version.pk})
            cursor.execute("DROP TABLE staged_feature")
            cursor.execute("ANALYZE layers_feature, layers_featurepart, layers_layerversion, layers_layer")
    return version


def stage_streets(
    *, slug: str, title: str, source: str, streets: Iterable[StagedStreet], now: datetime, note: str = ""
) -> LayerVersion:
    """Store pieces of streets as a draft version. One transaction. Raises as `stage` does."""
    rows = [
        (
            *(s.name, s.search_name, s.category),
            *(s.odd or (None, None)),
            *(s.even or (None, None)),
            *(s.postcode, [s.postcode] if s.postcode else [], s.ewkb.hex()),
        )
        for s in streets
    ]
    columns = "name, search_name, category, odd_from, odd_to, even_from, even_to, postcode, postcodes, geom"
    with transaction.atomic():
        version = _draft(_layer(slug, title, Layer.Kind.STREET), source, note, len(rows), now)
        _copy("layers_street", columns, rows, version.pk)
        _name_streets(version.pk)
    return version


def stage_addresses(
    *, slug: str, title: str, source: str, addresses: Iterable[StagedAddress], now: datetime, note: str = ""
) -> LayerVersion:
    """Store house numbers with their points as a draft version. Raises as `stage` does."""
    rows = [
        (a.street_name, a.search_name, a.number, a.postcode, f"SRID=4326;POINT({a.lng!r} {a.lat!r})")
        for a in addresses
    ]
    with transaction.atomic():
        version = _draft(_layer(slug, title, Layer.Kind.ADDRESS), source, note, len(rows), now)
        _copy("layers_addresspoint", "street_name, search_name, number, postcode, geom", rows, version.pk)
        _name_streets(version.pk)
    return version


def compare(version_id: int) -> Comparison:
    """What publishing a version would change, feature by feature, matched by code.

    A shape counts as changed when more than 1 m² lies on the other side of a border, or a point
    moved more than half a metre. Raises NotFound `layer.unknown_version`.
    """
    version = _version(version_id)
    active = version.layer.versions.filter(state=LayerVersion.State.ACTIVE).exclude(pk=version.pk).first()
    if active is None:
        return Comparison(against=None)
    added, removed, renamed, changed, unchanged = [], [], [], [], 0
    for row in COMPARE.rows({"before": active.pk, "after": version.pk}):
        if row.old_name is None:
            added.append((row.code, row.new_name))
        elif row.new_name is None:
            removed.append((row.code, row.old_name))
        else:
            if row.old_name != row.new_name:
                renamed.append((row.code, row.old_name, row.new_name))
            if row.moved_m2 > 1 or row.moved_m > 0.5:
                share = row.moved_m2 / row.before_m2 if row.before_m2 else 0.0
                changed.append(
                    Change(
                        row.code, row.new_name, row.before_m2, row.after_m2, row.moved_m2, share, row.moved_m
                    )
                )
            elif row.old_name == row.new_name:
                unchanged += 1
    return Comparison(active.pk, tuple(added), tuple(removed), tuple(renamed), tuple(changed), unchanged)


@transaction.atomic
def publish(version_id: int, now: datetime) -> LayerVersion:
    """Make a version the one that everybody reads, and retire the one before it, in one instant.

    A retired version may be published again: that is how a mistake is undone. Raises NotFound
    `layer.unknown_version` and Conflict `layer.already_published`.
    """
    version = _lock(version_id)
    if version.state == LayerVersion.State.ACTIVE:
        raise Conflict("layer.already_published", layer=version.layer.slug, version=version.pk)
    version.layer.versions.filter(state=LayerVersion.State.ACTIVE).update(
        state=LayerVersion.State.RETIRED, retired_at=now
    )
    version.state, version.published_at, version.retired_at = LayerVersion.State.ACTIVE, now, None
    version.save(update_fields=["state", "published_at", "retired_at"])
    return version


@transaction.atomic
def retire(version_id: int, now: datetime) -> LayerVersion:
    """Take a version out of use.

    Raises NotFound `layer.unknown_version` and Conflict `layer.already_retired`.
    """
    version = _lock(version_id)
    if version.state == LayerVersion.State.RETIRED:
        raise Conflict("layer.already_retired", layer=version.layer.slug, version=version.pk)
    version.state, version.retired_at = LayerVersion.State.RETIRED, now
    version.save(update_fields=["state", "retired_at"])
    return version


def _version(version_id: int) -> LayerVersion:
    version = LayerVersion.objects.select_related("layer").filter(pk=version_id).first()
    if version is None:
        raise NotFound("layer.unknown_version", field="version", version=version_id)
    return version


def _lock(version_id: int) -> LayerVersion:
    """The version as it is once nobody else is publishing in its layer."""
    Layer.objects.select_for_update().get(pk=_version(version_id).layer_id)
    return _version(version_id)


def _layer(slug: str, title: str, kind: str, near_m: int | None = None, position: int | None = None) -> Layer:
    given = {"near_m": near_m, "position": position}
    extra = {name: value for name, value in given.items() if value is not None}
    layer, created = Layer.objects.get_or_create(
        slug=slug, defaults={"name": title or slug, "kind": kind, **extra}
    )
    if layer.kind != kind:
        raise Invalid("layer.other_kind", field="kind", layer=slug, kind=layer.kind)
    if not created and (title or extra):
        layer.name = title or layer.name
        for name, value in extra.items():
            setattr(layer, name, value)
        layer.save()
    return layer


def _draft(layer: Layer, source: str, note: str, count: int, now: datetime) -> LayerVersion:
    if not count:
        raise Invalid("layer.empty", field="features", layer=layer.slug)
    return LayerVersion.objects.create(
        layer=layer, source=source[:300], note=note, feature_count=count, staged_at=now
    )


def _name_streets(version_id: int) -> None:
    NAME_STREETS.run({"version": version_id})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE layers_streetname")


def _copy(table: str, columns: str, rows: list[tuple[Any, ...]], version_id: int) -> None:
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table} (version_id, {columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((version_id, *row))
        cursor.execute(f"ANALYZE {table}, layers_layerversion, layers_layer")
