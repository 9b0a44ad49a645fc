"""POST of a partner: what became of a request that it has. Signed as Standard Webhooks has it."""

from typing import Any

import msgspec
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.utils.html import strip_tags
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from geo_central.kernel import clock
from geo_central.kernel.errors import Invalid, Malformed, TooLarge
from issues.intake.drafts import clean, refusal
from issues.interfaces import params
from issues.interfaces.limits import check_rate
from issues.lifecycle.photos import photo_file
from issues.lifecycle.protocol import parse
from issues.partners import operations
from issues.partners.links import photo_of
from issues.partners.operations import Update
from issues.partners.queries import secret_of
from issues.partners.signing import check
from issues.partners.words import KNOWN

LONGEST = 256 << 10
TYPES = ("request.updated", "ping")
_MOST_PICTURES = 5


class _Told(msgspec.Struct):
    """Fields beyond these are let be: what a partner adds for others is not ours to refuse."""

    service_request_id: str | int | None = None
    protocol: str | None = None
    update_id: str | int | None = None
    status: str | None = None
    description: str | None = None
    updated_datetime: str | None = None
    media_url: str | list[str] | None = None


class _Message(msgspec.Struct):
    type: str
    data: _Told = msgspec.field(default_factory=_Told)


@csrf_exempt
@never_cache
@require_POST
def partner(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one message. The same `webhook-id` or `update_id` again changes nothing.

    200 with `{"done": true}`, or `false` and `reason` where the request does not stand so that it could be
    done; its words are kept all the same. Raises Malformed, Invalid, Forbidden `webhook.*`, NotFound
    `partner.unknown` and `issue.unknown`, TooLarge `body.too_large`.
    """
    check_rate(request, "webhook")
    body = _body(request)
    now = clock.now()
    message_id = check(secret_of(slug), {k.lower(): v for k, v in request.headers.items()}, body, now)
    said = _read(body)
    if said.type not in TYPES:
        raise Invalid("field.not_a_choice", field="type", value=said.type[:40])
    if said.type == "ping":
        return JsonResponse({"done": True})
    failure = operations.told(slug, now=now, **_asked(said.data, message_id))
    return JsonResponse({"done": not failure, **({"reason": failure} if failure else {})})


@never_cache
@require_safe
def photo(request: HttpRequest, signed: str) -> FileResponse:
    """A picture by its signed address. Raises NotFound `not_found`, also once the address is over."""
    check_rate(request, "webhook")
    file = photo_file(photo_of(signed), thumbnail=False, every=True)
    response = FileResponse(file.path.open("rb"), content_type="image/jpeg")
    response["X-Robots-Tag"] = "noindex"
    return response


def _body(request: HttpRequest) -> bytes:
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST:
        raise TooLarge("body.too_large")
    body: bytes = request.read(LONGEST + 1)
    if len(body) > LONGEST:
        raise TooLarge("body.too_large")
    return body


def _read(body: bytes) -> _Message:
    try:
        return msgspec.json.decode(body, type=_Message)
    except msgspec.ValidationError as error:
        raise refusal(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed("body.not_json") from None


def _asked(given: _Told, message_id: str) -> dict[str, Any]:
    number = clean(_text(given.service_request_id), "service_request_id", limit=120, lines=False)
    protocol = clean(given.protocol, "protocol", limit=40, lines=False)
    if not number and not protocol:
        raise Malformed("field.required", field="service_request_id")
    status = clean(given.status, "status", limit=40, lines=False).lower() or "unchanged"
    if status not in KNOWN:
        raise Invalid("field.not_a_choice", field="status", value=status)
    words = strip_tags(clean(given.description, "description", limit=4000)).strip()
    shown = [given.media_url] if isinstance(given.media_url, str) else given.media_url or []
    update = Update(
        id=clean(_text(given.update_id), "update_id", limit=120, lines=False) or message_id,
        status=status,
        words=words,
        at=params.moment({"updated_datetime": given.updated_datetime or ""}, "updated_datetime"),
    )
    return {
        "number": number,
        "protocol": parse(protocol) if protocol else "",
        "update": update,
        "pictures": shown[:_MOST_PICTURES],
    }


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)
