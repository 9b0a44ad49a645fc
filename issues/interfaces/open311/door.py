"""What every address of Open311 has in common: its form, its jurisdiction, its errors."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from geo_central.kernel.errors import DomainError, Forbidden, Limited, Malformed, NotFound, Unready
from issues.interfaces.params import text

from .rendering import MEDIA_TYPES, rendered, streamed

View = Callable[..., HttpResponseBase]
_WHOLE = 200  # rows: beyond, an answer is sent in pieces
# 404: it does not exist; 403: the key; 400: everything else. Beyond the standard only what says: later.
_STATUS: dict[type[DomainError], int] = {NotFound: 404, Forbidden: 403, Limited: 429, Unready: 503}

# As our fields are called here.
_FIELDS = {
    "lng": "long",
    "service": "service_code",
    "protocol": "service_request_id",
    "contact.email": "email",
    "contact.phone": "phone",
    "contact.name": "first_name",
    "photos": "media",
    "photo": "media",
}


def door(*methods: str) -> Callable[[View], View]:
    """An address in both forms. Its view is called with `form`; whatever it raises is told in that form.

    Refuses other methods, and a `jurisdiction_id` that is not this city's (NotFound).
    """

    def made(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, form: str, **kwargs: Any) -> HttpResponseBase:
            # What goes wrong is worded by the one table of problems, and written by this.
            request.write_problem = writer(form)  # type: ignore[attr-defined]
            if request.method == "OPTIONS":
                response: HttpResponseBase = HttpResponse(status=204)
                response["Access-Control-Allow-Methods"] = ", ".join(methods)
                response["Access-Control-Allow-Headers"] = "Content-Type, Idempotency-Key"
            elif request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
                raise Malformed("method_not_allowed", method=request.method)
            else:
                _check_jurisdiction(request)
                response = view(request, *args, form=form, **kwargs)
            response["Access-Control-Allow-Origin"] = "*"
            return response

        return answered

    return made


def answer(name: str, content: Any, form: str) -> HttpResponse:
    """A resource, whole."""
    return HttpResponse(rendered(name, content, form), content_type=MEDIA_TYPES[form])


def answer_list(name: str, content: Sequence[Mapping[str, Any]], form: str) -> HttpResponseBase:
    """A list; a long one in pieces."""
    if len(content) <= _WHOLE:
        return answer(name, content, form)
    return StreamingHttpResponse(streamed(name, content, form), content_type=MEDIA_TYPES[form])


def writer(form: str) -> Callable[[DomainError, str], HttpResponse]:
    """Writes an error with its sentence: `[{code, description}]`, or `<errors><error>…`."""

    def write(error: DomainError, sentence: str) -> HttpResponse:
        status = next((s for kind, s in _STATUS.items() if isinstance(error, kind)), 400)
        field = _FIELDS.get(error.field or "", error.field or "")
        if field.startswith("answers."):
            field = f"attribute[{field.removeprefix('answers.')}]"
        said = [{"code": status, "description": f"{field}: {sentence}" if field else sentence}]
        response = HttpResponse(rendered("errors", said, form), status=status, content_type=MEDIA_TYPES[form])
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return write


def _check_jurisdiction(request: HttpRequest) -> None:
    for given in (request.GET, request.POST if request.method == "POST" else {}):
        asked = text(given, "jurisdiction_id")
        if asked and asked != (settings.CITY.jurisdiction or asked):
            raise NotFound("jurisdiction.unknown", field="jurisdiction_id", value=asked[:80])
