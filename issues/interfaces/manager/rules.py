"""/gestao/regras/: the rules in force, and drafts in which they are changed, tried and published."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from geo_central.kernel import clock
from geo_central.kernel.errors import Conflict, DomainError, Invalid, Malformed
from issues.interfaces import params
from issues.interfaces.refusal import page_status
from issues.routing import checking, simulating, staging
from issues.routing.rows import COLUMNS, active_rows, rule_rows

from .access import for_managers
from .choices import choices, names
from .ordering import lifted, lowered
from .wording import Names, say_finding, say_rule

NUMBER_LIMIT = 2**31 - 1


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The rules in force in the order in which they are tried; a POST starts a draft of them."""
    error: DomainError | None = None
    if request.method == "POST":
        try:
            made = staging.start_draft(
                title=request.POST.get("titulo", ""), by=request.user.pk, now=clock.now()
            )
            return redirect("manager:rules-draft", made.id)
        except Invalid as refused:
            error = refused
    context = {
        "rules": listed(active_rows(), names()),
        "drafts": staging.drafts(),
        "error": error,
    }
    return render(request, "manager/rules.html", context, status=422 if error else 200)


@for_managers
@require_safe
def draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """A draft: its rules, what is wrong with them, and what it changes. Raises NotFound `draft.unknown`."""
    return _draft_page(request, draft_id)


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The form of one rule of a draft; `regra` names the one to change, without it a new one is added."""
    held = staging.draft(draft_id)
    replaces = params.text(request.GET, "regra")
    error: DomainError | None = None
    given: dict[str, Any] = dict(held.row(replaces)) if replaces else _blank()
    if request.method == "POST":
        posted = {c: request.POST.get(c, "") for c in COLUMNS}
        given |= posted
        try:
            staging.put_rule(
                draft_id, posted, revision=_revision(request), now=clock.now(), replaces=replaces
            )
            messages.success(request, _("A regra está no rascunho. Nada mudou ainda para os chamados."))
            return redirect("manager:rules-draft", draft_id)
        except (Invalid, Malformed, Conflict) as refused:
            error = refused
    codes = given["where_codes"]
    context = {
        "draft": held,
        "given": {
            **given,
            "where_codes": codes if isinstance(codes, str) else "; ".join(codes),
            "valid_from": str(given["valid_from"])[:10],
            "valid_until": str(given["valid_until"])[:10],
        },
        "replaces": replaces,
        "choices": choices(),
        "error": error,
    }
    return render(request, "manager/rule_form.html", context, status=page_status(error))


@for_managers
@require_POST
def change(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Move a rule up or down, or take it out. A draft that was changed meanwhile is shown as it is now."""
    slug = params.text(request.POST, "regra")
    what = params.choice(request.POST, "acao", ("subir", "descer", "tirar"), default="subir")
    revision, now = _revision(request), clock.now()
    try:
        if what == "tirar":
            staging.drop_rule(draft_id, slug, revision=revision, now=now)
        else:
            held = staging.draft(draft_id)
            held.row(slug)
            move = lifted if what == "subir" else lowered
            priorities = move(rule_rows(held.rows), slug)
            staging.order_rules(draft_id, priorities, revision=revision, now=now)
    except Conflict as error:
        return _draft_page(request, draft_id, error)
    return redirect("manager:rules-draft", draft_id)


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What publishing would do; a POST does it."""
    if request.method == "POST":
        try:
            count = staging.publish(
                draft_id, revision=_revision(request), by=request.user.pk, now=clock.now()
            )
        except (Conflict, Invalid) as error:
            return _draft_page(request, draft_id, error)
        said = _("Publicado: %(count)d regras valem a partir de agora para os novos chamados.")
        messages.success(request, said % {"count": count})
        return redirect("manager:rules")
    held = staging.draft(draft_id)
    tried = simulating.simulations(draft_id, limit=1)
    called = names()
    context = {
        "draft": held,
        "differences": differences(held, called),
        "rules": [r for r in listed(held.rows, called) if r["findings"]],
        "tried": tried[0] if tried and tried[0].is_current else None,
        "error": None,
    }
    return render(request, "manager/publish.html", context)


@for_managers
@require_POST
def discard(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Give a draft up."""
    staging.discard(draft_id, by=request.user.pk, now=clock.now())
    messages.success(request, _("Rascunho descartado. As regras em vigor não mudaram."))
    return redirect("manager:rules")


def listed(rows: Sequence[dict[str, Any]], called: Names) -> list[dict[str, Any]]:
    """Rules in the order in which they are tried, as sentences, each with what is wrong with it."""
    ordered = sorted(rule_rows(rows), key=lambda r: r.order)
    by_slug = {row["slug"]: row for row in rows}
    wrong: dict[str, list[dict[str, Any]]] = {}
    for found in checking.findings(ordered, now=clock.now()):
        said = say_finding(found.code, found.data, called)
        wrong.setdefault(found.rule, []).append({"said": said, "never": found.extent == checking.NEVER})
    return [
        {
            "place": place,
            "slug": r.slug,
            "priority": r.priority,
            "said": say_rule(by_slug[r.slug], called),
            "note": by_slug[r.slug]["note"],
            "findings": wrong.get(r.slug, []),
        }
        for place, r in enumerate(ordered, 1)
    ]


def differences(held: staging.Draft, called: Names) -> list[dict[str, str]]:
    """What a draft changes, as sentences: empty `before` is a new rule, empty `after` a dropped one."""
    return [
        {
            "slug": d.slug,
            "before": say_rule(d.before, called) if d.before else "",
            "after": say_rule(d.after, called) if d.after else "",
            "order": (
                f"{d.before['priority']} → {d.after['priority']}"
                if d.before and d.after and "priority" in d.columns
                else ""
            ),
        }
        for d in held.differences
    ]


def _draft_page(request: HttpRequest, draft_id: int, error: DomainError | None = None) -> HttpResponse:
    held, called = staging.draft(draft_id), names()
    context = {
        "draft": held,
        "rules": listed(held.rows, called),
        "differences": differences(held, called),
        "changed": {d.slug for d in held.differences},
        "error": error,
    }
    return render(request, "manager/draft.html", context, status=page_status(error))


def _revision(request: HttpRequest) -> int:
    return params.whole(request.POST, "revisao", default=0, low=0, high=NUMBER_LIMIT)


def _blank() -> dict[str, Any]:
    return {**dict.fromkeys(COLUMNS, ""), "priority": 100, "where": "anywhere", "where_codes": []}
