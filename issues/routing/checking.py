"""Rules that can never decide, or not everywhere they speak of, each with why: codes, not sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .facts import ServiceFact, service_facts, teams
from .maps import MapFact, map_facts
from .matching import Directory, RuleRow, TeamRow
from .queries import active_rules

NEVER, PARTLY = "never", "partly"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one rule. `extent` is `never` when it cannot decide anything any more.

    Codes: `layer_unpublished` {layer}, `layer_empty` {layer}, `not_areas` {layer}, `not_assets`
    {layer}, `area_unknown` {layer, codes}, `area_empty` {layer, codes}, `distance_too_large`
    {layer, distance_m, near_m}, `service_retired` {service}, `no_services`, `service_without_place`,
    `team_inactive` {team}, `areas_without_team` {layer, areas}, `validity_ended` {on}, and
    `shadowed` {by: the slugs of earlier rules that together take all of its requests}.
    """

    rule: str
    code: str
    extent: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """What rules are checked against. `teams` holds every team by id, `active` the active ones."""

    services: Mapping[int, ServiceFact]
    maps: Mapping[str, MapFact]
    teams: Mapping[int, TeamRow]
    active: Directory
    now: datetime

    @classmethod
    def load(cls, now: datetime, instead: Mapping[str, int] | None = None) -> "World":
        """As it is now, with other layer versions `instead` of the published ones."""
        every = {t.id: t for t in teams(with_inactive=True)}
        return cls(service_facts(), map_facts(instead or {}), every, Directory(teams()), now)

    def about(self, rule: RuleRow) -> list[ServiceFact]:
        """The services that a rule could decide: active, and with a place where it asks for one."""
        placed = rule.where != "anywhere" or bool(rule.team_of_layer)
        return [
            s
            for s in self.services.values()
            if s.is_active and s.is_about(rule) and (s.geolocated or not placed)
        ]


def findings(
    rules: Sequence[RuleRow] | None = None, *, now: datetime, instead: Mapping[str, int] | None = None
) -> list[Finding]:
    """What is wrong with a set of rules (the active ones), in the order in which rules are tried.

    `now` says which validities have ended; `instead` are staged layer versions by slug.
    """
    world = World.load(now, instead)
    ordered = sorted(active_rules() if rules is None else rules, key=lambda r: r.order)
    found: list[Finding] = []
    sound: list[RuleRow] = []
    for rule in ordered:
        own = list(_own(rule, world))
        if not any(f.extent == NEVER for f in own):
            own += shadowed(rule, sound, world)
            sound.append(rule)
        found += own
    return found


def _own(rule: RuleRow, world: World) -> Iterator[Finding]:
    """What is wrong with a rule by itself."""
    yield from _subject(rule, world)
    yield from _where(rule, world)
    yield from _given(rule, world)
    if rule.valid_until and rule.valid_until <= world.now:
        yield Finding(rule.slug, "validity_ended", NEVER, {"on": rule.valid_until})


def _subject(rule: RuleRow, world: World) -> Iterator[Finding]:
    mine = [s for s in world.services.values() if s.is_about(rule)]
    if rule.service_id and mine and not mine[0].is_active:
        yield Finding(rule.slug, "service_retired", NEVER, {"service": mine[0].subject.service_name})
    elif not any(s.is_active for s in mine):
        yield Finding(rule.slug, "no_services", NEVER)
    elif not world.about(rule):
        yield Finding(rule.slug, "service_without_place", NEVER)


def _where(rule: RuleRow, world: World) -> Iterator[Finding]:
    if rule.where == "anywhere":
        return
    layer = world.maps.get(rule.where_layer)
    if layer is None:
        yield Finding(rule.slug, "layer_unpublished", NEVER, {"layer": rule.where_layer})
        return
    near = rule.where == "near_asset"
    if layer.kind != ("asset" if near else "area"):
        code = "not_assets" if near else "not_areas"
        yield Finding(rule.slug, code, NEVER, {"layer": rule.where_layer})
        return
    if not layer.found:
        yield Finding(rule.slug, "layer_empty", NEVER, {"layer": rule.where_layer})
        return
    for code, missing in (
        ("area_unknown", rule.where_codes - layer.names.keys()),
        ("area_empty", rule.where_codes & layer.empty),
    ):
        if missing:
            extent = PARTLY if rule.where_codes & layer.found else NEVER
            yield Finding(rule.slug, code, extent, {"layer": rule.where_layer, "codes": sorted(missing)})
    if near and (rule.distance_m or 0) > layer.near_m:
        data = {"layer": rule.where_layer, "distance_m": rule.distance_m, "near_m": layer.near_m}
        yield Finding(rule.slug, "distance_too_large", PARTLY, data)


def _given(rule: RuleRow, world: World) -> Iterator[Finding]:
    if rule.team_id is not None:
        if world.active.team(rule.team_id) is None:
            name = world.teams[rule.team_id].name if rule.team_id in world.teams else ""
            yield Finding(rule.slug, "team_inactive", NEVER, {"team": name})
        return
    layer = world.maps.get(rule.team_of_layer)
    if layer is None or layer.kind != "area":
        code = "layer_unpublished" if layer is None else "not_areas"
        yield Finding(rule.slug, code, NEVER, {"layer": rule.team_of_layer})
        return
    departments = _departments(rule, world)
    asked = _asked(rule, layer)
    lacking = {
        code for code in asked if not all(world.active.of_area(d, layer.slug, code) for d in departments)
    }
    if lacking:
        none = not any(world.active.of_area(d, layer.slug, code) for d in departments for code in asked)
        names = [layer.names[code] for code in sorted(lacking)]
        data = {"layer": layer.slug, "areas": names, "codes": sorted(lacking)}
        yield Finding(rule.slug, "areas_without_team", NEVER if none else PARTLY, data)


