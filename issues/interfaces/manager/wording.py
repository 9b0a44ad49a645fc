"""Codes of the managers' pages as sentences: rules, what is wrong with them, what a look found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from issues.interfaces.wording import say_distance, say_reason
from issues.routing.queries import Decision

SHOWN_AREAS = 4

HYGIENE: dict[str, tuple[str | Promise, str | Promise]] = {
    "duplicates": (_("Possíveis duplicados"), _("Mesmo serviço, perto um do outro, em datas próximas.")),
    "overdue": (_("Muito além do prazo"), _("Abertos há mais de três vezes o prazo do serviço.")),
    "unplaced": (_("Sem local"), _("O serviço pede um local e o chamado não tem.")),
    "outside": (_("Fora das regiões"), _("O ponto não cai em nenhuma região da cidade.")),
    "future": (_("Abertos no futuro"), _("A data de abertura ainda não chegou.")),
    "silent": (_("Sem descrição"), _("Quem pediu não escreveu nada.")),
    "contacts_invalid": (_("Contatos inválidos"), _("Telefones e e-mails que não alcançam ninguém.")),
    "contacts_mended": (_("Contatos corrigidos"), _("Estavam escritos de outra forma e foram padronizados.")),
}

CONTACT: dict[str, str | Promise] = {
    "unreadable": _("não é um número de telefone"),
    "too_short": _("faltam algarismos"),
    "too_long": _("algarismos demais"),
    "not_in_use": _("numeração que não existe"),
    "malformed": _("não é um endereço de e-mail"),
    "empty": _("vazio"),
    "taken": _("igual a outro contato já cadastrado"),
    "rewritten": _("reescrito na forma padrão"),
}

FINDINGS: dict[str, str | Promise] = {
    "layer_unpublished": _("A camada “%(layer)s” não está publicada."),
    "layer_empty": _("A camada “%(layer)s” está vazia."),
    "not_areas": _("A camada “%(layer)s” não é de áreas."),
    "not_assets": _("A camada “%(layer)s” não é de equipamentos."),
    "area_unknown": _("Áreas que o mapa publicado não tem: %(codes)s."),
    "area_empty": _("Áreas sem extensão no mapa: %(codes)s."),
    "distance_too_large": _(
        "%(distance_m)s m é mais longe do que os equipamentos de “%(layer)s” são procurados (%(near_m)s m)."
    ),
    "service_retired": _("O serviço “%(service)s” não é mais oferecido."),
    "no_services": _("Não há mais nenhum serviço do qual ela trate."),
    "service_without_place": _("Pede um local, e o serviço não tem local."),
    "team_inactive": _("A equipe “%(team)s” está desativada."),
    "areas_without_team": _("Sem equipe em: %(areas)s."),
    "validity_ended": _("A validade terminou em %(on)s."),
    "shadowed": _("Regras anteriores já decidem tudo: %(by)s."),
}


FAILURES: dict[str, str | Promise] = {
    "team_inactive": _("a equipe está desativada"),
    "no_area": _("o local não está em nenhuma área de “%(layer)s”"),
    "no_team_of_area": _("nenhuma equipe atende %(area)s"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What codes of rules are called: by code or slug; areas and assets by layer, then code."""

    services: Mapping[str, str]
    themes: Mapping[str, str]
    departments: Mapping[str, str]
    teams: Mapping[str, str]
    layers: Mapping[str, str]
    areas: Mapping[str, Mapping[str, str]]


def say_rule(row: Mapping[str, Any], names: Names) -> str:
    """A rule as a sentence: "Tapa-buracos na região 03 → DCVU Centro"."""
    said = gettext("%(what)s %(where)s → %(whom)s") % {
        "what": _what(row, names),
        "where": _where(row, names),
        "whom": _whom(row, names),
    }
    return said + _when(row)


def _what(row: Mapping[str, Any], names: Names) -> str:
    if row["service"]:
        return names.services.get(row["service"], row["service"])
    if row["theme"]:
        return gettext("Tema %(theme)s") % {"theme": names.themes.get(row["theme"], row["theme"])}
    return gettext("Todo serviço de %(department)s") % {
        "department": names.departments.get(row["department"], row["department"])
    }


