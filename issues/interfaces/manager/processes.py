"""/gestao/processos/: the processes as data, drawn; who uses them; what has changed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from issues.catalogue.processes import REJECTED, RESOLVED, Outcome, Process, Step
from issues.lifecycle.overview.processes import Version, processes, services_of, versions

from .access import for_managers
from .diagram import draw


@for_managers
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every process, how many services go by it, and how many open requests run on it."""
    return render(request, "manager/processes.html", {"processes": processes(), "error": None})


@for_managers
@require_safe
def page(request: HttpRequest, code: str) -> HttpResponse:
    """One process: its diagram and the same in words, its services and versions. Raises NotFound."""
    history = versions(code)
    shown = next((v for v in history if v.is_current), history[0])
    process = shown.process
    teams = {s.code: say_team(s) for s in process.steps}
    context = {
        "process": process,
        "drawing": draw(process, teams),
        "steps": [_step(s, teams[s.code], process) for s in process.steps],
        "services": services_of(code),
        "versions": [_version(v) for v in history],
        "error": None,
    }
    return render(request, "manager/process.html", context)


def say_team(step: Step) -> str:
    """Whose a step is, in words."""
    rule, named = step.team_rule
    return {
        "routed": _("equipe da regra"),
        "triage": _("triagem do órgão"),
        "department": named.upper(),
        "area": _("equipe do órgão na área"),
        "team": named,
    }[rule]


def _step(step: Step, team: str, process: Process) -> dict[str, Any]:
    return {
        "step": step,
        "team": team,
        "share": round(100 * step.share),
        "starts": step.code in process.begins(),
        "outcomes": [(o.name, _leads(o, process)) for o in step.outcomes.values()],
    }


def _leads(outcome: Outcome, process: Process) -> str:
    ends = {RESOLVED: _("resolvido"), REJECTED: _("recusado")}
    return " + ".join(ends.get(code) or process.step(code).name for code in outcome.next)


def _version(version: Version) -> dict[str, Any]:
    names = {s.code: s.name for s in version.process.steps}
    return {
        "version": version,
        "added": [names[c] for c in version.added],
        "changed": [names[c] for c in version.changed],
        "removed": list(version.removed),
    }
