"""Codes in the reader's language: reasons of a decision, states, events, targets and dates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

Words = dict[str, "str | Promise"]

REASONS: Words = {
    "service_rule": _("Órgão responsável por “%(service)s”: %(department)s."),
    "theme_rule": _("Órgão responsável por “%(theme)s”: %(department)s."),
    "department_rule": _("O serviço pedido é do órgão %(department)s."),
    "in_region": _("O local fica na região %(area)s."),
    "in_neighbourhood": _("O local fica no bairro %(area)s."),
    "in_area": _("O local fica na área %(area)s."),
    "near_asset": _("A %(distance_m)s m do local: %(asset)s."),
    "anywhere": _("A mesma equipe atende a cidade toda."),
    "team_of_area": _("Equipe que atende %(area)s: %(team)s."),
    "fixed_team": _("Equipe deste serviço: %(team)s."),
    "triage": _("A triagem do órgão %(department)s vai escolher a equipe."),
    "assigned_by_person": _("Uma pessoa do órgão escolheu a equipe."),
}

STATES: Words = {
    "received": _("Recebido"),
    "triaged": _("Em triagem"),
    "assigned": _("Com a equipe"),
    "scheduled": _("Agendado"),
    "in_progress": _("Em execução"),
    "waiting": _("Esperando sua resposta"),
    "resolved": _("Resolvido"),
    "confirmed": _("Resolvido e confirmado"),
    "reopened": _("Reaberto"),
    "rejected": _("Não atendido"),
    "duplicate": _("Já havia outro chamado igual"),
    "cancelled": _("Cancelado"),
}

NEXT: Words = {
    "received": _("A equipe responsável vai avaliar o pedido."),
    "triaged": _("O órgão vai escolher a equipe que fará o serviço."),
    "assigned": _("A equipe vai incluir o local na sua rota."),
    "scheduled": _("O serviço tem dia marcado."),
    "in_progress": _("A equipe já está trabalhando."),
    "waiting": _("Precisamos de uma resposta sua para continuar. O prazo está parado."),
    "resolved": _("A equipe informou que terminou."),
    "confirmed": _("O pedido está encerrado."),
    "reopened": _("O pedido voltou para a equipe."),
    "rejected": _("O pedido foi encerrado sem atendimento; o motivo está no andamento."),
    "duplicate": _("O andamento segue no outro chamado."),
    "cancelled": _("O pedido está encerrado."),
}

EVENTS: Words = {
    "opened": _("Chamado registrado"),
    "assigned": _("Encaminhado à equipe"),
    "reassigned": _("Encaminhado a outra equipe"),
    "followed": _("Mais uma pessoa acompanha este chamado"),
    "triaged": _("Triagem feita"),
    "scheduled": _("Serviço agendado"),
    "on_the_way": _("Equipe a caminho"),
    "started": _("Equipe no local"),
    "in_progress": _("Serviço começou"),
    "waiting": _("Esperando resposta de quem pediu"),
    "answered": _("Resposta recebida"),
    "moderated": _("Texto e fotos revisados"),
    "resolved": _("Serviço concluído"),
    "confirmed": _("Solução confirmada por quem pediu"),
    "reopened": _("Chamado reaberto"),
    "rejected": _("Encerrado sem atendimento"),
    "duplicate": _("Unido a outro chamado"),
    "joined": _("Outro pedido igual foi unido a este"),
    "cancelled": _("Chamado cancelado"),
    "closed": _("Chamado encerrado"),
    "rerouted": _("Passou a outra equipe"),
    "step_done": _("Etapa concluída"),
    "not_done": _("Não foi possível fazer"),
    "extended": _("Prazo prorrogado"),
    "resumed": _("Voltou a andar"),
    "due_soon": _("O prazo está perto"),
    "overdue": _("O prazo passou"),
    "rated": _("Resultado avaliado"),
    "noted": _("Nova informação"),
    "internal_note": _("Anotação da equipe"),
    "parts_used": _("Material usado"),
    "moved": _("Local corrigido pela equipe"),
    "crew_assigned": _("Dado a uma equipe de campo"),
    "crew_released": _("Tirado da equipe de campo"),
    "photo_added": _("Foto acrescentada"),
    "forwarded": _("Registrado no sistema do órgão"),
}

ACTIONS: Words = {
    "triage": _("Pôr em triagem"),
    "assign": _("Passar a outra equipe"),
    "schedule": _("Marcar o dia"),
    "go": _("A caminho"),
    "start": _("Começar o serviço"),
    "ask": _("Perguntar a quem pediu"),
    "answer": _("Registrar a resposta"),
    "resume": _("Retomar"),
    "extend": _("Prorrogar o prazo"),
    "complete": _("Concluir a etapa"),
    "resolve": _("Concluir o serviço"),
    "cannot_do": _("Não foi possível fazer"),
    "confirm": _("Confirmar a solução"),
    "reopen": _("Reabrir"),
    "restore": _("Desfazer o encerramento"),
    "reject": _("Encerrar sem atender"),
    "duplicate": _("É repetição de outro"),
    "cancel": _("Cancelar o pedido"),
    "comment": _("Escrever a quem acompanha"),
    "note": _("Anotar para a equipe"),
    "parts": _("Material usado"),
    "move": _("Corrigir o local"),
    "forward": _("Registrar no sistema do órgão"),
}

FACES: dict[int, "str | Promise"] = {
    1: _("Muito ruim"),
    2: _("Ruim"),
    3: _("Regular"),
    4: _("Bom"),
    5: _("Muito bom"),
}

DONE: Words = {
    "avaliado": _("Obrigado. Sua avaliação foi registrada."),
    "feito": _("Feito. O andamento já mostra o que mudou."),
}

CHANNELS: Words = {
    "web": _("Site"),
    "app": _("Aplicativo"),
    "phone": _("Telefone"),
    "whatsapp": _("WhatsApp"),
    "telegram": _("Telegram"),
    "email": _("E-mail"),
    "sms": _("SMS"),
    "counter": _("Atendimento presencial"),
    "social": _("Redes sociais"),
    "bot": _("Atendimento automático"),
    "open311": _("Outro sistema (Open311)"),
}

GROUPS: Words = {
    "outcome": _("Registro, solução e encerramento"),
    "question": _("Perguntas da equipe para mim"),
    "progress": _("Andamento: equipe, agenda e etapas"),
    "deadline": _("Prazo: mudança ou atraso"),
    "comment": _("Novas informações"),
}

PRECISIONS: Words = {
    "exact": _("O local exato aparece no mapa público."),
    "grid_100m": _("No mapa público o local aparece aproximado, em um quadrado de 100 m."),
    "area": _("No mapa público aparece apenas o bairro."),
}


# What the pages' modules say; %(name)s is filled in by them.
SCRIPT: Words = {
    "locating": _("Procurando onde você está…"),
    "locate_denied": _("O aparelho não deixou ver sua localização. Escreva o endereço ou marque no mapa."),
    "locate_failed": _("Não deu para achar sua localização. Escreva o endereço ou marque no mapa."),
    "place_loading": _("Procurando o endereço…"),
    "place_doubt": _(
        "A localização do aparelho pode estar %(metres)s m distante. Confira se o local está certo."
    ),
    "place_unconfirmed": _("Confirme se o local está certo, ou ajuste."),
    "place_missing": _("Diga onde é: use sua localização, escreva o endereço ou marque no mapa."),
    "service_missing": _("Escolha o assunto."),
    "pin": _("Alfinete do local. Setas movem; Enter confirma."),
    "pin_moved": _("Alfinete movido. Enter confirma o local."),
    "addresses": _("Endereços"),
    "services": _("Serviços"),
    "found": _("%(n)s opções. Setas para escolher."),
    "found_none": _("Nada encontrado."),
    "photo_shrinking": _("Preparando a foto…"),
    "photo_sending": _("Enviando a foto: %(percent)s%%"),
    "photo_sent": _("Foto enviada."),
    "photo_failed": _("A foto não foi enviada. Tente de novo ou siga sem ela."),
    "photo_bad": _("Este arquivo não é uma foto que saibamos abrir."),
    "photo_many": _("No máximo %(n)s fotos."),
    "photo_remove": _("Tirar a foto %(n)s"),
    "photo_retry": _("Tentar de novo"),
    "photo_alt": _("Foto %(n)s"),
    "waiting_photos": _("Terminando de enviar a foto…"),
    "sending": _("Enviando…"),
    "send": _("Enviar"),
    "offline": _(
        "Sem conexão. O que você escreveu está guardado neste aparelho; enviamos assim que a rede voltar."
    ),
    "failed": _("Não deu certo agora. Nada se perdeu: tente de novo em um minuto."),
    "by_words": _("Pelas suas palavras, deve ser um destes."),
    "copied": _("Copiado"),
    "loading": _("Carregando…"),
    "around_count": _("%(n)s pedidos abertos nesta área do mapa."),
    "around_many": _("Os %(n)s mais recentes desta área. Aproxime o mapa para ver todos."),
    "around_none": _("Nenhum pedido aberto nesta área."),
    "late": _("atrasado"),
    "opened": _("aberto em %(day)s"),
    "near_count": _("%(n)s chamados na lista."),
    "near_none": _("Nada aberto para as suas equipes neste raio."),
    "updated": _("Atualizado às %(time)s."),
    "due_late": _("vencido"),
    "due_today": _("vence hoje"),
    "due_in": _("faltam %(n)s dias"),
    "due_tomorrow": _("vence amanhã"),
    "close_map": _("Fechar o mapa"),
    "open_map": _("Ajustar no mapa"),
    "map": _("Mapa"),
    "signed_out": _("Sua sessão terminou. Entre de novo."),
}


class HasReason(Protocol):
    """What `issues.routing.matching.Reason` offers."""

    @property
    def code(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


def say_reason(reason: HasReason) -> str:
    """One reason of a routing decision as a sentence. An unworded code speaks for itself."""
    code = reason.code
    if code == "in_area":
        code = {
            settings.CITY.district_layer: "in_region",
            settings.CITY.neighbourhood_layer: "in_neighbourhood",
        }.get(str(reason.data.get("layer", "")), code)
    text = REASONS.get(code)
    if text is None:
        return reason.code
    try:
        return gettext(str(text)) % reason.data
    except KeyError:
        return reason.code


def say_state(code: str) -> str:
    """The state of an issue for a person."""
    return str(STATES.get(code, code))


def say_next(code: str) -> str:
    """What happens after the state, in one sentence; empty for a state without words."""
    return str(NEXT.get(code, ""))


def say_event(code: str) -> str:
    """The title of an event in a timeline."""
    return str(EVENTS.get(code, code))


def say_action(code: str) -> str:
    """What a button does to a request."""
    return str(ACTIONS.get(code, code))


def say_channel(code: str) -> str:
    """The channel that a request came by."""
    return str(CHANNELS.get(code, code))


def say_group(code: str) -> str:
    """A group of notices that a reader may switch off."""
    return str(GROUPS.get(code, code))


def say_precision(code: str) -> str:
    """What the public sees of the place of a service's issues."""
    return str(PRECISIONS.get(code, ""))


