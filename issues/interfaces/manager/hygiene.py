"""/gestao/higiene/: what the nightly look at the data found, and the decisions about it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from procrastinate.exceptions import AlreadyEnqueued

from geo_central.kernel import clock
from geo_central.kernel.errors import Conflict, NotFound
from issues.intake.hygiene import operations, queries
from issues.interfaces import params, tasks

from .access import actor, for_managers, is_piece
from .drawing import pair_map
from .wording import HYGIENE, say_contact, say_why

DUPLICATES = "duplicados"
SLUGS = {
    DUPLICATES: "duplicates",
    "atrasados": "overdue",
    "sem-local": "unplaced",
    "fora-das-regioes": "outside",
    "no-futuro": "future",
    "sem-texto": "silent",
    "contatos-invalidos": "contacts_invalid",
    "contatos-corrigidos": "contacts_mended",
}
_SLUG_OF = {kind: slug for slug, kind in SLUGS.items()}


@for_managers
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """How many there are of each kind, and how that has changed."""
    return render(request, "manager/hygiene.html", _overview())


@for_managers
@require_safe
def listing(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind, page by page. Raises NotFound `not_found`, Malformed `cursor.bad`."""
    if kind not in SLUGS:
        raise NotFound("not_found")
    return _listing(request, kind)


@for_managers
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Look at the data now: a job for the workers, once however often it is asked for."""
    try:
        tasks.look_at_data.configure().defer(timestamp=int(clock.now().timestamp()))
        messages.success(request, _("A procura começou. O resultado aparece aqui em alguns minutos."))
    except AlreadyEnqueued:
        messages.info(request, _("Já há uma procura na fila."))
    return redirect("manager:hygiene")


@for_managers
@require_POST
def decide(request: HttpRequest, suggestion: int) -> HttpResponse:
    """Join a pair or say that it is two. A pair that is no longer to be decided is told, not a failure."""
    verdict = params.choice(request.POST, "decisao", ("unir", "separar"), default="separar")
    problem: Conflict | None = None
    try:
        if verdict == "unir":
            operations.accept(suggestion_id=suggestion, by=actor(request), now=clock.now())
            said = _("Unidos: o mais novo agora segue o mais antigo, e quem acompanhava foi junto.")
        else:
            operations.dismiss(suggestion_id=suggestion, by=actor(request), now=clock.now())
            said = _("Mantidos separados. Este par não será sugerido de novo.")
    except Conflict as error:
        problem, said = error, ""
    if is_piece(request):
        context = {"said": said, "error": problem}
        return render(request, "manager/_decided.html", context, status=409 if problem else 200)
    if problem:
        return _listing(request, DUPLICATES, problem)
    messages.success(request, said)
    return redirect("manager:hygiene-list", kind=DUPLICATES)


def _overview() -> dict[str, Any]:
    seen = queries.overview()
    tiles = [
        {
            "kind": c.kind,
            "slug": _SLUG_OF[c.kind],
            "name": HYGIENE[c.kind][0],
            "hint": HYGIENE[c.kind][1],
            "n": c.n,
            "change": c.change,
            "fall": -c.change,
            "trend": _points(c.trend),
        }
        for c in seen.counts
    ]
    return {"tiles": tiles, "looked_at": seen.looked_at, "error": None}


def _points(trend: tuple[int, ...]) -> str:
    """The counts as points of a line 200 wide and 26 high; empty with fewer than two."""
    if len(trend) < 2:
        return ""
    top = max(trend) or 1
    step = 200 / (len(trend) - 1)
    return " ".join(
        f"{round(n * step, 1)},{round(26 - 24 * value / top, 1)}" for n, value in enumerate(trend)
    )


def _listing(request: HttpRequest, slug: str, error: Conflict | None = None) -> HttpResponse:
    kind = SLUGS[slug]
    name, hint = HYGIENE[kind]
    context: dict[str, Any] = {"kind": kind, "slug": slug, "name": name, "hint": hint, "error": error}
    following: tuple[Any, int] | None
    if kind == "duplicates":
        key = params.cursor_number(request.GET)
        pairs, following = queries.suggestions(after=key)
        context["pairs"] = [_pair(p) for p in pairs]
        template = "manager/hygiene_pairs.html"
    elif kind in queries.CONTACTS:
        after = params.cursor(request.GET)
        contacts, last = queries.bad_contacts(kind=kind, after=after[1] if after else 0)
        following = ("id", last) if last else None
        context["contacts"] = [(c, say_contact(c.reason)) for c in contacts]
        template = "manager/hygiene_contacts.html"
    else:
        after = params.cursor(request.GET)
        context["found"], last = queries.findings(kind=kind, after=after[1] if after else 0)
        following = ("id", last) if last else None
        template = "manager/hygiene_list.html"
    context["next"] = params.make_cursor(following) or ""
    return render(request, template, context, status=409 if error else 200)


def _pair(pair: queries.Pair) -> dict[str, Any]:
    return {
        "pair": pair,
        "percent": round(100 * pair.score),
        "drawing": pair_map(pair),
        "reasons": [say_why(r) for r in pair.reasons],
        "sides": ((_("Mais antigo, continua"), pair.earlier), (_("Mais novo, seria unido"), pair.later)),
    }
