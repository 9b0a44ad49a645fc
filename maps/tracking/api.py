"""The same events by asking again and again, for a browser that no stream reaches."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from geo_central.kernel.errors import Forbidden, Malformed, NotFound
from issues.lifecycle.queries import is_token
from issues.teams.queries import teams_of

from . import queries
from .feeds import read_commit, read_number
from .gate import Patience

AFTER = OpenApiParameter("after", str, description="The position of the last answer; only later events come.")
TEAM = OpenApiParameter("team", str, description="Slug of one team; every team of the reader without it.")
TOLD = {
    "type": "object",
    "required": ["events", "position"],
    "properties": {
        "events": {"type": "array", "items": {"type": "object"}},
        "position": {"type": "string", "description": "What to send as `after` next time."},
    },
}


def _problems(*statuses: int) -> dict[tuple[int, str], object]:
    problem = {"type": "object", "required": ["type", "title", "status", "code"]}
    return {(status, "application/problem+json"): problem for status in statuses}


class RequestEvents(APIView):
    """Public events of the request that a secret link follows."""

    authentication_classes = ()
    throttle_classes = (Patience,)

    @extend_schema(
        operation_id="request_events",
        summary="What happened to one request since a position",
        parameters=[AFTER],
        responses={(200, "application/json"): TOLD, **_problems(400, 404, 429)},
    )
    def get(self, request: Request, token: str) -> HttpResponse:
        after = read_number(request.query_params.get("after", "") or "0")
        if after is None:
            raise Malformed("cursor.bad", field="after")
        if not is_token(token):
            raise NotFound("issue.unknown", field="token")
        return _answer(queries.request_events(token, after))


class TeamEvents(APIView):
    """Events of the reader's teams, in the order of commits; what was routed away is `gone`."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)
    throttle_classes = (Patience,)

    @extend_schema(
        operation_id="team_events",
        summary="What happened to my teams' requests since a position; none without one",
        parameters=[AFTER, TEAM],
        responses={(200, "application/json"): TOLD, **_problems(400, 403, 429)},
    )
    def get(self, request: Request) -> HttpResponse:
        text = request.query_params.get("after", "")
        after = read_commit(text) if text else None
        if text and after is None:
            raise Malformed("cursor.bad", field="after")
        seen = queries.team_slugs(teams_of(request.user))
        slug = request.query_params.get("team", "")
        if slug and slug not in seen:
            raise Forbidden("auth.not_allowed")
        teams = frozenset([seen[slug]] if slug else seen.values())
        return _answer(queries.team_events(teams, after))


def _answer(told: queries.Told) -> HttpResponse:
    body = f'{{"events":[{",".join(told.events)}],"position":"{told.position}"}}'
    response = HttpResponse(body, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response
