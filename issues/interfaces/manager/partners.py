"""/gestao/parceiros/: systems of departments; what goes there, what is stuck, and what a person decides."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from geo_central.kernel import clock
from geo_central.kernel.errors import Conflict, DomainError, Invalid, NotFound
from issues.catalogue.queries import services
from issues.interfaces import params
from issues.interfaces.refusal import page_status
from issues.interfaces.wording import say_event
from issues.partners import operations, queries
from issues.partners.links import hook_link

from .access import actor, for_managers

PAGE = 50
KINDS = {"open311": "Open311 GeoReport v2", "webhook": gettext_lazy("Webhook assinado")}
REPEATS = {
    "key": gettext_lazy("Enviar de novo: ele reconhece a repetição (Idempotency-Key)"),
    "search": gettext_lazy("Procurar antes o nosso protocolo na lista dele, que mostra tudo na hora"),
    "never": gettext_lazy("Esperar que uma pessoa confira"),
}
TELLS = {
    "updates": gettext_lazy("As atualizações (servicerequestupdates)"),
    "requests": gettext_lazy("A situação de cada chamado (requests)"),
    "nothing": gettext_lazy("Nada: ele nos chama pelo webhook"),
}
STATES = {
    "waiting": gettext_lazy("Na fila"),
    "sent": gettext_lazy("Entregue"),
    "unsure": gettext_lazy("Pode ter chegado"),
    "dead": gettext_lazy("Não chegou"),
    "dropped": gettext_lazy("Abandonado"),
}
FAILURES = {
    "delivery.unsure": gettext_lazy(
        "A resposta se perdeu: o chamado pode ter sido registrado lá. Confira antes de enviar de novo."
    )
}
_TYPED = ("nome", "tipo", "endereco", "jurisdicao", "formato")


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Every partner; POST makes one, asks it what it can do, and shows its secret this once."""
    if request.method != "POST":
        return _index(request)
    given = request.POST
    try:
        made, secret = operations.make(
            name=params.text(given, "nome", limit=120),
            kind=params.text(given, "tipo"),
            url=params.text(given, "endereco", limit=500),
            api_key=params.text(given, "chave", limit=500),
            secret=params.text(given, "segredo", limit=200),
            jurisdiction=params.text(given, "jurisdicao", limit=120),
            form=params.text(given, "formato") or "json",
            by=actor(request).user_id,
            now=clock.now(),
        )
    except DomainError as error:
        return _index(request, error=error)
    if made.kind == "open311":
        _probe(request, made.slug)
    return _one(request, made.slug, secret=secret)


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """One partner: its queue, its services, how it is spoken to; POST changes the last."""
    if request.method != "POST":
        return _one(request, slug)
    given = request.POST
    try:
        operations.change(
            slug,
            changes={
                "name": params.text(given, "nome", limit=120),
                "url": params.text(given, "endereco", limit=500),
                "jurisdiction": params.text(given, "jurisdicao", limit=120),
                "form": params.text(given, "formato") or "json",
                "repeats": params.text(given, "repete") or "never",
                "tells": params.text(given, "conta") or "nothing",
                "takes_updates": given.get("recebe") == "1",
                "is_active": given.get("ligado") == "1",
            },
            api_key=params.text(given, "chave", limit=500),
        )
    except NotFound:
        raise
    except DomainError as error:
        return _one(request, slug, error=error)
    messages.success(request, _("Guardado."))
    return redirect("manager:partner", slug)


@for_managers
@require_POST
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    """Which services go there: those that stay marked, and the one that is added."""
    given = request.POST
    try:
        chosen = {
            code: params.text(given, f"la-{code}", limit=120) for code in given.getlist("servico")[:1000]
        }
        if added := params.text(given, "novo", limit=80):
            code = added.partition(" ")[0]
            chosen[code] = params.text(given, "novo-la", limit=120).partition(" ")[0] or code
        operations.choose(slug, chosen, now=clock.now())
    except NotFound:
        raise
    except DomainError as error:
        return _one(request, slug, error=error)
    return redirect("manager:partner", slug)


