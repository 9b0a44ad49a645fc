"""/gestao/regras/redistribuir/: the open requests follow the rules of now; seen first, then done."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from procrastinate.exceptions import AlreadyEnqueued

from issues.interfaces import params, tasks
from issues.lifecycle.rerouting import operations

from .access import for_managers, is_piece


@for_managers
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """How the last pass stands; with `efeito` also what one would do just now."""
    context = {"run": operations.last_run(), "preview": None, "error": None}
    if is_piece(request):
        return render(request, "manager/_reroute_run.html", context)
    if params.text(request.GET, "efeito"):
        context["preview"] = operations.preview()
    return render(request, "manager/reroute.html", context)


@for_managers
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin a pass, or go on with the one that was left: a job for the workers."""
    try:
        tasks.reroute_open.configure().defer(by=request.user.pk)
        messages.success(request, _("A redistribuição está na fila. O andamento aparece aqui."))
    except AlreadyEnqueued:
        messages.info(request, _("Já há uma redistribuição na fila."))
    return redirect("manager:rules-reroute")
