"""/alertas/: hear by e-mail or by a feed of what is new in a place or of a service."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, Invalid
from issues.catalogue.queries import services, themes
from issues.conversations.alerts import operations, queries
from issues.conversations.alerts.links import unsign
from issues.conversations.alerts.wishes import NAMES, Wish, parse_wish
from issues.interfaces import params
from issues.interfaces.limits import check_rate
from issues.interfaces.refusal import page_status
from layers.queries import areas_of

_ONE_CLICK = "One-Click"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Choose or draw; see how much that would have been; leave an address, or take the feed's."""
    check_rate(request, "alert" if request.method == "POST" else "lookup")
    given = request.POST if request.method == "POST" else request.GET
    wish, error = Wish(), None
    try:
        wish = parse_wish(given)
        if request.method == "POST":
            operations.ask(
                wish=wish,
                email=given.get("email", "")[:254],
                every=params.text(given, "quando") or "day",
                resolved=given.get("resolvidos") == "1",
                language=get_language() or "",
                now=clock.now(),
            )
            return redirect(reverse("citizen:alerts") + "?pedido=1")
    except DomainError as refused:
        error = refused
    return _page(request, wish, error)


@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """How many requests such an alert would have told of lately, and its feed: a piece of the page."""
    check_rate(request, "search")
    try:
        wish, error = parse_wish(request.GET), None
    except DomainError as refused:
        wish, error = Wish(), refused
    return render(request, "citizen/_alerts_count.html", _counted(wish) | {"error": error})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, signed: str) -> HttpResponse:
    """Was it you? Looking changes nothing, because programs look at the links of letters too."""
    check_rate(request, "lookup")
    alert_id = unsign("confirm", signed)
    done = None
    if request.method == "POST":
        done = operations.confirm(alert_id, now=clock.now())
    context = {"alert": queries.one(alert_id), "done": done, "signed": signed}
    return _private(render(request, "citizen/alerts_confirm.html", context))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest, signed: str) -> HttpResponse:
    """Every alert of one address, to change or to end."""
    check_rate(request, "lookup")
    contact = unsign("mine", signed)
    if request.method == "POST":
        given, now = request.POST, clock.now()
        alert = params.whole(given, "alerta", default=0, low=1, high=2**62)
        # A form of this address changes this address's alerts only.
        operations.change(
            contact,
            alert,
            every=params.text(given, "quando") or "day",
            resolved=given.get("resolvidos") == "1",
            now=now,
        )
        what = params.choice(given, "acao", ("guardar", "encerrar", "retomar"), default="guardar")
        if what == "encerrar":
            operations.end(alert, now=now)
        elif what == "retomar":
            operations.resume(alert, now=now)
        return _private(redirect(request.path))
    address, alerts = queries.mine(contact, now=clock.now())
    context = {"address": address, "alerts": alerts, "signed": signed}
    return _private(render(request, "citizen/alerts_mine.html", context))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, signed: str) -> HttpResponse:
    """One tap ends one alert, another takes it up again; mail programs post here (RFC 8058)."""
    alert_id = unsign("stop", signed)
    if request.method == "POST":
        do = operations.resume if request.POST.get("on") == "1" else operations.end
        do(alert_id, now=clock.now())
        if request.POST.get("List-Unsubscribe") == _ONE_CLICK:
            return HttpResponse(status=204)
        return _private(redirect("citizen:alerts-stop", signed))
    check_rate(request, "lookup")
    context = {"alert": queries.one(alert_id), "signed": signed}
    return _private(render(request, "citizen/alerts_stop.html", context))


def _page(request: HttpRequest, wish: Wish, error: DomainError | None) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {
        "wish": wish,
        "error": error,
        "asked": "pedido" in request.GET,
        "neighbourhoods": areas_of(settings.CITY.neighbourhood_layer),
        "districts": areas_of(settings.CITY.district_layer),
        "services": [(s.code, s.name) for s in services()],
        "themes": themes(),
        "typed": {name: given.get(name, "")[:8000] for name in (*NAMES, "email", "quando", "resolvidos")},
        **_counted(wish if error is None or isinstance(error, Invalid) else Wish()),
    }
    return render(request, "citizen/alerts.html", context, status=page_status(error))


def _counted(wish: Wish) -> dict[str, Any]:
    if wish.is_empty:
        return {"count": None, "feed": ""}
    return {"count": queries.lately(wish, now=clock.now()), "days": queries.DAYS, "feed": wish.feed_query()}


def _private(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "same-origin"  # the address is the secret; its own forms need it
    return response
