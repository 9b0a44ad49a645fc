"""/equipe/dia/: a crew's day in a good order, as a list and on a map; planned again whenever work comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, NotFound
from geo_central.kernel.geo import LngLat, parse_lnglat
from issues.crew.area import TeamRef, my_teams
from issues.crew.day.operations import own_crew
from issues.crew.day.planning import LEADERS, Planned, SetOut, check_crews, plan_day
from issues.crew.day.queries import CrewRow, Day, crew_of, crews_of, day_of
from issues.interfaces import params
from issues.interfaces.acts import actor_of
from issues.interfaces.refusal import page_status
from issues.interfaces.wording import say_distance
from issues.lifecycle.operations import Actor
from issues.teams.queries import teams_of
from layers.queries import search_address

HOURS = (2, 4, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whose day is looked at. `crew` None: somebody who has not gone out yet, or has chosen nothing."""

    team: TeamRef | None
    crew: CrewRow | None
    crews: tuple[CrewRow, ...]
    leads: bool
    is_member: bool


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The day of one crew; a POST plans it."""
    by = actor_of(request.user)
    problem: DomainError | None = None
    context: dict[str, Any] = {"address": "", "candidates": [], "lat": "", "lng": "", "hours": ""}
    teams = my_teams(teams_of(request.user))
    chosen = Chosen(None, None, (), False, False)
    try:
        context["hours"] = _hours(request.GET)
        chosen = _chosen(request, teams, by)
        if request.method == "POST" and (done := _plan(request, chosen, by, context)):
            team, planned, crew = done
            messages.success(request, say_planned(planned))
            kept = {"equipe": team, "campo": crew} | ({"horas": h} if (h := context["hours"]) else {})
            return redirect(f"{reverse('crew:day')}?{urlencode(kept)}")
    except DomainError as error:
        problem = error
    now = clock.now()
    day = day_of(chosen.crew, localdate(now)) if chosen.crew else Day((), None, 0)
    context |= {
        "teams": teams,
        "chosen": chosen,
        "day": day,
        "stops": day.open,
        "saved": _saved(day),
        "ends_at": max((s.leaves_at for s in day.open if s.leaves_at), default=None),
        "unplanned": bool(day.open) and any(s.position is None for s in day.open),
        "geo": map_data(chosen.crew, day) if chosen.crew else "",
        "hours_offered": HOURS,
        "problem": problem,
        "now": now,
    }
    return render(request, "crew/day.html", context, status=page_status(problem))


def _chosen(request: HttpRequest, teams: tuple[TeamRef, ...], by: Actor) -> Chosen:
    """The team and the crew asked for, or one's own. NotFound `not_found` for a team of others."""
    asked = request.POST if request.method == "POST" else request.GET
    slug = params.text(asked, "equipe", limit=80)
    mine = crew_of(by.user_id, [t.id for t in teams]) if by.user_id else {}
    team = next((t for t in teams if t.slug == slug), None)
    if slug and team is None:
        raise NotFound("not_found", field="equipe")
    if team is None:
        own = sorted((t for t in teams if t.id in by.teams), key=lambda t: (t.id not in mine, t.name))
        team = own[0] if own else None
    if team is None:
        return Chosen(None, None, (), False, False)
    leads = bool(by.roles_on(frozenset({team.id})) & LEADERS)
    crews = crews_of(team.id)
    number = params.whole(asked, "campo", default=mine.get(team.id, 0), low=0, high=2**62)
    crew = next((c for c in crews if c.id == number), None)
    if number:
        check_crews(by, team.id, [crew])
    offered = crews if leads else ()
    return Chosen(team, crew, offered, leads, team.id in by.teams)


def _plan(
    request: HttpRequest, chosen: Chosen, by: Actor, context: dict[str, Any]
) -> tuple[str, Planned, int] | None:
    """Plan from where the form says; None where its address means several places."""
    form = request.POST
    context["address"] = params.text(form, "endereco")
    context["hours"] = _hours(form)
    context |= {name: params.text(form, name) for name in ("lat", "lng")}
    if chosen.team is None:
        raise NotFound("not_found", field="equipe")
    point = _point(form, context)
    if context["candidates"]:
        return None
    crew = chosen.crew.id if chosen.crew else own_crew(team_id=chosen.team.id, user_id=by.user_id or 0)
    planned = plan_day(
        team_id=chosen.team.id,
        crews=[SetOut(crew, point)],
        by=by,
        now=clock.now(),
        hours=float(context["hours"]) if context["hours"] else None,
    )
    return chosen.team.slug, planned, crew


def _hours(given: Mapping[str, str]) -> str:
    """For how long; nothing: to the end of the working day. A plan made again offers what the last had."""
    return params.choice(given, "horas", ("", *map(str, HOURS)), default="")


def _point(form: Mapping[str, str], context: dict[str, Any]) -> LngLat | None:
    """What was chosen or typed counts for more than where the device is; None: as the crew set out last."""
    if chosen := params.text(form, "lugar"):
        lat, _sep, lng = chosen.partition(" ")
        return parse_lnglat(lng, lat)
    if context["address"]:
        found = list(search_address(context["address"], limit=5))
        if not found:
            raise NotFound("address.not_found", field="address")
        if len(found) == 1:
            return LngLat(found[0].lng, found[0].lat)
        context["candidates"] = found
        return None
    return params.point(form) if form.get("lat") else None


def say_planned(planned: Planned) -> str:
    """What a plan comes to, in a sentence or three."""
    said = [
        ngettext("%(n)d parada em ordem, %(far)s.", "%(n)d paradas em ordem, %(far)s.", planned.stops)
        % {"n": planned.stops, "far": say_distance(planned.metres)}
    ]
    if planned.left:
        said.append(
            ngettext(
                "%(n)d chamado não cabe no dia e fica para depois.",
                "%(n)d chamados não cabem no dia e ficam para depois.",
                planned.left,
            )
            % {"n": planned.left}
        )
    if not planned.by_street and planned.stops:
        said.append(_("Onde não há rua ligada no mapa, a distância é estimada em linha reta."))
    return " ".join(said)


def _saved(day: Day) -> float:
    """Metres fewer than by always going to the nearest stop."""
    return max(0.0, day.plan.nearest_metres - day.plan.metres) if day.plan else 0.0


def map_data(crew: CrewRow, day: Day) -> str:
    """Where the crew set out, its stops by number and the ways between them: GeoJSON, EPSG:4326."""
    features = []
    if day.plan:
        features.append(_feature([day.plan.start.x, day.plan.start.y], kind="start"))
    for number, stop in enumerate(day.open, 1):
        facts = {"n": str(number), "protocol": stop.protocol, "urgent": stop.priority == 1}
        features.append(_feature([stop.lng, stop.lat], kind="stop", **facts))
        if stop.leg:
            features.append(
                {"type": "Feature", "geometry": msgspec.Raw(stop.leg.encode()), "properties": {"kind": "leg"}}
            )
    body = {"type": "FeatureCollection", "features": features}
    return msgspec.json.encode(body).decode()


def _feature(place: list[float], **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(v, 6) for v in place]},
        "properties": properties,
    }
