"""What the modules of a crew's phone say; %(name)s is filled in by them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from issues.interfaces.wording import SCRIPT as COMMON

_SHARED = (
    "addresses", "due_late", "due_today", "due_in", "due_tomorrow", "failed", "found", "found_none",
    "loading", "locating", "map", "near_none", "photo_alt", "photo_remove", "photo_many", "pin",
    "pin_moved", "signed_out",
)  # fmt: skip

SCRIPT: dict[str, "str | Promise"] = {
    **{code: COMMON[code] for code in _SHARED},
    "locate_failed": _("O aparelho não achou onde você está. Escreva um endereço."),
    "online": _("Tudo enviado"),
    "is_offline": _("Sem conexão"),
    "one_unsent": _("1 ação por enviar"),
    "unsent": _("%(n)s ações por enviar"),
    "sending": _("Enviando…"),
    "needs_you": _("uma precisa de você"),
    "need_you": _("%(n)s precisam de você"),
    "retry_at": _("Nova tentativa às %(time)s"),
    "of_another": _("%(n)s de outra pessoa: entre com o usuário dela para enviar"),
    "near_count": _("%(n)s chamados"),
    "near_some": _("Os %(n)s mais próximos; diminua o raio para ver só os de perto."),
    "updated": _("Atualizado às %(time)s"),
    "kept_from": _("Guardado às %(time)s"),
    "none_left": _("Nada com estes filtros."),
    "say_where": _("Diga onde você está para ver os chamados por perto."),
    "team": _("Equipe"),
    "where": _("%(radius)s em volta · %(team)s"),
    "all_teams": _("Todas as minhas equipes"),
    "all_services": _("Todos os serviços"),
    "age_today": _("aberto hoje"),
    "age_one": _("aberto há 1 dia"),
    "age": _("aberto há %(n)s dias"),
    "one_person": _("1 pessoa"),
    "people": _("%(n)s pessoas"),
    "urgent": _("Urgente"),
    "not_sent": _("por enviar"),
    "here_too": _("Já que você está aqui"),
    "kept": _("Guardado no aparelho. Será enviado assim que houver rede."),
    "sent_now": _("Enviado."),
    "no_space": _(
        "O aparelho está sem espaço: a ação ainda não foi guardada. "
        "Libere espaço e toque de novo; nada do que você preencheu se perdeu."
    ),
    "no_store": _("Este navegador não deixa guardar no aparelho. Só funciona com conexão."),
    "position_wait": _("Procurando sua posição…"),
    "position_done": _("Posição informada (±%(metres)s m)."),
    "position_far": _("Você está a %(metres)s m do local. Aproxime-se ou diga por que conclui de longe."),
    "position_none": _("O aparelho não achou a posição. Diga por quê ou tente de novo."),
    "photo_needed": _("Tire uma foto ou diga por que não há."),
    "reason_needed": _("Escolha um motivo."),
    "note_needed": _("Escreva alguma coisa."),
    "step_needed": _("Diga como terminou a etapa."),
    "parts_needed": _("Diga o que foi usado."),
    "original_needed": _("Escolha o outro chamado ou escreva o protocolo."),
    "place_needed": _("Diga onde é o lugar certo."),
    "status_waiting": _("Espera a rede"),
    "status_held": _("Espera a ação anterior deste chamado"),
    "status_conflict": _("O chamado mudou: agora está “%(state)s”"),
    "status_conflict_by": _("O chamado mudou: agora está “%(state)s” (%(by)s, %(time)s)"),
    "status_refused": _("Não foi aceita: %(why)s"),
    "status_other": _("De outra pessoa"),
    "photo_before": _("Foto do problema %(n)s"),
    "photo_after": _("Foto depois do serviço %(n)s"),
    "photos_one": _("1 foto"),
    "photos_many": _("%(n)s fotos"),
    "drop_sure": _("Descartar esta ação? Ela não foi enviada e não volta."),
    "logout_sure": _(
        "Há %(n)s ações por enviar. Elas ficam guardadas neste aparelho até você entrar de novo. Sair?"
    ),
    "as_note": _("Ao chegar, o chamado já estava “%(state)s”. A equipe fez: %(action)s. %(note)s"),
    "moved_to": _("Novo lugar marcado."),
    "saved_tiles": _("Mapa da área guardado."),
    "installed": _("Instalar"),
    "metres": _("%(n)s m"),
    "kilometres": _("%(n)s km"),
}
