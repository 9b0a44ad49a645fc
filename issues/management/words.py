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
    "team.bad_hours": _(
        "O expediente do órgão “%(row)s” não serve: o dia termina depois de começar, e há de um a sete "
        "dias na semana, de 1 (segunda) a 7 (domingo)."
    ),
    "team.territory_taken": _(
        "A equipe “%(row)s” e a equipe “%(team)s”, do mesmo órgão, atendem a mesma área: “%(area)s”."
    ),
    "process.not_toml": _("%(row)s: não é TOML. Corrija a linha indicada: %(why)s"),
    "process.other_code": _("%(row)s: code é “%(value)s”. Escreva em code o nome do arquivo, sem .toml."),
    "process.bad_row": _("%(row)s: %(why)s. Veja docs/writing-a-process.md."),
    "process.bad_name": _(
        "%(row)s, etapa “%(step)s”: código ou nome “%(value)s” não serve. O código tem letras minúsculas "
        "sem acento, números e hífens; o nome, de 1 a 120 letras."
    ),
    "process.no_steps": _("%(row)s: não há etapa. Escreva ao menos uma, [[steps]]."),
    "process.step_twice": _("%(row)s: há duas etapas “%(step)s”. Dê a uma delas outro código."),
    "process.unknown_start": _(
        "%(row)s: starts ou reopens cita “%(value)s”, que não é uma etapa. Corrija o código."
    ),
    "process.not_a_choice": _("%(row)s, etapa “%(step)s”: “%(value)s” não existe. Use um de: %(why)s."),
    "process.bad_team": _(
        "%(row)s, etapa “%(step)s”: team “%(value)s” não serve. Escreva routed, triage, "
        "department:CÓDIGO, area:CAMADA ou team:NOME."
    ),
    "process.unknown_team": _(
        "%(row)s, etapa “%(step)s”: “%(value)s” não existe nesta cidade. Corrija-o ou acrescente-o a "
        "departments.csv ou teams.csv."
    ),
    "process.bad_share": _(
        "%(row)s, etapa “%(step)s”: share %(value)s não serve. Escreva a parte do prazo, como 0.25."
    ),
    "process.no_outcome": _("%(row)s, etapa “%(step)s”: não termina. Escreva ao menos um desfecho."),
    "process.bad_next": _(
        "%(row)s, etapa “%(step)s”: o desfecho “%(value)s” não leva a nada, leva duas vezes ao mesmo, ou "
        "a um fim e a uma etapa. Escreva em next etapas diferentes, ou um fim só."
    ),
    "process.unknown_next": _(
        "%(row)s, etapa “%(step)s”: o desfecho “%(why)s” leva a “%(value)s”, que não existe. Corrija next "
        "ou acrescente a etapa."
    ),
    "process.unreachable": _(
        "%(row)s, etapa “%(step)s”: nenhum desfecho leva a ela. Cite-a em next, ou apague-a."
    ),
    "process.no_way_out": _(
        "%(row)s, etapa “%(step)s”: dela não se chega a um fim. Dê a uma etapa adiante um desfecho "
        "end:resolved ou end:rejected."
    ),
    "process.shares": _(
        "%(row)s: o caminho mais longo (%(why)s) leva %(value)s do prazo. A soma dos share desse caminho "
        "deve ser 1."
    ),
    "process.branches_meet": _(
        "%(row)s, etapa “%(step)s”: “%(value)s” e “%(why)s” correm juntas e ambas levam a ela, que seria "
        'feita duas vezes. Escreva joins = "all" nela, ou separe os caminhos.'
    ),
    "process.too_large": _("%(row)s: o processo tem caminhos demais para ser conferido. Divida-o."),
    "process.bad_table": _("%(row)s: linha ou colunas erradas. Esperado: %(why)s."),
    "process.unknown_reference": _("%(row)s: “%(value)s” não existe, ou não é de serviço algum."),
    "process.undecided": _(
        "O serviço “%(row)s” tem dois processos em services.csv (linhas %(value)s). Diga mais numa delas."
    ),
    "process.none_given": _(
        "O serviço “%(row)s” não tem processo. Acrescente a services.csv uma linha para ele."
    ),
}


def describe(error: DomainError) -> str:
    """One sentence about a table for the terminal; `row` is the code or slug of the row at fault."""
    text = WORDS.get(error.code)
    return str(error) if text is None else gettext(str(text)) % {"row": error.field, **error.data}
