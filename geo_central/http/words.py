"""Domain errors in the reader's language. One sentence a code; what happened and what to do."""

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from geo_central.kernel.errors import DomainError

WORDS: dict[str, str | Promise] = {
    "auth.needed": _("Entre com seu usuário para continuar."),
    "auth.not_allowed": _("Seu usuário não tem acesso a isto."),
    "not_found": _("Não encontramos o que você procura."),
    "method_not_allowed": _("Este endereço não aceita o método %(method)s."),
    "not_acceptable": _("Este endereço não responde no formato pedido."),
    "too_many": _("Muitas tentativas em pouco tempo. Tente de novo em %(retry_after)s segundos."),
    "body.not_json": _("O corpo da mensagem não é um JSON válido."),
    "body.not_object": _("O corpo da mensagem deve ser um objeto JSON."),
    "body.too_large": _("A mensagem é grande demais."),
    "body.media_type": _("Este endereço não aceita esse tipo de conteúdo."),
    "body.unknown_key": _("O campo “%(key)s” não existe."),
    "body.bad_value": _("O valor deste campo não serve: %(why)s"),
    "field.required": _("Este campo é obrigatório."),
    "field.too_long": _("O texto tem mais de %(limit)s caracteres."),
    "field.bad_text": _("O texto contém caracteres que não podem ser guardados."),
    "field.not_a_choice": _("“%(value)s” não é uma das opções."),
    "field.not_a_uuid": _("Não é um identificador válido (UUID)."),
    "field.unknown": _("Não há parâmetro com este nome aqui."),
    "field.twice": _("O parâmetro veio duas vezes."),
    "crs.unknown": _("Sistema de coordenadas desconhecido. Há: %(known)s"),
    "dataset.no_file": _("Não há este arquivo neste conjunto de dados."),
    "collection.unknown": _("Não há conjunto de dados com este nome."),
    "feature.unknown": _("Não há item com este identificador neste conjunto."),
    "field.not_a_date": _("Não é uma data válida (AAAA-MM-DD)."),
    "field.not_a_number": _("Não é um número válido."),
    "field.out_of_range": _("O número deve ficar entre %(low)s e %(high)s."),
    "cursor.bad": _("O marcador de página não é válido."),
    "hotspots.unknown": _("Esta edição dos focos não existe ou não está mais guardada."),
    "hotspots.busy": _("Há focos demais sendo calculados. Tente de novo em %(retry_after)s segundos."),
    "hotspots.none_yet": _("Os focos ainda não foram calculados."),
    "hotspots.too_many_cells": _("A grade teria mais de %(limit)s células: escolha células maiores."),
    "hotspots.too_dense": _("Há pedidos demais tão perto uns dos outros: escolha um raio menor."),
    "hotspots.no_exposure": _("“%(value)s” não está publicado com números que sirvam de base."),
    "hotspots.period_too_short": _("A história precisa de %(least)s passos ou mais, de um dia ou mais cada."),
    "planning.no_view": _("Esta visão não existe mais. Quem a guardou pode ter apagado."),
    "planning.too_many_views": _("Você já guardou %(limit)s visões: apague uma para guardar outra."),
    "bbox.four_numbers": _("Informe o retângulo como oeste,sul,leste,norte, em graus."),
    "bbox.empty_or_outside": _("O retângulo está vazio ou fora da Terra: oeste < leste e sul < norte."),
    "place.missing": _("Diga onde é: marque o local no mapa ou escreva o endereço."),
    "place.not_a_number": _("A coordenada não é um número."),
    "place.out_of_range": _("A coordenada está fora do intervalo possível."),
    "place.swapped": _("Latitude e longitude parecem trocadas: este ponto, invertido, fica em %(city)s."),
    "place.outside_city": _(
        "Este ponto fica fora de %(city)s. Para outro município, procure a prefeitura de lá; "
        "se o ponto está errado, ajuste o local no mapa."
    ),
    "address.not_found": _(
        "Não achamos este endereço em %(city)s. Confira o nome da rua e o número, sem complemento."
    ),
    "place.no_boundary": _("O limite do município ainda não foi publicado neste sistema."),
    "crew.unknown": _("Esta equipe de campo não existe nesta equipe."),
    "crew.not_yours": _("Só quem sai com esta equipe de campo, ou quem chefia a equipe, planeja o dia dela."),
    "crew.leaders_only": _("Só quem chefia a equipe distribui o trabalho dela."),
    "crew.not_a_member": _("Esta pessoa não trabalha nesta equipe."),
    "crew.name_taken": _("Já há uma equipe de campo com este nome."),
    "day.no_work": _("Não há trabalho aberto com lugar para esta equipe: nada a planejar."),
    "work.unknown": _("“%(value)s” não é um serviço nem um assunto desta cidade."),
    "work.bad_minutes": _("O tempo de trabalho deve ser de 1 a 1440 minutos, não %(value)s."),
    "service.unknown": _("Este serviço não existe."),
    "service.retired": _("Este serviço não é mais oferecido."),
    "answer.unknown": _("O serviço não tem a pergunta “%(question)s”."),
    "answer.required": _("Responda: %(text)s"),
    "answer.bad_value": _("A resposta não serve para: %(text)s"),
    "contact.bad_phone": _("O telefone não é válido. Informe DDD e número."),
    "contact.bad_email": _("O e-mail não é válido."),
    "notice.bad_link": _("Este link de avisos não vale mais. Abra o link do aviso mais recente."),
    "notice.unknown": _("Este aviso não existe mais."),
    "notice.not_dead": _("Este aviso já foi reenviado ou descartado por outra pessoa."),
    "notice.no_template": _("Não há texto para este aviso."),
    "push.bad_subscription": _("O navegador não informou como avisar este aparelho. Tente de novo."),
    "push.host_not_allowed": _("O serviço de avisos deste navegador não é aceito. Use o e-mail."),
    "photo.not_an_image": _("O arquivo enviado não é uma imagem que saibamos abrir."),
    "photo.too_large": _("A foto tem mais de %(limit_mb)s MB."),
    "photo.too_many_pixels": _("A imagem tem pontos demais (limite: %(limit_mp)s megapixels)."),
    "photo.empty": _("O arquivo da foto chegou vazio."),
    "photo.unknown": _("A foto %(id)s não foi enviada ou já pertence a outro chamado."),
    "photo.too_many": _("Envie no máximo %(limit)s fotos."),
    "photo.id_taken": _("Já existe outra foto com este identificador."),
    "rating.face": _("Escolha uma das cinco carinhas."),
    "rating.reason": _("“%(value)s” não é um dos motivos."),
    "rating.not_yet": _("Só dá para avaliar um chamado que a equipe deu por resolvido."),
    "rating.only_reporter": _("Só quem fez o pedido pode avaliar o resultado."),
    "field.not_a_month": _("Não é um mês válido (AAAA-MM)."),
    "channel.unknown": _("O canal “%(value)s” não existe."),
    "issue.unknown": _("Não há chamado com este protocolo."),
    "issue.closed": _("Este chamado já foi encerrado."),
    "issue.changed": _("O chamado mudou enquanto você olhava. Veja como ele está agora."),
    "act.unknown": _("Esta ação não existe."),
    "sync.too_many": _("Envie no máximo %(limit)s ações por vez."),
    "place.not_asked": _("Este serviço não tem lugar no mapa."),
    "act.not_allowed": _("Seu papel neste chamado não permite esta ação."),
    "act.not_now": _("Esta ação não cabe no estado atual do chamado."),
    "act.id_taken": _("Este identificador já foi usado em outra ação."),
    "act.takes_no_reason": _("Esta ação não leva motivo."),
    "act.in_the_past": _("O dia marcado já passou."),
    "act.original_unknown": _("Não há chamado com o protocolo que seria o original."),
    "act.original_itself": _("Um chamado não é repetição de si mesmo."),
    "act.original_closed": _("O chamado original não está mais em atendimento nem foi resolvido."),
    "act.only_reporter": _("Só quem fez o pedido pode fazer isto; você acompanha o chamado."),
    "reopen.too_late": _("Passaram mais de %(days)s dias do encerramento. Faça um novo pedido."),
    "reason.unknown": _("O motivo “%(value)s” não está na lista."),
    "reason.unknown_list": _("Não existe a lista de motivos “%(value)s”."),
    "team.unknown": _("A equipe “%(value)s” não existe ou está inativa."),
    "proof.photo": _("Para concluir, envie uma foto de depois do serviço ou diga por que não há."),
    "proof.position": _("Para concluir, informe sua posição no local ou diga por que não há."),
    "proof.too_far": _(
        "Você está a %(distance_m)s m do local; o serviço se conclui a até %(limit_m)s m. "
        "Aproxime-se ou diga por que conclui de longe."
    ),
    "extension.not_later": _("O novo prazo deve ser depois do atual."),
    "extension.too_long": _("A prorrogação não pode passar do mesmo tempo do prazo original."),
    "extension.used": _("Este chamado já teve sua prorrogação."),
    "process.unknown": _("Este processo não existe."),
    "step.unknown": _("O processo não tem a etapa “%(value)s”."),
    "step.unknown_outcome": _("A etapa “%(step)s” não termina com “%(value)s”."),
    "step.not_open": _("Esta etapa não está aberta agora."),
    "moderation.unknown": _("“%(value)s” não é parte deste chamado."),
    "moderation.decided": _("Outra pessoa já decidiu sobre isto."),
    "step.left": _("Ainda falta terminar: %(names)s. Termine as etapas; só quem lidera encerra antes."),
    "follow.id_taken": _("Este formulário já acompanha outro chamado. Comece um novo."),
    "protocol.malformed": _("O protocolo tem a forma 2026-0012345-6. Confira os números."),
    "protocol.check_digit": _("Algum número do protocolo está trocado: o dígito final não confere."),
    "stream.away": _("O acompanhamento ao vivo está se religando. Tente de novo em alguns segundos."),
    "rule.unknown": _("Não há regra “%(value)s” neste rascunho."),
    "rule.unknown_code": _("“%(value)s” não existe."),
    "rule.bad_slug": _(
        "O nome da regra tem letras minúsculas sem acento, números e hífens: buraco-em-viaduto."
    ),
    "rule.slug_taken": _("Já há uma regra chamada “%(value)s” neste rascunho."),
    "rule.about_one_thing": _("Escolha um serviço, um tema ou um órgão: exatamente um deles."),
    "rule.place_incomplete": _("Diga onde a regra vale: a camada, as áreas e, perto de algo, a distância."),
    "rule.one_team": _("Escolha uma equipe ou a camada que dá a equipe da área: exatamente uma das duas."),
    "rule.backwards": _("A regra termina antes de começar."),
    "rule.bad_table": _("Falta esta coluna na tabela de regras."),
    "simulation.unknown": _("Esta simulação não existe mais. Faça outra."),
    "layer.unknown_version": _("Esta versão do mapa não existe."),
    "layer.not_areas": _("Só limites de áreas podem ser experimentados: “%(layer)s” não é de áreas."),
    "draft.unknown": _("Este rascunho de regras não existe."),
    "draft.closed": _("Este rascunho já foi publicado ou descartado."),
    "draft.edited": _("Outra pessoa mudou este rascunho agora há pouco. Veja como ficou e tente de novo."),
    "draft.outdated": _(
        "As regras em vigor mudaram depois que este rascunho começou. Comece outro a partir delas."
    ),
    "routing.no_team": _("O serviço “%(service)s” não tem equipe de triagem. Avise a administração."),
    "vault.no_key": _("A chave dos dados pessoais não está configurada. Avise a administração."),
    "theme.unknown": _("Este tema não existe."),
    "area.unknown": _("Esta área não existe no mapa publicado."),
    "period.backwards": _("A data final vem antes da inicial."),
    "tile.outside": _("Este quadro do mapa não existe."),
    "manager.only": _(
        "Só a gestão entra aqui: usuários com perfil de gestor ou de administrador. "
        "Se você precisa deste acesso, peça à administração do sistema."
    ),
    "suggestion.unknown": _("Esta sugestão não existe mais."),
    "suggestion.decided": _("Alguém já decidiu sobre este par."),
    "jurisdiction.unknown": _("“%(value)s” não é a jurisdição deste serviço."),
    "key.missing": _("Informe a sua chave (api_key)."),
    "key.unknown": _("Esta chave não existe ou foi revogada."),
    "key.not_for_this": _("Esta chave não serve para isto: falta-lhe a permissão “%(scope)s”."),
    "key.teams_missing": _("De que equipes são os pedidos que esta chave pode atualizar?"),
    "key.not_your_request": _("Este pedido não está com as equipes desta chave."),
    "period.too_long": _("O período pode ter no máximo %(limit)s dias."),
    "layer.unknown": _("A camada “%(layer)s” não existe."),
}

FAILURE = _("O sistema falhou. A falha foi registrada; tente de novo em um minuto.")


def say(error: DomainError) -> str:
    """The sentence for a person, in the active language. An unworded code speaks for itself."""
    text = WORDS.get(error.code)
    if text is None:
        return error.code
    facts = {"city": settings.CITY.name, **error.data}
    return gettext(str(text)) % facts if "%(" in str(text) else str(text)