def _where(row: Mapping[str, Any], names: Names) -> str:
    if row["where"] == "anywhere":
        return gettext("em toda a cidade")
    layer = names.layers.get(row["where_layer"], row["where_layer"])
    known = names.areas.get(row["where_layer"], {})
    listed = _listed([known.get(c, c) for c in row["where_codes"]])
    if row["where"] == "in_area":
        if not listed:
            return gettext("em qualquer área de %(layer)s") % {"layer": layer}
        return gettext("em %(areas)s (%(layer)s)") % {"areas": listed, "layer": layer}
    metres = say_distance(row["distance_m"] or 0)
    return gettext("a até %(metres)s de %(what)s") % {"metres": metres, "what": listed or layer}


def _whom(row: Mapping[str, Any], names: Names) -> str:
    if row["team"]:
        return names.teams.get(row["team"], row["team"])
    layer = names.layers.get(row["team_of_layer"], row["team_of_layer"])
    if row["team_department"]:
        department = names.departments.get(row["team_department"], row["team_department"])
        return gettext("a equipe de %(department)s na área (%(layer)s)") % {
            "department": department,
            "layer": layer,
        }
    return gettext("a equipe da área (%(layer)s)") % {"layer": layer}


def _when(row: Mapping[str, Any]) -> str:
    begins, ends = (_day(row[c]) for c in ("valid_from", "valid_until"))
    if begins and ends:
        return gettext(", de %(begins)s até %(ends)s") % {"begins": begins, "ends": ends}
    if begins:
        return gettext(", a partir de %(begins)s") % {"begins": begins}
    return gettext(", até %(ends)s") % {"ends": ends} if ends else ""


def _day(value: Any) -> str:
    if not value:
        return ""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return date_format(localtime(moment), "SHORT_DATE_FORMAT")


def _listed(items: list[str], shown: int = SHOWN_AREAS) -> str:
    """The first few, and how many more."""
    text = ", ".join(items[:shown])
    if (more := len(items) - shown) > 0:
        text += " " + ngettext("e mais %(n)d", "e mais %(n)d", more) % {"n": more}
    return text


def say_finding(code: str, data: Mapping[str, Any], names: Names) -> str:
    """What is wrong with a rule, as a sentence. An unworded code speaks for itself."""
    facts = dict(data)
    known = names.areas.get(str(facts.get("layer", "")), {})
    if "layer" in facts:
        facts["layer"] = names.layers.get(facts["layer"], facts["layer"])
    for key in ("codes", "areas", "by"):
        if key in facts:
            facts[key] = _listed([known.get(c, c) if key == "codes" else str(c) for c in facts[key]], 6)
    if "on" in facts:
        facts["on"] = _day(facts["on"])
    text = FINDINGS.get(code)
    return gettext(str(text)) % facts if text else code


def say_decision(decision: Decision) -> list[str]:
    """The reasons of a decision as sentences, with the rules that should have decided and could not."""
    return [_failure(r.data) if r.code == "rule_failed" else say_reason(r) for r in decision.reasons]


def _failure(data: Mapping[str, Any]) -> str:
    why = FAILURES.get(str(data.get("why")), _("não pôde ser avaliada"))
    return gettext("A regra “%(rule)s” devia decidir, mas não pôde: %(why)s.") % {
        "rule": data.get("rule", ""),
        "why": gettext(str(why)) % data,
    }


def say_why(reason: Mapping[str, Any]) -> str:
    """Why two requests may be the same one."""
    match reason["code"]:
        case "near":
            return gettext("a %(metres)s um do outro") % {"metres": say_distance(reason["distance_m"])}
        case "soon":
            days = round(reason["days"])
            if days < 1:
                return gettext("registrados no mesmo dia")
            return ngettext("com %(n)d dia de diferença", "com %(n)d dias de diferença", days) % {"n": days}
        case "alike":
            return gettext("textos %(percent)s%% parecidos") % {"percent": reason["percent"]}
        case "same_person":
            return gettext("registrados pela mesma pessoa")
        case "same_address":
            return gettext("mesmo endereço")
    return str(reason["code"])


def say_contact(reason: str) -> str:
    """What was found of a contact."""
    return str(CONTACT.get(reason, reason))
