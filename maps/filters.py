"""Which requests a map or a table counts: read once from an address, used by every room of maps."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.datastructures import MultiValueDict

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Invalid
from geo_central.kernel.sql import Query

_UNKNOWN = Query(__file__, "unknown_codes")

STATES = ("all", "open", "closed")
# In one cell, fewer requests than this of services without an exact public point are not shown.
LEAST_SHOWN = 3
_DATE = re.compile(r"(19|20|21)\d\d-\d\d-\d\d")
_CODE = re.compile(r"[-\w]{1,64}", re.ASCII)
_MOST_CODES = 500


@dataclass(frozen=True, slots=True)
class HeatFilters:
    """Requests opened from the day `first` to the day `last`, both included, on the city's calendar;
    of any of these services and of any of these themes, where some are named; open, closed or all."""

    first: date | None = None
    last: date | None = None
    services: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    state: str = "all"

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
        return {
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
        }
        return urlencode({name: value for name, value in named.items() if value}, safe=",")


def parse_filters(query: Mapping[str, str]) -> HeatFilters:
    """Read `from`, `to` (YYYY-MM-DD), `service`, `theme` (codes, comma separated or repeated) and
    `state` (open, closed, all). What is not named does not filter.

    Raises Invalid naming the field: `field.not_a_date`, `period.backwards`, `service.unknown`,
    `theme.unknown`, `field.not_a_choice`.
    """
    first, last = _day(query, "from"), _day(query, "to")
    if first and last and last < first:
        raise Invalid("period.backwards", field="to")
    state = query.get("state") or "all"
    if state not in STATES:
        raise Invalid("field.not_a_choice", field="state", value=state[:40])
    services, themes = _codes(query, "service"), _codes(query, "theme")
    if services or themes:
        unknown = _UNKNOWN.one({"services": list(services), "themes": list(themes)})
        if unknown is not None:
            raise Invalid(f"{unknown.field}.unknown", field=unknown.field, value=unknown.code)
    return HeatFilters(first, last, services, themes, state)


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
    """Codes in alphabetical order, each once, so that equal filters have one address."""
    given = query.getlist(name) if isinstance(query, MultiValueDict) else [query.get(name) or ""]
    codes = sorted({code.strip() for text in given for code in text.split(",") if code.strip()})
    bad = next((code for code in codes if not _CODE.fullmatch(code)), None)
    if bad is not None or len(codes) > _MOST_CODES:
        raise Invalid(f"{name}.unknown", field=name, value=(bad or codes[-1])[:64])
    return tuple(codes)
