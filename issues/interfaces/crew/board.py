"""/equipe/quadro/: the leader's board. Who works on what, today or on a later day."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from issues.crew.area import TeamRef, my_teams
from issues.crew.day import operations, queries
from issues.crew.day.planning import SetOut, plan_day
from issues.interfaces import params
from issues.interfaces.acts import actor_of
from issues.interfaces.refusal import page_status
from issues.lifecycle.operations import Actor
from issues.teams.queries import teams_of

from .day import say_planned

_MANAGERS = frozenset({"manager", "admin"})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The board of one team for one day; a POST gives, plans, or says who goes out with whom."""
    by = actor_of(request.user)
    teams = _led(request, by)
    problem: DomainError | None = None
    on = localdate(clock.now())
    team = None
    try:
        team, on = _team(request, teams), _on(request, on)
        if request.method == "POST":
            _do(request, team, on, by)
            return redirect(f"{reverse('crew:board')}?{urlencode({'equipe': team.slug, 'dia': on})}")
    except DomainError as error:
        problem = error
    now = clock.now()
    context = {
        "teams": teams,
        "team": team,
        "chosen": {"team": team, "leads": True},
        "on": on,
        "is_today": on == localdate(now),
        "board": queries.board(team.id, on) if team else None,
        "people": queries.people_of(team.id) if team else (),
        "crews": queries.crews_of(team.id) if team else (),
        "problem": problem,
        "now": now,
    }
    return render(request, "crew/board.html", context, status=page_status(problem))


def _led(request: HttpRequest, by: Actor) -> tuple[TeamRef, ...]:
    """The teams whose board this person may see. Raises Forbidden `crew.leaders_only` where there is none."""
    ids = teams_of(request.user) if by.role in _MANAGERS else tuple(by.leads)
    teams = my_teams(ids)
    if not teams:
        raise Forbidden("crew.leaders_only")
    return teams


def _team(request: HttpRequest, teams: tuple[TeamRef, ...]) -> TeamRef:
    """The one asked for, else the first. Forbidden `crew.leaders_only` for one that somebody else leads."""
    asked = request.POST if request.method == "POST" else request.GET
    slug = params.text(asked, "equipe", limit=80)
    if not slug:
        return teams[0]
    if (found := next((t for t in teams if t.slug == slug), None)) is None:
        raise Forbidden("crew.leaders_only")
    return found


def _on(request: HttpRequest, today: date) -> date:
    """Invalid `field.not_a_date`."""
    asked = request.POST if request.method == "POST" else request.GET
    if not (text := params.text(asked, "dia")):
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("field.not_a_date", field="dia") from None


def _do(request: HttpRequest, team: TeamRef, on: date, by: Actor) -> None:
    """One act of the board. Raises as the operation does; NotFound `not_found` for no act."""
    form = request.POST
    now = clock.now()
    if protocol := params.text(form, "dar", limit=20):
        target = params.text(form, f"para-{protocol}", limit=30)
        operations.give(protocol=protocol, team_id=team.id, target=target, on=on, by=by, now=now)
        return
    match params.text(form, "acao", limit=20):
        case "planejar":
            outs = [SetOut(c.id) for c in queries.crews_of(team.id)]
            messages.success(request, say_planned(plan_day(team_id=team.id, crews=outs, by=by, now=now)))
        case "formar":
            operations.form_crew(team_id=team.id, name=params.text(form, "nome"), by=by)
        case "desfazer":
            operations.dissolve_crew(team_id=team.id, crew_id=_number(form, "campo"), by=by, now=now)
        case "pessoa":
            operations.place_member(
                team_id=team.id,
                user_id=_number(form, "pessoa"),
                crew_id=_number(form, "campo") or None,
                by=by,
            )
        case _:
            raise NotFound("not_found", field="acao")


def _number(form: Mapping[str, str], name: str) -> int:
    return params.whole(form, name, default=0, low=0, high=2**62)
