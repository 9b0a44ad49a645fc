"""Which requests a map or a table counts: read once from an address, used by every room of maps."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.datastructures import MultiValueDict
from django.utils.timezone import localdate

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Invalid
from geo_central.kernel.sql import Query

_UNKNOWN = Query(__file__, "unknown_codes")

STATES = ("all", "open", "closed")
MODES = ("opened", "open", "overdue")
# In one cell, fewer requests than this of services without an exact public point are not shown.
LEAST_SHOWN = 3
_DATE = re.compile(r"(19|20|21)\d\d-\d\d-\d\d")
_CODE = re.compile(r"[-\w]{1,64}", re.ASCII)
_AREA = re.compile(r"[-\w]{1,50}:[^\s,\0][^,\0]{0,79}")
_MOST_CODES = 500


@dataclass(frozen=True, slots=True)
class HeatFilters:
    """Requests opened from the day `first` to the day `last`, both included, on the city's calendar;
    of any of these services and of any of these themes, where some are named; open, closed or all today.

    In the mode `open` only those that were open at the end of the day `on`, in `overdue` only those of
    them whose last day was `on` or before. A request that was reopened was open all the time. `areas` are
    (layer, code) of published layers, by the exact place; `teams` and `channels` codes.
    """

    first: date | None = None
    last: date | None = None
    services: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    state: str = "all"
    mode: str = "opened"
    on: date | None = None
    areas: tuple[tuple[str, str], ...] = ()
    teams: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    @property
    def opened(self) -> tuple[datetime | None, datetime | None]:
        """The half-open period of `opened_at`; None has no end."""
        return (
            datetime.combine(self.first, time.min, city_zone()) if self.first else None,
            datetime.combine(self.last + timedelta(days=1), time.min, city_zone()) if self.last else None,
        )

    def params(self) -> dict[str, Any]:
        """The parameters of the queries that count."""
        since, before = self.opened
        at = None
        if self.on and self.mode != "opened":
            at = datetime.combine(self.on + timedelta(days=1), time.min, city_zone())
        return {
            "at": at,
            "overdue": self.mode == "overdue",
            "area_layers": [layer for layer, _ in self.areas] or None,
            "area_codes": [code for _, code in self.areas] or None,
            "boundary": settings.CITY.boundary_layer,
            "teams": list(self.teams) or None,
            "channels": list(self.channels) or None,
            "since": since,
            "before": before,
            "services": list(self.services) or None,
            "themes": list(self.themes) or None,
            "is_open": None if self.state == "all" else self.state == "open",
        }

    def query(self) -> str:
        """The same filters as the query of an address; always the same text for the same filters."""
        named = {
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
            "theme": ",".join(self.themes),
            "service": ",".join(self.services),
            "state": "" if self.state == "all" else self.state,
            "mode": "" if self.mode == "opened" else self.mode,
            "on": self.on.isoformat() if self.on else "",
            "area": ",".join(f"{layer}:{code}" for layer, code in self.areas),
            "team": ",".join(self.teams),
            "channel": ",".join(self.channels),
        }
        return urlencode({name: value for name, value in named.items() if value}, safe=",:")


def parse_filters(
    query: Mapping[str, str], knows: Callable[["HeatFilters"], bool] | None = None
) -> HeatFilters:
    """Read `from`, `to` (YYYY-MM-DD), `service`, `theme` (codes, comma separated or repeated) and
    `state` (open, closed, all); `mode` (opened, open, overdue) with the day `on`, which is today's where a
    mode needs one and none is named; `area` (layer:code), `team` and `channel` (codes). What is not named
    does not filter. `knows` may say that every code of some filters exists; otherwise PostgreSQL is asked.

    Raises Invalid naming the field: `field.not_a_date`, `period.backwards`, `service.unknown`,
    `theme.unknown`, `area.unknown`, `team.unknown`, `channel.unknown`, `field.not_a_choice`.
    """
    first, last = _day(query, "from"), _day(query, "to")
    if first and last and last < first:
        raise Invalid("period.backwards", field="to")
    state = query.get("state") or "all"
    if state not in STATES:
        raise Invalid("field.not_a_choice", field="state", value=state[:40])
    mode = query.get("mode") or "opened"
    if mode not in MODES:
        raise Invalid("field.not_a_choice", field="mode", value=mode[:40])
    on = None if mode == "opened" else _day(query, "on") or localdate()
    services, themes = _codes(query, "service"), _codes(query, "theme")
    areas, teams = _areas(query), _codes(query, "team")
    channels = _codes(query, "channel")
    filters = HeatFilters(first, last, services, themes, state, mode, on, areas, teams, channels)
    if (services or themes or areas or teams) and not (knows and knows(filters)):
        named = {
            "services": list(services),
            "themes": list(themes),
            "teams": list(teams),
            "layers": [layer for layer, _ in areas],
            "codes": [code for _, code in areas],
        }
        unknown = _UNKNOWN.one(named)
        if unknown is not None:
            raise Invalid(f"{unknown.field}.unknown", field=unknown.field, value=unknown.code)
    return filters


def _day(query: Mapping[str, str], name: str) -> date | None:
    text = query.get(name) or ""
    if not text:
        return None
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("field.not_a_date", field=name) from None


def _codes(query: Mapping[str, str], name: str) -> tuple[str, ...]:
    return _named(query, name, _CODE)


def _areas(query: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """(layer, code) of each area named."""
    named = [text.partition(":") for text in _named(query, "area", _AREA)]
    return tuple((layer, code) for layer, _, code in named)


def _named(query: Mapping[str, str], name: str, form: re.Pattern[str]) -> tuple[str, ...]:
    """What a parameter lists in alphabetical order, each once, so that equal filters have one address."""
    given = query.getlist(name) if isinstance(query, MultiValueDict) else [query.get(name) or ""]
    codes = sorted({code.strip() for text in given for code in text.split(",") if code.strip()})
    bad = next((code for code in codes if not form.fullmatch(code)), None)
    if bad is not None or len(codes) > _MOST_CODES:
        raise Invalid(f"{name}.unknown", field=name, value=(bad or codes[-1])[:64])
    return tuple(codes)
