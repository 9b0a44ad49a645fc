"""Which services have no team of their own in which areas: what a request there would fall to is triage."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from geo_central.kernel.errors import NotFound
from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query
from layers.queries import Area, Place, areas_at, areas_everywhere, areas_of

from .facts import ServiceFact, service_facts, teams
from .matching import RuleRow
from .queries import RuleBook, active_rules

_POINTS = Query(__file__, "coverage_points")
NOWHERE = LngLat(0.0, 0.0)  # of a place that is only a set of areas


@dataclass(frozen=True, slots=True)
class Gap:
    """A service that falls to triage in an area: in all of it, or (`whole` False) in parts of it.

    A service without a place has no area: its code and name are empty. `failed` are the rules that
    should have decided and could not.
    """

    service: str
    service_name: str
    department: str
    area: str
    area_name: str
    whole: bool
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """So many services times so many areas of a layer were tried; those without a team are the gaps."""

    layer: str
    services: int
    areas: int
    gaps: tuple[Gap, ...]


def coverage(*, layer: str, at: datetime, rules: Sequence[RuleRow] | None = None) -> Coverage:
    """Try every active service in every area of a published layer under the active (or other) rules.

    Inside an area every combination of areas of the other layers that occurs there is tried: where
    any two pieces overlap, however little, and every few dozen metres. Near no asset: a rule about
    assets covers no area. Raises NotFound `layer.unknown`, Unready `routing.no_team` for a
    department without triage.
    """
    areas = {a.code: a.name for a in areas_of(layer)}
    if not areas:
        raise NotFound("layer.unknown", field="layer", layer=layer)
    used = list(active_rules() if rules is None else rules)
    book, services = RuleBook(used, teams()), [s for s in service_facts().values() if s.is_active]
    places = _places(layer, used)
    gaps: list[Gap] = []
    for like in _alike(services, used):
        outcomes = _outcomes(like[0], places if like[0].geolocated else {"": [None]}, book, at)
        gaps += [
            Gap(
                s.subject.service_code, s.subject.service_name, s.subject.department_name,
                code, areas.get(code, ""), whole, failed,
            )
            for s in like
            for code, (whole, failed) in outcomes.items()
        ]  # fmt: skip
    gaps.sort(key=lambda g: (g.department, g.service_name, g.area_name))
    return Coverage(layer, len(services), len(areas), tuple(gaps))


def write_csv(found: Coverage) -> str:
    """The gaps as a table for a spreadsheet, one line each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ("department", "service", "service_name", "layer", "area", "area_name", "extent", "failed")
    )
    writer.writerows(
        (
            g.department, g.service, g.service_name, found.layer, g.area, g.area_name,
            "whole" if g.whole else "part", ";".join(g.failed),
        )
        for g in found.gaps
    )  # fmt: skip
    return out.getvalue()


def _outcomes(
    service: ServiceFact, places: Mapping[str, Sequence[Place | None]], book: RuleBook, at: datetime
) -> dict[str, tuple[bool, tuple[str, ...]]]:
    """By area without a team: whether everywhere in it, and which rules could not be evaluated."""
    found = {}
    for code, several in places.items():
        decisions = [book.decide(subject=service.subject, place=place, at=at) for place in several]
        lacking = [d for d in decisions if d.rule_id is None]
        if lacking:
            failed = sorted({f.data["rule"] for d in lacking for f in d.failures})
            found[code] = (len(lacking) == len(decisions), tuple(failed))
    return found


def _alike(services: Iterable[ServiceFact], rules: Iterable[RuleRow]) -> list[list[ServiceFact]]:
    """Services between which no rule makes a difference."""
    named = {r.service_id for r in rules}
    groups: dict[tuple[object, ...], list[ServiceFact]] = {}
    for s in services:
        own = s.subject.service_id if s.subject.service_id in named else None
        groups.setdefault((own, s.subject.theme_id, s.subject.department_id, s.geolocated), []).append(s)
    return list(groups.values())


def _places(layer: str, rules: Iterable[RuleRow]) -> dict[str, list[Place]]:
    """For each area of a layer, one place of every combination of areas that rules tell apart."""
    asked = {r.where_layer for r in rules if r.where == "in_area"} | {r.team_of_layer for r in rules}
    asked = (asked | {layer}) - {""}
    rows = _POINTS.rows({"layers": sorted(asked)})
    occur = {*areas_at([r.lng for r in rows], [r.lat for r in rows]), *areas_everywhere()} - {None}
    found: dict[str, set[tuple[Area, ...]]] = {a.code: set() for a in areas_of(layer)}
    for areas in occur:
        here = next((a for a in areas or () if a.layer == layer), None)
        if areas is not None and here is not None:
            found[here.code].add(tuple(a for a in areas if a.layer in asked))
    return {
        code: [Place(NOWHERE, areas) for areas in sorted(several, key=str)]
        for code, several in found.items()
        if several
    }
