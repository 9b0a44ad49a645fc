"""What somebody asked the map page for: the filters, and what the form shows of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext

from geo_central.kernel.errors import DomainError, Invalid
from issues.catalogue.queries import services, themes
from issues.teams.queries import active_teams
from layers.queries import areas_of, layers_published
from maps.analytics.wording import CHANNELS
from maps.filters import HeatFilters, parse_filters


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a list; a service belongs to a theme."""

    code: str
    name: str
    theme: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The options of one published layer."""

    code: str
    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """A period offered by one tap; the same filters otherwise."""

    name: str
    first: date | None
    last: date | None
    query: str
    current: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for the page, understood: `filters`, or `error` with the form as it was sent."""

    filters: HeatFilters
    values: Mapping[str, str]
    error: DomainError | None
    themes: tuple[Choice, ...]
    services: tuple[Choice, ...]
    areas: tuple[Group, ...]
    channels: tuple[Choice, ...]
    teams: tuple[Choice, ...]

    @property
    def has_more(self) -> bool:
        """Whether one of the filters that the form folds away is set."""
        return any(self.values[name] for name in ("area", "channel", "team")) or (
            self.error is not None and self.error.field in ("area", "channel", "team")
        )


def asked(query: QueryDict, *, staff: bool = False) -> Asked:
    """Read the page's own form. A service may be named in words, as the list of the field offers it.

    The names of teams are offered to `staff` alone.
    """
    known = services()
    names = {s.name.casefold(): s.code for s in known}
    named = {s.code: s.name for s in known}
    params = query.copy()
    words = (query.get("service") or "").strip()
    if words.casefold() in names:
        params["service"] = names[words.casefold()]
    error: DomainError | None = None
    try:
        filters = parse_filters(params)
    except Invalid as refused:
        filters, error = HeatFilters(), refused
    service = ",".join(filters.services) if error is None else words
    values = {
        "from": (query.get("from") or "")[:10],
        "to": (query.get("to") or "")[:10],
        "theme": ",".join(filters.themes) if error is None else (query.get("theme") or "")[:64],
        "service": named.get(service, service[:120]),
        "state": filters.state if error is None else (query.get("state") or "all")[:8],
        "mode": filters.mode if error is None else (query.get("mode") or "opened")[:8],
        "on": filters.on.isoformat() if filters.on else (query.get("on") or "")[:10],
        "area": ",".join(f"{layer}:{code}" for layer, code in filters.areas),
        "channel": ",".join(filters.channels),
        "team": ",".join(filters.teams),
    }
    return Asked(
        filters,
        values,
        error,
        tuple(Choice(t.slug, t.name) for t in themes()),
        tuple(Choice(s.code, s.name, s.theme) for s in known),
        area_groups(),
        tuple(Choice(code, str(name)) for code, name in CHANNELS.items()),
        tuple(Choice(code, name) for code, name in active_teams()) if staff else (),
    )


def area_layers() -> list[Choice]:
    """The published layers of areas, but for the one that is the whole city."""
    whole = settings.CITY.boundary_layer
    return [
        Choice(slug, name) for slug, name, kind, *_ in layers_published() if kind == "area" and slug != whole
    ]


def area_groups() -> tuple[Group, ...]:
    """Every published area, by layer."""
    return tuple(
        Group(one.code, one.name, tuple(Choice(f"{one.code}:{a.code}", a.name) for a in areas_of(one.code)))
        for one in area_layers()
    )


def ranges(filters: HeatFilters, today: date) -> list[Range]:
    """Periods that end today, and all of them."""
    periods = [
        (gettext("30 dias"), today - timedelta(days=29), today),
        (gettext("90 dias"), today - timedelta(days=89), today),
        (gettext("12 meses"), today - timedelta(days=364), today),
        (gettext("Tudo"), None, None),
    ]
    return [
        Range(
            name,
            first,
            last,
            replace(filters, first=first, last=last).query(),
            (filters.first, filters.last) == (first, last),
        )
        for name, first, last in periods
    ]