def _departments(rule: RuleRow, world: World) -> set[int]:
    if rule.team_department_id:
        return {rule.team_department_id}
    return {s.subject.department_id for s in world.about(rule)}


def _asked(rule: RuleRow, layer: MapFact) -> frozenset[str]:
    """The areas of a layer in which the rule looks for a team."""
    if rule.where == "in_area" and rule.where_layer == layer.slug and rule.where_codes:
        return rule.where_codes & layer.found
    return layer.found


def shadowed(rule: RuleRow, earlier: Sequence[RuleRow], world: World) -> list[Finding]:
    """The proof that earlier rules leave nothing for this one, cell by cell; no finding without one.

    Cells are the rule's services times its areas. An earlier rule takes a cell when it speaks of the
    service, holds there at least as long and as widely, and always has a team to give.
    """
    layer = world.maps.get(rule.where_layer if rule.where == "in_area" else rule.team_of_layer)
    cells: list[str | None] = [None]
    if layer is not None and rule.where != "near_asset":
        cells = [*sorted(_asked(rule, layer))]
    candidates = [e for e in earlier if _holds_as_long(e, rule)]
    by: dict[str, None] = {}
    for service in world.about(rule):
        mine = [e for e in candidates if service.is_about(e)]
        for cell in cells:
            taker = next((e for e in mine if _takes(e, rule, service, layer, cell, world)), None)
            if taker is None:
                return []
            by[taker.slug] = None
    return [Finding(rule.slug, "shadowed", NEVER, {"by": list(by)})] if by else []


def _holds_as_long(earlier: RuleRow, rule: RuleRow) -> bool:
    begins = earlier.valid_from is None or (
        rule.valid_from is not None and earlier.valid_from <= rule.valid_from
    )
    ends = earlier.valid_until is None or (
        rule.valid_until is not None and earlier.valid_until >= rule.valid_until
    )
    return begins and ends


def _takes(
    earlier: RuleRow,
    rule: RuleRow,
    service: ServiceFact,
    layer: MapFact | None,
    cell: str | None,
    world: World,
) -> bool:
    """Whether the earlier rule decides every request of the service in that area of the layer."""
    slug = layer.slug if layer is not None and cell is not None else None
    if not _fits_all(earlier, rule, service, slug, cell):
        return False
    if earlier.team_id is not None:
        return world.active.team(earlier.team_id) is not None
    if not service.geolocated:
        return False  # a team of the area is for requests with a place
    department = earlier.team_department_id or service.subject.department_id
    if slug == earlier.team_of_layer and cell is not None:
        return world.active.of_area(department, slug, cell) is not None
    return False  # the place may lie in a hole of that layer, and then the next rule decides


def _fits_all(
    earlier: RuleRow, rule: RuleRow, service: ServiceFact, slug: str | None, cell: str | None
) -> bool:
    if earlier.where == "anywhere":
        return True
    if not service.geolocated:
        return False
    if earlier.where == "in_area":
        return slug == earlier.where_layer and (not earlier.where_codes or cell in earlier.where_codes)
    return (
        rule.where == "near_asset"
        and earlier.where_layer == rule.where_layer
        and (earlier.distance_m or 0) >= (rule.distance_m or 0)
        and (not earlier.where_codes or (bool(rule.where_codes) and rule.where_codes <= earlier.where_codes))
    )


def broken_rules(now: datetime) -> list[str]:
    """What is wrong with the active rules and the territories of teams, for the doctor: one line each.

    A misspelt area matches nothing, and no request would ever tell.
    """
    maps = map_facts({})
    lines = [f"{f.rule}: {_TERSE[f.code].format(**_plain(f.data))}" for f in findings(now=now)]
    for team in teams():
        layer = maps.get(team.territory_layer)
        if layer and (missing := sorted(team.territory_codes - layer.names.keys())):
            lines.append(f"{team.slug}: {layer.slug} has no {', '.join(missing)}")
    return lines


def _plain(data: Mapping[str, Any]) -> dict[str, str]:
    return {k: ", ".join(map(str, v)) if isinstance(v, list) else str(v) for k, v in data.items()}


_TERSE = {
    "layer_unpublished": "layer {layer} is not published",
    "layer_empty": "layer {layer} has nothing in it",
    "not_areas": "layer {layer} does not hold areas",
    "not_assets": "layer {layer} does not hold assets",
    "area_unknown": "{layer} has no {codes}",
    "area_empty": "in {layer} nothing lies in {codes}",
    "distance_too_large": "{distance_m} m is farther than assets of {layer} are looked for ({near_m} m)",
    "service_retired": "service {service} is retired",
    "no_services": "no service is left that it is about",
    "service_without_place": "its services have no place",
    "team_inactive": "team {team} is not active",
    "areas_without_team": "no team in {codes}",
    "validity_ended": "it ended on {on}",
    "shadowed": "decided before it comes, by {by}",
}