def say_target(target: int, unit: str) -> str:
    """A service-level target: 5, "working_days" -> "até 5 dias úteis"."""
    if unit == "hours":
        text = ngettext("até %(n)d hora", "até %(n)d horas", target)
    elif unit == "working_days":
        text = ngettext("até %(n)d dia útil", "até %(n)d dias úteis", target)
    else:
        text = ngettext("até %(n)d dia corrido", "até %(n)d dias corridos", target)
    return text % {"n": target}


def say_due(due_at: datetime, now: datetime, *, is_open: bool = True) -> str:
    """How the due date stands today, by calendar days of the city: "faltam 3 dias", "venceu ontem"."""
    days = (localtime(due_at).date() - localtime(now).date()).days
    if not is_open:
        return ""
    if due_at < now:
        if days == 0:
            return gettext("venceu hoje")
        if days == -1:
            return gettext("venceu ontem")
        return ngettext("vencido há %(n)d dia", "vencido há %(n)d dias", -days) % {"n": -days}
    if days == 0:
        return gettext("vence hoje")
    if days == 1:
        return gettext("vence amanhã")
    return ngettext("falta %(n)d dia", "faltam %(n)d dias", days) % {"n": days}


def say_day(moment: datetime) -> str:
    """A date in words, on the city's calendar: "segunda-feira, 23 de novembro de 2026"."""
    return _cased(date_format(localtime(moment), gettext("l, j \\d\\e F \\d\\e Y")))


def say_moment(moment: datetime) -> str:
    """A moment in words, on the city's clock: "23 de novembro de 2026, 14:05"."""
    return _cased(date_format(localtime(moment), gettext("j \\d\\e F \\d\\e Y, H:i")))


def _cased(text: str) -> str:
    """Portuguese and Spanish write days and months in lower case; Django's names are capitalised."""
    return text if (get_language() or "").startswith("en") else text.lower()


def say_distance(metres: float) -> str:
    """A distance as people say it: 40 m, 350 m, 1,2 km."""
    if metres < 1000:
        return f"{round(metres / 10) * 10 if metres >= 100 else round(metres)} m"
    return f"{metres / 1000:.1f}".removesuffix(".0").replace(".", gettext(",")) + " km"