@for_managers
@require_POST
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Try the connection and learn what the partner offers; or send it what was open before."""
    if params.choice(request.POST, "que", ("testar", "abertos"), default="testar") == "abertos":
        sent = operations.forward_open(slug, now=clock.now())
        text = ngettext(
            "%(n)d chamado aberto foi posto na fila.", "%(n)d chamados abertos foram postos na fila.", sent
        )
        messages.success(request, text % {"n": sent})
    else:
        _probe(request, slug)
    return redirect("manager:partner", slug)


@for_managers
@require_POST
def decide(request: HttpRequest, slug: str) -> HttpResponse:
    """What becomes of one stuck message: again, given up, or found there under a number."""
    given = request.POST
    parcel = params.whole(given, "mensagem", default=0, low=1, high=2**62)
    verdicts: dict[str, tuple[Callable[..., None], Any]] = {
        "reenviar": (operations.resend, _("A mensagem volta à fila.")),
        "desistir": (operations.drop, _("A mensagem foi abandonada.")),
        "chegou": (operations.arrived, _("Anotado: o chamado está lá.")),
    }
    verdict = params.choice(given, "decisao", tuple(verdicts), default="reenviar")
    do, said = verdicts[verdict]
    more = {"remote_id": params.text(given, "numero", limit=120)} if verdict == "chegou" else {}
    try:
        do(parcel, now=clock.now(), **more)
    except (Conflict, Invalid) as error:
        return _one(request, slug, error=error)
    messages.success(request, said)
    return redirect("manager:partner", slug)


@for_managers
@require_safe
def sent(request: HttpRequest, slug: str) -> HttpResponse:
    """What went there, the latest first, page by page."""
    partner, row = queries.partner(slug)
    before = params.cursor(request.GET)
    found = queries.queue(partner.pk, queries.SENT, limit=PAGE + 1, before=before[1] if before else None)
    context = {
        "partner": partner,
        "row": row,
        "parcels": [_parcel(p) for p in found[:PAGE]],
        "next": params.make_cursor(("id", found[PAGE - 1].id)) if len(found) > PAGE else "",
    }
    return render(request, "manager/partner_sent.html", context)


def _probe(request: HttpRequest, slug: str) -> None:
    if failure := operations.probe(slug, now=clock.now()):
        messages.warning(request, _("Ele não respondeu como esperado: %(why)s") % {"why": failure})
    else:
        messages.success(request, _("Ele respondeu. O que ele sabe fazer foi anotado."))


def _index(request: HttpRequest, *, error: DomainError | None = None) -> HttpResponse:
    context = {
        "partners": [{"row": r, "kind": KINDS[r.kind]} for r in queries.partners()],
        "kinds": KINDS.items(),
        "error": error,
        "typed": {f: request.POST.get(f, "") if error else "" for f in _TYPED},
    }
    return render(request, "manager/partners.html", context, status=page_status(error))


def _one(
    request: HttpRequest, slug: str, *, error: DomainError | None = None, secret: str = ""
) -> HttpResponse:
    partner, row = queries.partner(slug)
    context: dict[str, Any] = {
        "partner": partner,
        "row": row,
        "kind": KINDS[partner.kind],
        "secret": secret,
        "hook": hook_link(slug),
        "error": error,
        "chosen": queries.chosen(partner.pk),
        "ours": [(s.code, s.name) for s in services()],
        "stuck": [_parcel(p) for p in queries.queue(partner.pk, queries.STUCK, limit=PAGE)],
        "waiting": [_parcel(p) for p in queries.queue(partner.pk, queries.WAITING, limit=PAGE)],
        "repeats": REPEATS.items(),
        "tells": TELLS.items(),
    }
    return render(request, "manager/partner.html", context, status=page_status(error))


def _parcel(row: queries.ParcelRow) -> dict[str, Any]:
    return {
        "row": row,
        "event": say_event(row.code),
        "state": STATES[row.state],
        "failure": FAILURES.get(row.failure, row.failure),
    }
