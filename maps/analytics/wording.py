"""Filters in words, for a reader who does not see the form."""

from django.utils.formats import date_format
from django.utils.translation import gettext

from issues.catalogue.queries import services, themes
from maps.filters import HeatFilters


def in_words(filters: HeatFilters) -> list[str]:
    """One sentence for each filter that is set; at least the period."""
    return [_period(filters), *_names(filters), *_state(filters)]


def _period(filters: HeatFilters) -> str:
    first = date_format(filters.first, "SHORT_DATE_FORMAT") if filters.first else ""
    last = date_format(filters.last, "SHORT_DATE_FORMAT") if filters.last else ""
    if first and last:
        return gettext("De %(first)s a %(last)s.") % {"first": first, "last": last}
    if first:
        return gettext("Desde %(first)s.") % {"first": first}
    if last:
        return gettext("Até %(last)s.") % {"last": last}
    return gettext("Todo o período.")


def _names(filters: HeatFilters) -> list[str]:
    lines = []
    if filters.themes:
        name_of = {t.slug: t.name for t in themes()}
        names = ", ".join(name_of.get(code, code) for code in filters.themes)
        lines.append(gettext("Tema: %(names)s.") % {"names": names})
    if filters.services:
        name_of = {s.code: s.name for s in services()}
        names = ", ".join(name_of.get(code, code) for code in filters.services)
        lines.append(gettext("Serviço: %(names)s.") % {"names": names})
    return lines


def _state(filters: HeatFilters) -> list[str]:
    words = {"open": gettext("Só os abertos."), "closed": gettext("Só os encerrados.")}
    return [words[filters.state]] if filters.state in words else []
