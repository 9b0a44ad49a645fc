"""Filters in words, for a reader who does not see the form."""

from collections.abc import Iterable

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from issues.catalogue.queries import services, themes
from issues.teams.queries import active_teams
from layers.queries import areas_of
from maps.filters import HeatFilters

# By what way a request came.
CHANNELS: dict[str, str | Promise] = {
    "web": gettext_lazy("Site"),
    "app": gettext_lazy("Aplicativo"),
    "phone": gettext_lazy("Telefone"),
    "whatsapp": gettext_lazy("WhatsApp"),
    "telegram": gettext_lazy("Telegram"),
    "email": gettext_lazy("E-mail"),
    "sms": gettext_lazy("SMS"),
    "counter": gettext_lazy("Atendimento presencial"),
    "social": gettext_lazy("Redes sociais"),
    "bot": gettext_lazy("Atendimento automático"),
    "open311": gettext_lazy("Outro sistema (Open311)"),
}


def in_words(filters: HeatFilters) -> list[str]:
    """One sentence for each filter that is set; at least the period."""
    return [_period(filters), *_moment(filters), *_names(filters), *_state(filters)]


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


def _moment(filters: HeatFilters) -> list[str]:
    if filters.mode == "opened" or not filters.on:
        return []
    day = {"day": date_format(filters.on, "SHORT_DATE_FORMAT")}
    if filters.mode == "open":
        return [gettext("Só os que estavam abertos no fim do dia %(day)s.") % day]
    return [gettext("Só os que estavam atrasados no fim do dia %(day)s.") % day]


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
    if filters.areas:
        of = {layer: {a.code: a.name for a in areas_of(layer)} for layer, _ in filters.areas}
        names = ", ".join(of[layer].get(code, code) for layer, code in filters.areas)
        lines.append(gettext("Área: %(names)s.") % {"names": names})
    if filters.teams:
        name_of = dict(active_teams())
        names = ", ".join(name_of.get(code, code) for code in filters.teams)
        lines.append(gettext("Equipe: %(names)s.") % {"names": names})
    if filters.channels:
        names = ", ".join(str(CHANNELS.get(code, code)) for code in filters.channels)
        lines.append(gettext("Canal: %(names)s.") % {"names": names})
    return lines


def _state(filters: HeatFilters) -> list[str]:
    words = {"open": gettext("Só os abertos."), "closed": gettext("Só os encerrados.")}
    return [words[filters.state]] if filters.state in words else []


# What a cell's history is called; `cold_` ones are told by one word.
PATTERNS: dict[str, str | Promise] = {
    "hot_new": gettext_lazy("novo"),
    "hot_consecutive": gettext_lazy("recente e contínuo"),
    "hot_intensifying": gettext_lazy("aumentando"),
    "hot_persistent": gettext_lazy("constante"),
    "hot_diminishing": gettext_lazy("diminuindo"),
    "hot_sporadic": gettext_lazy("vai e volta"),
    "hot_oscillating": gettext_lazy("oscila entre muitos e poucos"),
    "hot_historical": gettext_lazy("antigo, não agora"),
}


def pattern_words(patterns: Iterable[str]) -> str:
    """Histories in words, in the order of PATTERNS: `novo, constante`."""
    found = set(patterns)
    words = [str(text) for code, text in PATTERNS.items() if code in found]
    if any(code.startswith("cold_") for code in found):
        words.append(gettext("poucos pedidos"))
    return ", ".join(words)
