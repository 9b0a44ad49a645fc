"""/api/v1/crew: what a crew's phone asks. Staff only; a crew sees the work of its own teams."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from geo_central.kernel import clock
from issues.crew import queries
from issues.interfaces import params
from issues.interfaces.acts import ActedDocument, StaffActBody, StaffBody, acted_body, actor_of, read_act
from issues.interfaces.citizen import documents as doc
from issues.interfaces.citizen.api import BODY_LIMIT, OneFormat, features, json_response, read_body
from issues.lifecycle.operations import act_on
from issues.teams.queries import teams_of


class Near(APIView):
    """Open requests of my teams around a point."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)
    content_negotiation_class = OneFormat

    @extend_schema(
        operation_id="crew_issues",
        summary="Open requests near me, nearest or soonest due first (GeoJSON)",
        parameters=doc.NEAR,
        responses={(200, "application/geo+json"): doc.Collection, **doc.problems(400, 403, 422)},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        by_due = params.choice(query, "order", ("distance", "due"), default="distance") == "due"
        page = queries.near(
            team_ids=teams_of(request.user),
            point=params.point(query),
            radius_m=params.whole(query, "radius", default=3000, low=1, high=queries.RADIUS_LIMIT_M),
            limit=params.whole(query, "limit", default=50, low=1, high=queries.PAGE_LIMIT),
            by_due=by_due,
            after=params.cursor_at(query) if by_due else params.cursor_metres(query),
            now=clock.now(),
        )
        return features(page.features, params.make_cursor(page.next_key))


class Acts(APIView):
    """What a member of staff does to a request: crews to those of their teams."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)
    content_negotiation_class = OneFormat

    @extend_schema(
        operation_id="crew_act",
        summary="Do something to a request: assign, start, ask, resolve with proof…",
        request=StaffActBody,
        responses={
            201: ActedDocument,
            200: ActedDocument,
            **doc.problems(400, 403, 404, 409, 413, 422),
        },
    )
    def post(self, request: Request, protocol: str) -> HttpResponse:
        asked = read_act(read_body(request, BODY_LIMIT), StaffBody)
        done = act_on(protocol, by=actor_of(request.user), now=clock.now(), **asked)
        return json_response(acted_body(done), 201 if done.created else 200)
