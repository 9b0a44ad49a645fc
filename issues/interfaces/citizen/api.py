"""/api/v1: what citizens' programs use. Each view translates in, makes one call, translates out."""

from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from geo_central.kernel import clock
from geo_central.kernel.errors import Invalid, TooLarge
from geo_central.kernel.geo import parse_box
from issues.catalogue import queries as catalogue
from issues.intake import drafts, operations, photos, queries
from issues.interfaces import acts, params
from issues.interfaces.limits import check_rate
from issues.interfaces.wording import say_reason
from issues.lifecycle import queries as lifecycle
from issues.lifecycle.moderation.operations import MAY as MODERATORS
from issues.lifecycle.operations import act_as_reporter
from issues.lifecycle.photos import photo_file

from . import documents as doc

_encode = msgspec.json.Encoder().encode
PAGE = 500
BODY_LIMIT = 64 * 1024


def json_response(value: Any, status: int = 200) -> HttpResponse:
    """A value as JSON, by the fast encoder."""
    return HttpResponse(_encode(value), status=status, content_type="application/json")


def features(lines: tuple[str, ...], next_cursor: str | None) -> HttpResponse:
    """A FeatureCollection of features that PostgreSQL has written; `next` leads to the next page."""
    following = _encode(next_cursor).decode()
    body = f'{{"type":"FeatureCollection","next":{following},"features":[{",".join(lines)}]}}'
    return HttpResponse(body, content_type="application/geo+json")


class OneFormat(BaseContentNegotiation):
    """Each address speaks one format, whatever is asked for."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class Door(APIView):
    """An address of the public API: no session, so no cookie can act in somebody's name."""

    authentication_classes = ()
    content_negotiation_class = OneFormat


