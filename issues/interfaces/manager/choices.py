"""What codes of rules are called, and what forms offer."""

from dataclasses import dataclass

from issues.catalogue.queries import themes
from issues.routing.facts import service_facts, teams
from issues.routing.maps import map_facts
from issues.teams.queries import departments

from .wording import Names

Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """Options of the form of a rule: (code, name) in the order of lists; areas by layer."""

    services: tuple[Choice, ...]
    themes: tuple[Choice, ...]
    departments: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    area_layers: tuple[Choice, ...]
    asset_layers: tuple[Choice, ...]
    areas: tuple[tuple[str, tuple[Choice, ...]], ...]


def names() -> Names:
    """What every code is called now."""
    maps = map_facts({})
    return Names(
        services={s.subject.service_code: s.subject.service_name for s in service_facts().values()},
        themes={t.slug: t.name for t in themes()},
        departments={code: acronym for code, acronym, _ in departments()},
        teams={t.slug: t.name for t in teams(with_inactive=True)},
        layers={m.slug: m.name for m in maps.values()},
        areas={m.slug: m.names for m in maps.values()},
    )


def choices() -> Choices:
    """What a rule may be made of."""
    maps = map_facts({})
    active = [s.subject for s in service_facts().values() if s.is_active]
    areas = [m for m in maps.values() if m.kind == "area"]
    return Choices(
        services=tuple(sorted(((s.service_code, s.service_name) for s in active), key=lambda c: c[1])),
        themes=tuple((t.slug, t.name) for t in themes()),
        departments=tuple((code, f"{acronym}: {name}") for code, acronym, name in departments()),
        teams=tuple(sorted(((t.slug, t.name) for t in teams()), key=lambda c: c[1])),
        area_layers=tuple((m.slug, m.name) for m in areas),
        asset_layers=tuple((m.slug, m.name) for m in maps.values() if m.kind == "asset"),
        areas=tuple((m.name, tuple(m.names.items())) for m in areas),
    )
