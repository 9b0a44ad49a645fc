"""/gestao/moderacao/: texts, photos and words of ratings wait here until somebody has looked at them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from geo_central.kernel import clock
from geo_central.kernel.errors import Conflict
from issues.interfaces import params
from issues.lifecycle.moderation.operations import NOTE_LIMIT, moderate
from issues.lifecycle.moderation.queries import pending

from .access import actor, for_moderators

PAGE = 20


@for_moderators
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Requests with something to look at, the newest first, page by page. Raises Malformed `cursor.bad`."""
    before = params.cursor(request.GET)
    found = pending(limit=PAGE + 1, before=before[1] if before else None)
    context = {
        "pending": found[:PAGE],
        "next": params.make_cursor(("id", found[PAGE - 1].id)) if len(found) > PAGE else "",
        "note_limit": NOTE_LIMIT,
        "error": None,
    }
    return render(request, "manager/moderation.html", context)


@for_moderators
@require_POST
def decide(request: HttpRequest, issue: int) -> HttpResponse:
    """What is marked becomes public; what is not stays hidden. Raises Invalid, NotFound as `moderate`."""
    items = request.POST.getlist("item")
    shown = [item for item in items if item in set(request.POST.getlist("mostrar"))]
    try:
        moderate(
            issue_id=issue,
            shown=shown,
            hidden=[item for item in items if item not in shown],
            by=actor(request),
            now=clock.now(),
            note=params.text(request.POST, "nota", limit=NOTE_LIMIT),
        )
        messages.success(request, _("Decidido. O que foi marcado já é público."))
    except Conflict:
        messages.info(request, _("Outra pessoa decidiu antes. Nada foi mudado por você."))
    return redirect("manager:moderation")