class Issues(Door):
    """File a request, or read the public map."""

    @extend_schema(
        operation_id="report_issue",
        summary="File a request",
        request=doc.IssueBody,
        responses={201: doc.ReceiptBody, 200: doc.ReceiptBody, **doc.problems(400, 413, 422, 429, 503)},
    )
    def post(self, request: Request) -> HttpResponse:
        check_rate(request, "report")
        draft = drafts.decode_draft(read_body(request, BODY_LIMIT))
        receipt = operations.report(draft=draft, now=clock.now())
        return json_response(receipt_body(receipt), 201 if receipt.created else 200)

    @extend_schema(
        operation_id="list_issues",
        summary="Requests in a rectangle, newest first (GeoJSON)",
        parameters=doc.LIST,
        responses={(200, "application/geo+json"): doc.PublicCollection, **doc.problems(400, 422)},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        codes = [c for c in params.text(query, "service", limit=2000).split(",") if c]
        states = [s for s in params.text(query, "state").split(",") if s]
        page = lifecycle.public_page(
            box=parse_box(params.text(query, "bbox")),
            services=[catalogue.service(code).id for code in codes] if codes else None,
            states=_states(states) if states else None,
            since=params.moment(query, "since"),
            after=params.cursor_at(query),
            limit=params.whole(query, "limit", default=PAGE, low=1, high=1000),
        )
        return features(page.features, params.make_cursor(page.next_key))


class Issue(Door):
    """One request, as the public may see it."""

    @extend_schema(
        operation_id="read_issue",
        summary="One request by protocol",
        responses={200: doc.IssueDocument, **doc.problems(400, 404, 429)},
    )
    def get(self, request: Request, protocol: str) -> HttpResponse:
        check_rate(request, "lookup")
        return json_response(issue_body(lifecycle.public_issue(protocol)))


class Acts(Door):
    """What the reporter does to their own request, by its secret link."""

    @extend_schema(
        operation_id="citizen_act",
        summary="Answer, confirm, reopen, cancel or comment on one's own request",
        request=acts.CitizenActBody,
        responses={
            201: acts.ActedDocument,
            200: acts.ActedDocument,
            **doc.problems(400, 403, 404, 409, 413, 422, 429),
        },
    )
    def post(self, request: Request, token: str) -> HttpResponse:
        check_rate(request, "report")
        asked = acts.read_act(read_body(request, BODY_LIMIT), acts.CitizenBody)
        done = act_as_reporter(token, now=clock.now(), **asked)
        return json_response(acts.acted_body(done), 201 if done.created else 200)


class Similar(Door):
    """Has somebody already told us?"""

    @extend_schema(
        operation_id="similar_issues",
        summary="Open requests of a service near a point, nearest first",
        parameters=[doc.SERVICE, *doc.POINT],
        responses={200: doc.SimilarList, **doc.problems(400, 422)},
    )
    def get(self, request: Request) -> HttpResponse:
        check_rate(request, "search")
        code = params.text(request.query_params, "service")
        if not code:
            raise Invalid("field.required", field="service")
        found = queries.similar(service_code=code, point=params.point(request.query_params))
        return json_response({"results": [{**_plain(s), "url": _page(s.protocol)} for s in found]})


class Services(Door):
    """The Carta de Serviços, or the services that some words ask for."""

    @extend_schema(
        operation_id="list_services",
        summary="Services; ranked by the words of `q` where given",
        parameters=doc.SERVICES,
        responses={200: doc.ServiceList, **doc.problems(400, 422, 429)},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        limit = params.whole(query, "limit", default=5, low=1, high=50)
        if words := params.text(query, "q"):
            check_rate(request, "search")
            return json_response({"results": [_plain(s) for s in catalogue.search(words, limit)]})
        theme = params.text(query, "theme")
        listed = catalogue.services(theme=theme or None)
        return json_response({"results": [_service(s) for s in listed]})


class Service(Door):
    """One service with its questions."""

    @extend_schema(
        operation_id="read_service",
        summary="One service",
        responses={200: doc.ServiceDocument, **doc.problems(422)},
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        service = catalogue.service(code)
        return json_response({**_service(service), "questions": [_plain(q) for q in service.questions]})


class Upload(Door):
    """A photo under an id made by the client."""

    @extend_schema(
        operation_id="upload_photo",
        summary="Send a photo; name its id in the report",
        request={
            "image/jpeg": doc.BINARY,
            "image/png": doc.BINARY,
            "image/webp": doc.BINARY,
            "image/heic": doc.BINARY,
        },
        responses={201: doc.PhotoDocument, 200: doc.PhotoDocument, **doc.problems(409, 413, 415, 422, 429)},
    )
    def put(self, request: Request, photo_id: UUID) -> HttpResponse:
        check_rate(request, "upload")
        stored = photos.store_photo(photo_id=photo_id, content=read_photo(request), now=clock.now())
        body = {
            "id": stored.id,
            "width": stored.width,
            "height": stored.height,
            "size": stored.size,
            "place": {"lat": stored.place.lat, "lng": stored.place.lng} if stored.place else None,
        }
        return json_response(body, 201 if stored.created else 200)


@extend_schema(exclude=True)
def photo(request: HttpRequest, photo_id: UUID, size: str) -> HttpResponse | FileResponse:
    """A picture: moderated ones for all, others for the reporter's link (`?s=`), the team and moderators."""
    teams: tuple[int, ...] = ()
    if request.user.is_authenticated:
        from issues.teams.queries import teams_of

        teams = teams_of(request.user)
    file = photo_file(
        photo_id,
        thumbnail=size == "thumb",
        token=request.GET.get("s", "")[:32],
        team_ids=teams,
        every=getattr(request.user, "role", "") in MODERATORS,
    )
    response = FileResponse(file.path.open("rb"), content_type="image/jpeg")
    response["Cache-Control"] = "public, max-age=86400" if file.is_public else "private, no-store"
    return response


def read_body(request: Request, limit: int) -> bytes:
    """The raw body. Raises TooLarge `body.too_large` beyond `limit` bytes, without reading more."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise TooLarge("body.too_large")
    body: bytes = request._request.read(limit + 1)
    if len(body) > limit:
        raise TooLarge("body.too_large")
    return body


def read_photo(request: Request) -> bytes:
    """The bytes of a photo, refused early where too many are announced."""
    limit = settings.PHOTO_MAX_BYTES
    try:
        return read_body(request, limit)
    except TooLarge:
        raise TooLarge("photo.too_large", field="photo", limit_mb=limit >> 20) from None


def receipt_body(receipt: operations.Receipt) -> dict[str, Any]:
    """The document that answers a report."""
    return {
        "protocol": receipt.protocol,
        "token": receipt.token,
        "url": absolute(reverse("citizen:follow", args=[receipt.token])),
        "service": receipt.service,
        "service_name": receipt.service_name,
        "team": receipt.team_name,
        "department": receipt.department_name,
        "due_at": receipt.due_at,
        "address": receipt.address,
        "reasons": [say_reason(r) for r in receipt.reasons],
        "duplicates_of": receipt.duplicates_of,
    }


def issue_body(issue: lifecycle.PublicIssue) -> dict[str, Any]:
    """A public request as a document."""
    body = _plain(issue)
    point = body.pop("point")
    body["lat"], body["lng"] = (point.lat, point.lng) if point else (None, None)
    body["url"] = _page(issue.protocol)
    body["photos"] = [
        {
            **_plain(p),
            "url": absolute(reverse("citizen:photo", args=[p.id, "full"])),
            "thumbnail": absolute(reverse("citizen:photo", args=[p.id, "thumb"])),
        }
        for p in issue.photos
    ]
    body["events"] = [_plain(e) for e in issue.events]
    return body


def absolute(path: str) -> str:
    """An address with the public origin where one is set."""
    return f"{settings.PUBLIC_URL}{path}"


def _page(protocol: str) -> str:
    return absolute(reverse("citizen:issue", args=[protocol]))


def _states(words: list[str]) -> list[str]:
    known = {"open": lifecycle.OPEN_STATES, "closed": lifecycle.CLOSED_STATES}
    states: list[str] = []
    for word in words:
        if word not in known and word not in lifecycle.STATES:
            raise Invalid("field.not_a_choice", field="state", value=word[:40])
        states.extend(known.get(word, (word,)))
    return states


def _plain(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _service(service: catalogue.ServiceRow) -> dict[str, Any]:
    hidden = {"id", "theme_id", "department_id", "questions", "is_active", "moderation", "popularity"}
    return {k: v for k, v in _plain(service).items() if k not in hidden}
