"""/gestao/avisos/: what was told, what waits, what was given up, and how every message looks."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from geo_central.kernel import clock
from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Conflict, NotFound
from issues.conversations import operations, queries
from issues.conversations.rendering import codes, languages
from issues.interfaces import params
from issues.interfaces.wording import say_event

from .access import for_managers

DAYS = 14
PAGE = 50
CHANNELS = {"email": gettext_lazy("E-mail"), "push": gettext_lazy("Navegador")}
LANGUAGES = {"pt-br": "Português", "en": "English", "es": "Español"}
STATES = ("sent", "waiting", "dead", "dropped")
BAR_HEIGHT = 56


@for_managers
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Two weeks of messages by day and channel, what is stuck, and the dead letters, page by page."""
    now = clock.now()
    today = now.astimezone(city_zone()).date()
    first = today - timedelta(days=DAYS - 1)
    since = clock.now().astimezone(city_zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    found = queries.counts(since=since - timedelta(days=DAYS - 1))
    before = params.cursor(request.GET)
    letters = queries.dead_letters(limit=PAGE + 1, before=before[1] if before else None)
    context = {
        "channels": _channels(found),
        "bars": _bars(found, [first + timedelta(days=n) for n in range(DAYS)]),
        "stuck": queries.stuck(now),
        "letters": [_letter(d) for d in letters[:PAGE]],
        "next": params.make_cursor(("id", letters[PAGE - 1].id)) if len(letters) > PAGE else "",
        "days": DAYS,
    }
    return render(request, "manager/notices.html", context)


@for_managers
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Try the marked dead letters again, or give them up. What somebody else decided is left alone."""
    verdict = params.choice(request.POST, "decisao", ("reenviar", "desistir"), default="reenviar")
    do = operations.resend if verdict == "reenviar" else operations.drop
    done = late = 0
    for text in request.POST.getlist("aviso")[:PAGE]:
        notice = params.whole({"aviso": text}, "aviso", default=0, low=1, high=2**62)
        try:
            do(notice, now=clock.now())
            done += 1
        except (Conflict, NotFound):
            late += 1
    if done:
        said = (
            ngettext("%(n)d aviso volta à fila.", "%(n)d avisos voltam à fila.", done)
            if verdict == "reenviar"
            else ngettext("%(n)d aviso foi abandonado.", "%(n)d avisos foram abandonados.", done)
        )
        messages.success(request, said % {"n": done})
    if late:
        text = ngettext("%(n)d já tinha sido decidido.", "%(n)d já tinham sido decididos.", late)
        messages.info(request, text % {"n": late})
    if not done and not late:
        messages.info(request, _("Marque ao menos um aviso."))
    return redirect("manager:notices")


@for_managers
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """One message as its reader would see it. Raises NotFound `issue.unknown`, Invalid `field.*`."""
    for_team = params.choice(request.GET, "para", ("cidadao", "equipe"), default="cidadao") == "equipe"
    events = sorted(codes(for_team=for_team), key=say_event)
    asked = params.text(request.GET, "evento")
    code = asked if asked in events else events[0]
    language = params.choice(request.GET, "idioma", tuple(languages()), default=languages()[0])
    protocol = params.text(request.GET, "protocolo", limit=40)
    context: dict[str, Any] = {
        "for_team": for_team,
        "events": [(c, say_event(c)) for c in events],
        "code": code,
        "languages": [(c, LANGUAGES.get(c.lower(), c)) for c in languages()],
        "language": language,
        "protocol": protocol,
        "message": None,
        "error": None,
    }
    try:
        context["message"] = queries.preview(
            code=code, language=language, for_team=for_team, protocol=protocol, now=clock.now()
        )
    except NotFound as error:
        context["error"] = error
    return render(request, "manager/notice_preview.html", context, status=404 if context["error"] else 200)


def _channels(found: tuple[queries.Count, ...]) -> list[dict[str, Any]]:
    """A line a channel: its messages by state, and those that failed and will be tried again."""
    lines = []
    for channel in dict.fromkeys(c.channel for c in found):
        mine = [c for c in found if c.channel == channel]
        lines.append(
            {
                "name": CHANNELS.get(channel, channel),
                "failing": sum(c.failing for c in mine),
                **{state: sum(c.n for c in mine if c.state == state) for state in STATES},
            }
        )
    return lines


def _bars(found: tuple[queries.Count, ...], days: list[date]) -> list[dict[str, Any]]:
    """A bar a day: sent at the bottom, what waits above it, what was given up on top."""
    by_day = {day: dict.fromkeys(STATES, 0) for day in days}
    for count in found:
        if count.day in by_day:
            by_day[count.day][count.state] += count.n
    top = max((sum(states.values()) for states in by_day.values()), default=0) or 1
    bars = []
    for n, (day, states) in enumerate(by_day.items()):
        y, parts = float(BAR_HEIGHT), []
        for state in STATES:
            height = round(BAR_HEIGHT * states[state] / top, 1)
            y -= height
            if height:
                parts.append({"state": state, "y": round(y, 1), "height": height})
        bars.append({"day": day, "x": n * 20, "parts": parts, **states})
    return bars


def _letter(letter: queries.DeadLetter) -> dict[str, Any]:
    return {
        "letter": letter,
        "channel": CHANNELS.get(letter.channel, letter.channel),
        "events": [say_event(code) for code in letter.codes],
    }
