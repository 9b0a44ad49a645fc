"""Avisos: who is told of a request, what a reader wants to hear, and how to stop it with one tap."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, Malformed
from issues.conversations import kinds, links, operations, queries
from issues.conversations.channels.push import application_server_key
from issues.interfaces.limits import check_rate

_WORKER = Path(settings.BASE_DIR) / "geo_central" / "static" / "js" / "notices-worker.js"
_ONE_CLICK = "One-Click"


@never_cache
@require_http_methods(["GET", "POST"])
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """Who is told of the request of a secret link; an e-mail address may be added."""
    check_rate(request, "report" if request.method == "POST" else "lookup")
    context: dict[str, Any] = {"email": "", "error": None}
    status = 200
    if request.method == "POST":
        context["email"] = request.POST.get("email", "").strip()[:254]
        try:
            operations.subscribe_email(
                token=token[:64], email=context["email"], language=get_language() or "", now=clock.now()
            )
            return _private(redirect(reverse("citizen:notices", args=[token]) + "?novo=1"))
        except DomainError as error:
            if not error.field == "email":
                raise
            context["error"], status = error, 422
    protocol, told = queries.told_by(token[:64], now=clock.now())
    context |= {
        "token": token,
        "protocol": protocol,
        "told": [(each, links.sign(each.reader)) for each in told],
        "is_new": "novo" in request.GET,
        "key": application_server_key(),
    }
    return _private(render(request, "citizen/notices.html", context, status=status))


@require_POST
def add_browser(request: HttpRequest, token: str) -> HttpResponse:
    """Tell this browser: the body is the subscription that it got from its push service."""
    check_rate(request, "report")
    try:
        given = json.loads(request.body)
    except ValueError:
        raise Malformed("body.not_json") from None
    reader = operations.subscribe_push(
        token=token[:64], subscription=given, language=get_language() or "", now=clock.now()
    )
    path = reverse("citizen:preferences", args=[links.sign(reader)])
    return _private(JsonResponse({"preferences": path}, status=201))


@never_cache
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest, signed: str) -> HttpResponse:
    """What one contact wants to hear, and in which language."""
    check_rate(request, "lookup")
    reader = links.unsign(signed)
    if request.method == "POST":
        operations.choose(
            reader,
            language=request.POST.get("language", "")[:8],
            groups=request.POST.getlist("groups")[:20],
            now=clock.now(),
        )
        return _private(redirect(reverse("citizen:preferences", args=[signed]) + "?novo=1"))
    context = {
        "signed": signed,
        "reader": reader,
        "wishes": queries.wishes(reader, now=clock.now()),
        "groups": list(kinds.GROUPS),
        "languages": settings.LANGUAGES,
        "is_new": "novo" in request.GET,
    }
    return _private(render(request, "citizen/preferences.html", context))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, signed: str) -> HttpResponse:
    """One tap stops the messages, another takes them up again; mail programs post here (RFC 8058).

    No cookie decides anything here: whoever has the signed address may use it, from anywhere. Looking
    at the page changes nothing, because programs look at the links of messages too.
    """
    reader = links.unsign(signed)
    if request.method == "POST":
        operations.mute(
            reader,
            everything=request.POST.get("what") == "all",
            on=request.POST.get("on") == "1",
            now=clock.now(),
        )
        if request.POST.get("List-Unsubscribe") == _ONE_CLICK:
            return HttpResponse(status=204)
        return _private(redirect("citizen:unsubscribe", signed))
    check_rate(request, "lookup")
    context = {"signed": signed, "reader": reader, "wishes": queries.wishes(reader, now=clock.now())}
    return _private(render(request, "citizen/unsubscribe.html", context))


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that shows messages; always at this address, which is its scope too."""
    response = HttpResponse(_WORKER.read_bytes(), content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


def _private(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "same-origin"  # the address is the secret; its own forms need it
    return response
