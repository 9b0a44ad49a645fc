"""THE table from domain errors to HTTP, and its rendering as problem+json (RFC 9457)."""

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from rest_framework import exceptions as drf
from rest_framework.response import Response

from geo_central.kernel import errors

from .words import FAILURE, say

STATUS: dict[type[errors.DomainError], int] = {
    errors.Malformed: 400,
    errors.Invalid: 422,
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.Unsupported: 415,
    errors.Limited: 429,
    errors.Unready: 503,
}


def status_of(error: errors.DomainError) -> int:
    """The HTTP status of a domain error."""
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def body_of(error: errors.DomainError) -> dict[str, Any]:
    """The members of the problem document: type, title, status, code, field and the error's data."""
    body: dict[str, Any] = {
        "type": f"/docs/errors#{error.code}",
        "title": say(error),
        "status": status_of(error),
        "code": error.code,
    }
    if error.field:
        body["field"] = error.field
    if error.data:
        body["data"] = error.data
    return body


def response_for(request: HttpRequest, error: errors.DomainError) -> HttpResponse:
    """problem+json for programs, a page for people; a room with a standard of its own writes it by that."""
    status = status_of(error)
    if write := getattr(request, "write_problem", None):
        response: HttpResponse = write(error, say(error))
    elif wants_page(request):
        response = render(request, "problem.html", {"error": error, "status": status}, status=status)
    else:
        response = JsonResponse(body_of(error), status=status, content_type="application/problem+json")
    if isinstance(error, errors.Limited):
        response["Retry-After"] = str(error.data.get("retry_after", 60))
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What an address that leads nowhere answers."""
    if wants_page(request):
        return render(request, "404.html", status=404)
    return response_for(request, errors.NotFound("not_found"))


def failed(request: HttpRequest) -> HttpResponse:
    """What a failure that nobody anticipated answers; the log has the rest."""
    if wants_page(request):
        return HttpResponse(get_template("500.html").render(), status=500)
    body = {"type": "/docs/errors#failure", "title": str(FAILURE), "status": 500, "code": "failure"}
    return JsonResponse(body, status=500, content_type="application/problem+json")


def wants_page(request: HttpRequest) -> bool:
    """Whether the reader is a browser showing a page."""
    if request.path.startswith(("/api/", "/tiles/")):
        return False
    return "text/html" in request.headers.get("Accept", "")


def drf_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler: the same table for its own exceptions."""
    error = _translate(exc)
    if error is None:
        return None
    response = Response(body_of(error), status=status_of(error), content_type="application/problem+json")
    if isinstance(error, errors.Limited):
        response["Retry-After"] = str(error.data.get("retry_after", 60))
    return response


def _translate(exc: Exception) -> errors.DomainError | None:
    match exc:
        case errors.DomainError():
            return exc
        case drf.NotAuthenticated() | drf.AuthenticationFailed():
            return errors.Forbidden("auth.needed")
        case drf.PermissionDenied() | PermissionDenied():
            return errors.Forbidden("auth.not_allowed")
        case drf.NotFound() | Http404():
            return errors.NotFound("not_found")
        case drf.MethodNotAllowed():
            return _Method("method_not_allowed", method=exc.args[0] if exc.args else "")
        case drf.UnsupportedMediaType():
            return errors.Unsupported("body.media_type")
        case drf.ParseError():
            return errors.Malformed("body.not_json")
        case RequestDataTooBig():
            return errors.TooLarge("body.too_large")
        case drf.Throttled():
            return errors.Limited("too_many", retry_after=int(getattr(exc, "wait", None) or 60))
        case drf.NotAcceptable():
            return _Acceptable("not_acceptable")
    return None


class _Method(errors.DomainError):
    """The address exists, the verb does not."""


class _Acceptable(errors.DomainError):
    """The address cannot speak the format asked for."""


STATUS[_Method] = 405
STATUS[_Acceptable] = 406
