"""What can be wrong with a city's tables, in the words of whoever writes them."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from geo_central.kernel.errors import DomainError

WORDS: dict[str, Promise] = {
    "catalogue.unknown_reference": _("“%(row)s” cita “%(reference)s”, que não está em nenhuma tabela."),
    "rule.unknown_reference": _("A regra “%(row)s” cita “%(reference)s”, que não está em nenhuma tabela."),
    "rule.incomplete": _("A regra “%(row)s” está incompleta ou diz duas coisas ao mesmo tempo: %(why)s"),
    "field.not_a_date": _("A linha “%(row)s” tem uma data que não é válida (AAAA-MM-DD)."),
    "team.unknown_department": _("A equipe “%(row)s” é do órgão “%(department)s”, que não existe."),
    "team.territory_taken": _(
        "A equipe “%(row)s” e a equipe “%(team)s”, do mesmo órgão, atendem a mesma área: “%(area)s”."
    ),
}


def describe(error: DomainError) -> str:
    """One sentence about a table for the terminal; `row` is the code or slug of the row at fault."""
    text = WORDS.get(error.code)
    return str(error) if text is None else gettext(str(text)) % {"row": error.field, **error.data}
