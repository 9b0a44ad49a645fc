"""/api/v1/crew: what a phone carries into the street, and what it brings back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import msgspec
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, Invalid, Malformed
from geo_central.kernel.geo import parse_lnglat
from issues.crew import area, queries
from issues.crew.moments import DeviceTime
from issues.crew.syncing import Answer, SentAct, apply
from issues.intake.drafts import clean, parse_uuid
from issues.interfaces import params
from issues.interfaces.acts import StaffBody, acted_body, actor_of, read_act
from issues.interfaces.citizen import documents as doc
from issues.interfaces.citizen.api import OneFormat, json_response, read_body
from issues.interfaces.wording import say_action, say_state
from issues.lifecycle.protocol import parse
from issues.lifecycle.states import STATES
from issues.teams.models import User
from issues.teams.queries import teams_of

from . import documents

BATCH = 50
BODY_LIMIT = 256 * 1024
_WAITING = _("Esperando resposta de quem pediu")  # the common words speak to whoever asked
_OWN_KEYS = ("protocol", "at", "heard", "heard_at")


class Staff(APIView):
    """An address for people who have signed in."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)
    content_negotiation_class = OneFormat


class Me(Staff):
    """Who this phone is signed in as, the server's clock, and what is done in the street."""

    @extend_schema(
        operation_id="crew_me",
        summary="Who I am, my teams, the acts of the street and the server's clock",
        responses={200: documents.MeDocument, **doc.problems(403)},
    )
    def get(self, request: Request) -> HttpResponse:
        user = cast(User, request.user)  # IsAuthenticated has seen to it
        body = {
            "user": {"id": user.pk, "username": user.get_username(), "name": user.get_full_name()},
            "csrf": get_token(request._request),
            "now": clock.now(),
            "teams": [{"slug": t.slug, "name": t.name} for t in area.my_teams(teams_of(user))],
            "acts": [{**_plain(a), "words": say_action(a.action)} for a in area.field_acts()],
            "states": {**{state: say_state(state) for state in STATES}, "waiting": str(_WAITING)},
        }
        return _unkept(json_response(body))


class Area(Staff):
    """The day's area."""

    @extend_schema(
        operation_id="crew_area",
        summary="Open requests around me with all that is needed to work on them offline (GeoJSON)",
        parameters=documents.AREA,
        responses={(200, "application/geo+json"): documents.AreaCollection, **doc.problems(400, 403, 422)},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        teams = area.my_teams(teams_of(request.user))
        found = area.area(
            by=actor_of(request.user),
            team_ids=area.chosen(teams, params.text(query, "team")),
            point=params.point(query),
            radius_m=params.whole(query, "radius", default=3000, low=1, high=queries.RADIUS_LIMIT_M),
            now=clock.now(),
        )
        whole = "true" if found.is_whole else "false"
        body = f'{{"type":"FeatureCollection","is_whole":{whole},"features":[{",".join(found.features)}]}}'
        return _unkept(HttpResponse(body, content_type="application/geo+json"))


class Sync(Staff):
    """Acts that were done without a connection."""

    @extend_schema(
        operation_id="crew_sync",
        summary="Up to 50 acts in their order, each done once; an answer for each",
        request=documents.SyncBody,
        responses={200: documents.SyncDocument, **doc.problems(400, 403, 413, 422)},
    )
    def post(self, request: Request) -> HttpResponse:
        batch = read_batch(read_body(request, BODY_LIMIT))
        now = clock.now()
        answers = apply(batch, by=actor_of(request.user), now=now)
        results = [self._result(a) for a in answers]
        return _unkept(json_response({"now": now, "results": results}))

    def _result(self, answer: Answer) -> dict[str, Any]:
        body: dict[str, Any] = {
            "client_id": answer.client_id,
            "protocol": answer.protocol,
            "status": answer.status,
        }
        if answer.acted:
            body["acted"] = acted_body(answer.acted)
        if answer.error:  # worded as it would be if it were the only one
            problem = self.get_exception_handler()(answer.error, self.get_exception_handler_context())
            body["problem"] = problem.data if problem else None
        if standing := answer.standing:
            body["standing"] = {**_plain(standing), "state_words": say_state(standing.state)}
        return body


class _Batch(msgspec.Struct, forbid_unknown_fields=True):
    sent_at: int
    acts: list[msgspec.Raw]


def read_batch(body: bytes) -> list[SentAct]:
    """The acts of a batch. One that cannot be read carries its error and spoils no other.

    Raises Malformed `body.*`, Invalid `sync.too_many`.
    """
    try:
        given = msgspec.json.decode(body, type=_Batch)
        acts = [msgspec.json.decode(raw, type=dict[str, Any]) for raw in given.acts]
    except msgspec.ValidationError as error:
        raise Malformed("body.bad_value", why=str(error)[:200]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed("body.not_json") from None
    if len(acts) > BATCH:
        raise Invalid("sync.too_many", field="acts", limit=BATCH)
    return [_sent(act, given.sent_at) for act in acts]


def _sent(given: dict[str, Any], sent_at: int) -> SentAct:
    client_id, protocol = (str(given.get(k) or "")[:60] for k in ("client_id", "protocol"))
    try:
        protocol = parse(protocol)
        own = _Own(**{k: given.pop(k, None) for k in _OWN_KEYS})
        return SentAct(client_id, protocol, _asked(given), own.device(sent_at))
    except DomainError as error:
        return SentAct(client_id, protocol, {}, None, error)


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    if given.get("action") != "move":
        return read_act(msgspec.json.encode(given), StaffBody)
    return {
        "action": "move",
        "client_id": parse_uuid(str(given.get("client_id") or ""), "client_id"),
        "point": parse_lnglat(given.get("lng"), given.get("lat")),
        "note": clean(str(given.get("note") or ""), "note", limit=4000),
    }


@dataclass(frozen=True, slots=True)
class _Own:
    """What an act of a batch says besides the act itself."""

    protocol: Any
    at: Any
    heard: Any
    heard_at: Any

    def device(self, sent_at: int) -> DeviceTime:
        """Raises Invalid `field.not_a_number`, `field.not_a_date`."""
        return DeviceTime(
            _milliseconds(self.at, "at"),
            sent_at,
            None if self.heard is None else _milliseconds(self.heard, "heard"),
            None if self.heard_at is None else _moment(self.heard_at),
        )


def _milliseconds(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e16:
        raise Invalid("field.not_a_number", field=name)
    return int(value)


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise Invalid("field.not_a_date", field="heard_at") from None
    if moment.tzinfo is None:
        raise Invalid("field.not_a_date", field="heard_at")
    return moment


def _plain(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _unkept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
