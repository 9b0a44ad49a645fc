"""/gestao/chaves/: the keys of other systems; made, shown once, revoked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, Invalid
from issues.interfaces import params
from issues.interfaces.refusal import page_status
from issues.teams import keys
from issues.teams.queries import teams_by_slug

from .access import actor, for_managers

SCOPES = {"report": gettext_lazy("Registrar pedidos"), "update": gettext_lazy("Dizer o que foi feito")}


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Every key; POST makes one and shows its secret this once."""
    if request.method != "POST":
        return _page(request)
    try:
        made, secret = keys.make(
            name=params.text(request.POST, "nome", limit=120),
            contact=params.text(request.POST, "contato"),
            scopes=request.POST.getlist("escopos"),
            quota=params.whole(request.POST, "limite", default=60, low=0, high=keys.MOST_A_MINUTE),
            teams=_teams(params.text(request.POST, "equipes", limit=2000)),
            by=actor(request).user_id,
            now=clock.now(),
        )
    except DomainError as error:
        return _page(request, error=error)
    return _page(request, made=made.name, secret=secret)


@for_managers
@require_POST
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    """From now on it opens nothing."""
    keys.revoke(key_id, now=clock.now())
    return redirect("manager:keys")


def _teams(text: str) -> list[int]:
    """Ids of the teams named by their codes, separated by commas. Raises Invalid `team.unknown`."""
    slugs = [s.strip() for s in text.split(",") if s.strip()]
    known = teams_by_slug(slugs)
    for slug in slugs:
        if slug not in known:
            raise Invalid("team.unknown", field="equipes", value=slug[:80])
    return list(known.values())


def _page(
    request: HttpRequest, *, error: DomainError | None = None, made: str = "", secret: str = ""
) -> HttpResponse:
    told = [
        {"key": k, "scopes": ", ".join(str(SCOPES[s]) for s in k.scopes), "quota": k.quota or _("sem limite")}
        for k in keys.every_key()
    ]
    context = {
        "keys": told,
        "scopes": SCOPES.items(),
        "error": error,
        "made": made,
        "secret": secret,
        "typed": {
            f: request.POST.get(f, "") if error else "" for f in ("nome", "contato", "limite", "equipes")
        },
        "chosen": request.POST.getlist("escopos") if error else ["report"],
    }
    return render(request, "manager/keys.html", context, status=page_status(error))
