"""How well addresses are found: some of the house numbers on file are held out and searched for."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import geopandas
import numpy as np
from django.conf import settings
from django.db import transaction
from pyproj import Transformer

from geo_central.kernel.errors import Invalid
from layers import operations
from layers.models import Layer, LayerVersion
from layers.operations import StagedAddress
from layers.queries import AddressMatch, search_address

from .addresses import addresses_of
from .report import Report

ALL = ""
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the file hold what; `group` may be empty."""

    street: str
    number: str
    postcode: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """An address held out: as it would be typed, where it is (EPSG:4326), and its group in the file."""

    text: str
    lng: float
    lat: float
    group: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of `count` addresses of a group (`ALL`: of every one) errors in metres where the number was found.

    `only_street` were found without the number; `missing` not at all.
    """

    group: str
    count: int
    p50: float
    p90: float
    only_street: int
    missing: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What streets alone find, and what is found once the addresses that were not held out are loaded."""

    held: int
    loaded: int
    streets: tuple[Outcome, ...]
    both: tuple[Outcome, ...]


def evaluate(
    frame: geopandas.GeoDataFrame,
    columns: Columns,
    *,
    hold_out: int,
    now: datetime,
    sample: int = 0,
    tell: Tell | None = None,
) -> tuple[Evaluation, Report]:
    """Hold out about one address in `hold_out`, the same ones each time, and search for them twice.

    All of one street and number are held out together: a register lists some twice. `sample` looks at so
    many of them only. The published streets are used as they are; house numbers that are published are not,
    and nothing that is loaded here stays. Raises Invalid `layer.empty` when no address is held out.
    """
    kept, report = addresses_of(
        frame, street=columns.street, number=columns.number, postcode=columns.postcode
    )
    refused = {r.row for r in report.refused}
    rows = [n for n in range(len(frame)) if n + 1 not in refused]
    names = frame[columns.street].astype(str).tolist()
    groups = frame[columns.group].fillna("").astype(str).tolist() if columns.group else [ALL] * len(frame)
    held, rest = [], []
    for at, address in zip(rows, kept, strict=True):
        if _is_held(address, hold_out):
            text = f"{names[at]}, {address.number}"
            held.append(Held(text, address.lng, address.lat, groups[at]))
        else:
            rest.append(address)
    if not held:
        raise Invalid("layer.empty", field="file", layer="evaluation", report=report)
    asked = held[:: max(len(held) // sample, 1)] if sample else held
    with _passing():
        _retire_addresses(now)
        streets = _outcomes(asked, tell)
        both = streets
        if rest:
            version = operations.stage_addresses(
                slug="evaluation", title="", source="evaluation", addresses=rest, now=now
            )
            operations.publish(version.pk, now)
            both = _outcomes(asked, tell)
    return Evaluation(len(asked), len(rest), streets, both), report


@contextmanager
def _passing() -> Iterator[None]:
    """Whatever is written within is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _retire_addresses(now: datetime) -> None:
    active = LayerVersion.objects.filter(layer__kind=Layer.Kind.ADDRESS, state=LayerVersion.State.ACTIVE)
    for version in active:
        operations.retire(version.pk, now)


def _is_held(address: StagedAddress, hold_out: int) -> bool:
    key = f"{address.search_name}\x1f{address.number}".encode()
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") % hold_out == 0


def _outcomes(held: Sequence[Held], tell: Tell | None) -> tuple[Outcome, ...]:
    found: list[AddressMatch | None] = []
    for at, one in enumerate(held, 1):
        found.append(next(iter(search_address(one.text, limit=1)), None))
        if tell:
            tell(at, len(held))
    metres = _metres(held, found)
    groups = sorted({h.group for h in held} - {ALL})
    return tuple(_outcome(group, held, found, metres) for group in (*groups, ALL))


def _metres(held: Sequence[Held], found: Sequence[AddressMatch | None]) -> "np.typing.NDArray[np.float64]":
    """How far what was found lies from where it is; NaN where nothing was."""
    project = Transformer.from_crs(4326, int(settings.CITY.metric_srid), always_xy=True).transform
    true = np.array(project([h.lng for h in held], [h.lat for h in held]))
    nan = float("nan")
    lngs, lats = [f.lng if f else nan for f in found], [f.lat if f else nan for f in found]
    apart = np.hypot(*(np.array(project(lngs, lats)) - true))
    return np.where(np.isfinite(apart), apart, nan)


def _outcome(
    group: str,
    held: Sequence[Held],
    found: Sequence[AddressMatch | None],
    metres: "np.typing.NDArray[np.float64]",
) -> Outcome:
    mine = [n for n, h in enumerate(held) if group in (ALL, h.group)]
    numbered = [n for n in mine if (match := found[n]) is not None and match.number is not None]
    p50, p90 = np.percentile(metres[numbered], [50, 90]) if numbered else (float("nan"), float("nan"))
    missing = sum(found[n] is None for n in mine)
    return Outcome(group, len(mine), float(p50), float(p90), len(mine) - len(numbered) - missing, missing)
