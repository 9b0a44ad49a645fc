"""/gestao/simulacao/: what a change would have done with the requests of a period."""

import json
from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from geo_central.kernel import clock
from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import DomainError, Invalid, Malformed, NotFound, Unready
from issues.interfaces import params
from issues.interfaces.refusal import page_status
from issues.lifecycle import protocol as protocols
from issues.routing import simulating, staging
from issues.routing.queries import Decision
from layers.queries import staged_versions

from .access import for_managers
from .wording import say_decision

PAGE = 25
POINTS = 2_000


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Choose what to try over which days; a POST tries it and shows the outcome."""
    error: DomainError | None = None
    asked = request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        try:
            draft = params.whole(asked, "rascunho", default=0, low=0, high=2**31 - 1)
            versions = tuple(_number(v) for v in request.POST.getlist("versao"))
            change = simulating.Change(draft or None, versions)
            done = simulating.simulate(change=change, period=_period(request), now=clock.now())
            return redirect("manager:simulation-result", done.id)
        except (Invalid, Malformed, NotFound, Unready) as refused:
            error = refused
    today = localdate()
    last = today.replace(day=1) - timedelta(days=1)
    context = {
        "drafts": staging.drafts(),
        "versions": staged_versions(),
        "past": simulating.simulations(),
        "chosen": asked.get("rascunho", ""),
        "chosen_versions": set(asked.getlist("versao")),
        "first": asked.get("de") or last.replace(day=1).isoformat(),
        "last": asked.get("ate") or last.isoformat(),
        "error": error,
    }
    return render(request, "manager/simulation.html", context, status=page_status(error))


@for_managers
@require_safe
def result(request: HttpRequest, simulation_id: int) -> HttpResponse:
    """Before and after, team by team; those that move on a map and in a table, page by page."""
    done = simulating.simulated(simulation_id)
    team = params.whole(request.GET, "equipe", default=0, low=0, high=2**31 - 1) or None
    after = params.whole(request.GET, "depois", default=0, low=0, high=2**62)
    page = simulating.moved_page(simulation_id, after=after, limit=PAGE, team=team)
    rows = []
    for feature in json.loads(page.geojson)["features"]:
        facts = feature["properties"]
        rows.append({**facts, "opened_at": datetime.fromisoformat(facts["opened_at"])})
    context = {
        "done": done,
        "draft": staging.draft(done.change.draft) if done.change.draft else None,
        "teams": [t for t in done.teams if t.arrive or t.leave],
        "same": sum(1 for t in done.teams if not (t.arrive or t.leave)),
        "rules": [r for r in done.rules if r.before != r.after],
        "last_day": done.opened_until - timedelta(seconds=1),
        "rows": rows,
        "next": page.next or "",
        "team": team or "",
        "error": None,
    }
    return render(request, "manager/simulated.html", context)


@for_managers
@require_safe
def moved(request: HttpRequest, simulation_id: int) -> HttpResponse:
    """Those that move as GeoJSON, in pages by id; the header `X-Next` leads to the next one."""
    after = params.whole(request.GET, "depois", default=0, low=0, high=2**62)
    team = params.whole(request.GET, "equipe", default=0, low=0, high=2**31 - 1) or None
    page = simulating.moved_page(simulation_id, after=after, limit=POINTS, team=team)
    response = HttpResponse(page.geojson, content_type="application/geo+json")
    if page.next:
        response["X-Next"] = str(page.next)
    return response


@for_managers
@require_safe
def explain(request: HttpRequest, simulation_id: int) -> HttpResponse:
    """Why one request goes where it goes, before and after."""
    done = simulating.simulated(simulation_id)
    protocol = params.text(request.GET, "protocolo")
    context: dict[str, Any] = {"done": done, "protocol": protocol, "found": None, "error": None}
    if protocol:
        try:
            found = simulating.explain(change=done.change, protocol=protocols.parse(protocol))
            context |= {"found": found, "sides": (_side(found.before), _side(found.after))}
        except (Malformed, NotFound) as refused:
            context["error"] = refused
    error = context["error"]
    return render(request, "manager/explained.html", context, status=page_status(error))


def _side(decision: Decision | None) -> dict[str, Any]:
    return {
        "team": decision.team.name if decision else "",
        "reasons": say_decision(decision) if decision else [],
    }


def _period(request: HttpRequest) -> tuple[datetime, datetime]:
    """From the first day's midnight to the one after the last day, on the city's clock."""
    first, last = params.moment(request.POST, "de"), params.moment(request.POST, "ate")
    if first is None or last is None:
        raise Malformed("field.required", field="de" if first is None else "ate")
    day = last.astimezone(city_zone()).date() + timedelta(days=1)
    return first, datetime.combine(day, time.min, city_zone())


def _number(text: str) -> int:
    return params.whole({"versao": text}, "versao", default=0, low=0, high=2**31 - 1)
