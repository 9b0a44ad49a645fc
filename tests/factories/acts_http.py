"""Acts as programs send them, who sends them, and requests to do them to."""

import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client

from geo_central.kernel import clock
from issues.catalogue.queries import process_of
from issues.lifecycle.models import Event, Issue, IssueStep
from issues.lifecycle.states import CLOSED
from issues.teams.models import Membership, Team
from tests.factories.acts import person, photo, team
from tests.factories.reports import CENTRE, issue

NOTED = ("ask", "answer", "restore", "comment", "note", "parts")
TEAM = "smsurb-conservacao-16"
OTHER_TEAM = "smsurb-triagem"


def pothole(state: str = "assigned", of: Team | None = None) -> Issue:
    """A pothole of TEAM (or another) in that state, opened yesterday, done in one piece."""
    now = clock.now()
    return issue(
        of or team(TEAM), state=state, opened_at=now - timedelta(days=1), due_at=now + timedelta(days=9),
        closed_at=now - timedelta(hours=1) if state in CLOSED else None,
        resumes_as="scheduled" if state == "waiting" else "",
    )  # fmt: skip


def by_steps(row: Issue) -> Issue:
    """The same request, done by the process of its service, at its first step (vistoria)."""
    row.process_version_id = process_of(row.service_id).id
    row.save(update_fields=["process_version_id"])
    IssueStep.objects.create(
        issue=row, code="vistoria", name="Vistoria", team=row.team, opened_at=row.opened_at,
        due_at=row.due_at, **({"state": "skipped", "closed_at": row.closed_at} if row.closed_at else {}),
    )  # fmt: skip
    return row


def signed_in(who: str) -> Client:
    """Somebody's program: `crew` and `leader` of TEAM, a `stranger` of OTHER_TEAM, or staff by role."""
    client = Client()
    if who in ("nobody", "reporter"):
        return client
    user = person("crew" if who in ("crew", "leader", "stranger") else who)
    if user.role == "crew":
        own = team(OTHER_TEAM if who == "stranger" else TEAM)
        Membership.objects.create(user=user, team=own, is_leader=who == "leader")
    client.force_login(user)
    return client


def body(action: Any, **facts: Any) -> dict[str, Any]:
    """An act under a fresh id."""
    return {"client_id": str(uuid.uuid4()), "action": action, **facts}


def proof(**changes: Any) -> dict[str, Any]:
    """A photo, and a position at the pothole."""
    given = {"photos": [str(photo())], "lat": CENTRE.lat, "lng": CENTRE.lng, "accuracy_m": 5}
    return {**given, **changes}


def complete_body(row: Issue, action: str, original: Issue) -> dict[str, Any]:
    """An act with all that it needs."""
    needs: dict[str, dict[str, Any]] = {
        "assign": {"team": OTHER_TEAM},
        "schedule": {"on": str(clock.now().date() + timedelta(days=2))},
        "extend": {"reason": "weather", "until": (row.due_at + timedelta(days=2)).isoformat()},
        "complete": {"step": "vistoria", "outcome": "rede-rompida"},
        "cannot_do": {"reason": "unsafe"},
        "reject": {"reason": "not_found", "note": "Não há buraco."},
        "duplicate": {"original": original.protocol},
    }
    if action == "resolve":
        return body(action, proof=proof())
    return body(action, **needs.get(action, {"note": "Algumas palavras."} if action in NOTED else {}))


def send(client: Client, row: Issue, given: Any, *, token: str = "") -> HttpResponse:
    """The answer to an act on that request: by staff, or by whoever holds the secret link."""
    address = f"/api/v1/requests/{token}/acts/" if token else f"/api/v1/crew/issues/{row.protocol}/acts/"
    return client.post(address, given, content_type="application/json")


def problem(answer: HttpResponse) -> dict[str, Any]:
    """The refusal, which is a problem document."""
    assert answer["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    return found


def told(row: Issue) -> int:
    """How many events the request has."""
    return Event.objects.filter(issue=row).count()
