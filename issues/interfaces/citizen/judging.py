"""What the reporter does on the page of their request: judge it, answer, add, call it off."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from issues.intake.drafts import parse_uuid
from issues.interfaces.limits import check_rate
from issues.lifecycle.operations import act_as_reporter
from issues.lifecycle.ratings.operations import rate
from issues.lifecycle.ratings.queries import rating_reasons

from . import pages

NOT_DONE = "not_done"


@never_cache
@require_POST
def judge(request: HttpRequest, token: str) -> HttpResponse:
    """Rate the result; the button "reopen" also sends the request back to its team, or neither."""
    check_rate(request, "report")
    face = request.POST.get("face", "")
    reasons = request.POST.getlist("reasons")
    now = clock.now()
    try:
        with transaction.atomic():
            rated = rate(
                token=token[:64],
                face=int(face) if face in "12345" and face else 0,
                reasons=reasons,
                words=request.POST.get("words", ""),
                now=now,
            )
            if request.POST.get("then") == "reopen":
                unfinished = {r.code for r in rating_reasons() if r.may_reopen}
                why = next((r for r in reasons if r in unfinished), NOT_DONE)
                note = request.POST.get("words", "").strip()
                act_as_reporter(token, action="reopen", seen=rated.state, reason=why, note=note, now=now)
    except DomainError as error:
        return pages.follow_page(request, token, problem=error)
    return _back(token, "avaliado")


@never_cache
@require_POST
def act(request: HttpRequest, token: str) -> HttpResponse:
    """One act of the table on one's own request."""
    check_rate(request, "report")
    try:
        act_as_reporter(
            token[:64],
            action=request.POST.get("action", "")[:20],
            seen=request.POST.get("seen") or None,
            client_id=parse_uuid(request.POST.get("client_id", ""), "client_id"),
            reason=request.POST.get("reason", "")[:40],
            note=request.POST.get("note", ""),
            now=clock.now(),
        )
    except DomainError as error:
        return pages.follow_page(request, token, problem=error)
    return _back(token, "feito")


def _back(token: str, what: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('citizen:follow', args=[token])}?{what}#depois")
