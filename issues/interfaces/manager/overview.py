"""/gestao/: what is late, by team and region; queues; what came back; closings without proof."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from geo_central.kernel import clock
from geo_central.kernel.errors import Forbidden
from issues.interfaces import params
from issues.interfaces.wording import say_state
from issues.lifecycle.overview.queries import AGES, WHAT, Line, Listed, Overview, Which, listed, overview
from issues.lifecycle.states import STATES
from issues.teams.models import User
from issues.teams.queries import memberships
from layers.queries import areas_of

from .access import MAY

DAYS = (7, 30, 90, 365)
CSV_ROWS = 10_000
TITLES = {
    "open": gettext_lazy("Abertos"),
    "overdue": gettext_lazy("Atrasados"),
    "soon": gettext_lazy("Vencem em três dias"),
    "closed": gettext_lazy("Concluídos no período"),
    "unproved": gettext_lazy("Concluídos sem prova"),
    "reopened": gettext_lazy("Reabertos"),
}
AGE_NAMES = {
    "a7": gettext_lazy("até 7 dias"),
    "b30": gettext_lazy("8 a 30 dias"),
    "c90": gettext_lazy("31 a 90 dias"),
    "d": gettext_lazy("mais de 90 dias"),
}

View = Callable[..., HttpResponse]


def for_leaders(view: View) -> View:
    """A page for managers, of all teams, and for leaders, of those that they lead.

    The view gets `teams`: their ids, or None for all. Strangers are asked to sign in; Forbidden
    `manager.only` for everybody else.
    """

    @wraps(view)
    @login_required
    @never_cache
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            raise Forbidden("manager.only")
        teams = None if user.role in MAY else memberships(user)[1]
        if teams is not None and not teams:
            raise Forbidden("manager.only")
        return view(request, *args, teams=teams, **kwargs)

    return checked


@for_leaders
@require_safe
def home(request: HttpRequest, *, teams: frozenset[int] | None) -> HttpResponse:
    """The numbers; each leads to the requests behind it."""
    days = _days(request)
    now = clock.now()
    seen = overview(teams=teams, since=now - timedelta(days=days), now=now)
    context = {
        "seen": seen,
        "tiles": _tiles(seen),
        "districts": _named(seen.districts, {a.code: a.name for a in areas_of(settings.CITY.district_layer)}),
        "states": _named(seen.states, {s: say_state(s) for s in STATES}),
        "ages": _named(seen.ages, {k: str(v) for k, v in AGE_NAMES.items()}),
        "top": {k: max((x.open for x in v), default=1) for k, v in _parts(seen).items()},
        "days": days,
        "periods": DAYS,
        "error": None,
    }
    return render(request, "manager/overview.html", context)


@for_leaders
@require_safe
def requests(request: HttpRequest, *, teams: frozenset[int] | None) -> HttpResponse:
    """The requests behind one number, page by page by due date; `formato=csv` sends them as a file.

    Raises Invalid `field.not_a_choice`, Malformed `cursor.bad`.
    """
    which, days, now = _which(request), _days(request), clock.now()
    asked: dict[str, Any] = {"teams": teams, "since": now - timedelta(days=days), "now": now}
    if request.GET.get("formato") == "csv":
        return _csv(listed(which, **asked, limit=CSV_ROWS)[0], which.what)
    found, following = listed(which, **asked, after=params.cursor_at(request.GET))
    query = {k: v for k, v in request.GET.items() if k not in ("cursor", "formato")}
    context = {
        "title": TITLES[which.what],
        "which": which,
        "found": found,
        "query": urlencode(query),
        "next": params.make_cursor(following) or "",
        "now": now,
        "error": None,
    }
    return render(request, "manager/requests.html", context)


def _which(request: HttpRequest) -> Which:
    asked = request.GET
    return Which(
        what=params.choice(asked, "o_que", WHAT, default="open"),
        team=params.text(asked, "equipe", limit=80),
        district=params.text(asked, "regiao", limit=80) if "regiao" in asked else None,
        state=params.choice(asked, "estado", ("", *STATES), default=""),
        age=params.choice(asked, "idade", ("", *AGES), default=""),
    )


def _days(request: HttpRequest) -> int:
    return int(params.choice(request.GET, "dias", tuple(map(str, DAYS)), default="30"))


def _tiles(seen: Overview) -> list[dict[str, Any]]:
    whole = seen.all
    numbers = {what: getattr(whole, what) for what in WHAT}
    shares = {"overdue": whole.open, "unproved": whole.closed, "reopened": whole.closed}
    return [
        {"what": what, "name": TITLES[what], "n": n, "share": _share(n, shares.get(what, 0))}
        for what, n in numbers.items()
    ]


def _share(n: int, whole: int) -> str:
    return _("%(percent)d %%") % {"percent": round(100 * n / whole)} if whole else ""


def _parts(seen: Overview) -> dict[str, tuple[Line, ...]]:
    return {"teams": seen.teams, "districts": seen.districts, "states": seen.states, "ages": seen.ages}


def _named(lines: tuple[Line, ...], names: dict[str, str]) -> list[dict[str, Any]]:
    return [{"line": line, "name": names.get(line.code) or line.code or _("Sem região")} for line in lines]


def _csv(found: list[Listed], what: str) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="chamados-{what}-{localdate()}.csv"'
    rows = csv.writer(response)
    columns = (
        "protocol",
        "service_name",
        "address",
        "team_name",
        "state",
        "opened_at",
        "due_at",
        "followers",
    )
    rows.writerow(columns)
    for one in found:
        rows.writerow([cell(getattr(one, c)) for c in columns])
    return response


def cell(value: Any) -> Any:
    """Dates as ISO 8601; a text that a spreadsheet would take for a formula is marked as a text."""
    if isinstance(value, datetime):
        return value.isoformat()
    risky = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if risky else value
