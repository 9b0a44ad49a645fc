"""What a planner asked the board for: the filters of every map, and how to look at what they let through."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from geo_central.kernel.errors import Invalid
from maps.filters import HeatFilters, parse_filters
from maps.steps import UNITS
from maps.web.asked import Asked, Choice, area_layers
from maps.web.asked import asked as asked_filters

from .access import Scope, within

Words = dict[str, str | Promise]
SHOWS: Words = {
    "areas": gettext_lazy("Áreas"),
    "heat": gettext_lazy("Calor"),
    "swipe": gettext_lazy("Lado a lado"),
    "difference": gettext_lazy("Diferença"),
}
MEASURES: Words = {
    "n": gettext_lazy("Pedidos"),
    "km2": gettext_lazy("Pedidos por km²"),
    "open": gettext_lazy("Abertos"),
    "late": gettext_lazy("Atrasados"),
    "in_time": gettext_lazy("Resolvidos no prazo (%)"),
}
SCHEMES: Words = {
    "quantiles": gettext_lazy("Quantis: tantas áreas em cada classe"),
    "natural": gettext_lazy("Quebras naturais (Fisher e Jenks)"),
    "equal": gettext_lazy("Intervalos iguais"),
    "headtail": gettext_lazy("Cabeça e cauda: poucas áreas com muito"),
}
VERSUS: Words = {
    "before": gettext_lazy("O período anterior"),
    "year": gettext_lazy("Os mesmos dias do ano anterior"),
    "dates": gettext_lazy("Outras datas"),
}
STEP_NAMES: Words = {
    "": gettext_lazy("Automático"),
    "day": gettext_lazy("Dia"),
    "week": gettext_lazy("Semana"),
    "month": gettext_lazy("Mês"),
    "year": gettext_lazy("Ano"),
}
CLASSES = (3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True)
class Look:
    """How the filters' requests are looked at. `versus_first` and `versus_last` are the days that are
    compared with where `versus` is `dates`."""

    show: str = "areas"
    layer: str = ""
    measure: str = "n"
    scheme: str = "quantiles"
    classes: int = 5
    step: str = ""
    versus: str = "before"
    versus_first: date | None = None
    versus_last: date | None = None

    def query(self) -> str:
        """As the query of an address, without what is so by itself."""
        named = {
            "show": "" if self.show == "areas" else self.show,
            "layer": "" if self.layer == settings.CITY.neighbourhood_layer else self.layer,
            "measure": "" if self.measure == "n" else self.measure,
            "scheme": "" if self.scheme == "quantiles" else self.scheme,
            "classes": "" if self.classes == 5 else str(self.classes),
            "step": self.step,
            "versus": "" if self.versus == "before" else self.versus,
            "vfrom": self.versus_first.isoformat() if self.versus_first else "",
            "vto": self.versus_last.isoformat() if self.versus_last else "",
        }
        return urlencode({name: value for name, value in named.items() if value})


@dataclass(frozen=True, slots=True)
class Board:
    """A request for the board, understood; `asked.error` says what was wrong with it."""

    asked: Asked
    look: Look
    layers: tuple[Choice, ...]

    @property
    def filters(self) -> HeatFilters:
        return self.asked.filters

    @property
    def query(self) -> str:
        """Filters and look together; always the same text for the same board, and never nothing."""
        return joined_query(self.filters, self.look)


def joined_query(filters: HeatFilters, look: Look) -> str:
    """The query of the board's address; that of all days says so, since without one a year is shown."""
    every = "" if filters.first or filters.last else "period=all"
    return "&".join(part for part in (every, filters.query(), look.query()) if part)


def board(query: QueryDict, scope: Scope) -> Board:
    """Read the board's form; never wider than the scope. Raises Forbidden `auth.not_allowed`."""
    seen = asked_filters(query, staff=True)
    layers = tuple(area_layers())
    error = seen.error
    try:
        look = parse_look(query, [one.code for one in layers])
    except Invalid as refused:
        look, error = parse_look(QueryDict(), [one.code for one in layers]), error or refused
    filters = within(seen.filters, scope)
    teams = tuple(t for t in seen.teams if scope is None or t.code in scope)
    if scope is not None and len(scope) == 1:
        teams = ()
    return Board(replace(seen, filters=filters, error=error, teams=teams), look, layers)


def parse_look(query: QueryDict, layers: list[str]) -> Look:
    """Raises Invalid `field.not_a_choice`, `field.not_a_date` or `period.backwards` naming the field."""
    usual = settings.CITY.neighbourhood_layer
    fallback = usual if usual in layers or not layers else layers[0]
    days = parse_filters({"from": query.get("vfrom") or "", "to": query.get("vto") or ""})
    versus = _choice(query, "versus", VERSUS, "before")
    return Look(
        _choice(query, "show", SHOWS, "areas"),
        _choice(query, "layer", dict.fromkeys(layers, ""), fallback),
        _choice(query, "measure", MEASURES, "n"),
        _choice(query, "scheme", SCHEMES, "quantiles"),
        int(_choice(query, "classes", {str(n): "" for n in CLASSES}, "5")),
        _choice(query, "step", dict.fromkeys(UNITS, ""), ""),
        versus,
        days.first if versus == "dates" else None,
        days.last if versus == "dates" else None,
    )


def compared(look: Look, first: date, last: date) -> tuple[date, date]:
    """The period that this one is compared with: (first, last)."""
    length = last - first
    if look.versus == "year":
        return _year_before(first), _year_before(last)
    if look.versus == "dates" and (look.versus_first or look.versus_last):
        begin = look.versus_first or (look.versus_last or last) - length
        return begin, look.versus_last or begin + length
    return first - length - timedelta(days=1), first - timedelta(days=1)


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _choice(query: QueryDict, name: str, choices: Words | dict[str, str], usual: str) -> str:
    value = query.get(name) or usual
    if value != usual and value not in choices:
        raise Invalid("field.not_a_choice", field=name, value=value[:40])
    return value
