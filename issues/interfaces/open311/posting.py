"""POST requests: a report by somebody else's program, through the one door.

The test endpoint goes the same way and keeps nothing: no number is taken, no team hears of it.
"""

import re
import uuid
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from geo_central.kernel import clock
from geo_central.kernel.errors import Invalid, Limited, Malformed, NotFound, TooLarge
from geo_central.kernel.geo import LngLat, parse_lnglat
from issues.catalogue.queries import service as service_of
from issues.intake import drafts, operations, photos
from issues.interfaces.params import text
from issues.teams.keys import Key, use
from layers.queries import search_address

from .door import answer

_ATTRIBUTE = re.compile(r"attribute\[([^\]]{1,60})\](\[\])?")
_MINUTE = 60
CHANNEL = "open311"


def given_key(request: HttpRequest, scope: str) -> Key:
    """Whose call this is: `api_key` in the body or in the address. Raises as `keys.use`, and Limited."""
    secret = text(request.POST, "api_key") or text(request.GET, "api_key")
    now = clock.now()
    key = use(secret, scope, now=now)
    if key.quota:
        window, into = divmod(int(now.timestamp()), _MINUTE)
        name = f"key:{key.id}:{window}"
        cache.add(name, 0, _MINUTE)
        try:
            count = cache.incr(name)
        except ValueError:  # evicted in between: the window starts again
            count = 1
        if count > key.quota:
            raise Limited("too_many", retry_after=_MINUTE - into)
    return key


def reported(request: HttpRequest, *, form: str, test: bool) -> HttpResponseBase:
    """The number of the new request, and who looks after it by when."""
    key = given_key(request, "report")
    draft = _draft(request, key)
    now = clock.now()
    with transaction.atomic():
        sent = tuple(pictures(request, test=test))
        try:
            receipt = operations.report(draft=replace(draft, photos=sent), now=now)
        except Invalid as error:
            if error.code.startswith("service."):
                raise NotFound(error.code, field="service_code") from None
            raise
        if test:
            transaction.set_rollback(True)
    notice = _("Encaminhado a %(team)s, prazo %(due)s.") % {
        "team": receipt.team_name,
        "due": receipt.due_at.astimezone(clock.city_zone()).strftime("%d/%m/%Y"),
    }
    told = {"service_request_id": receipt.protocol, "service_notice": notice, "account_id": None}
    return answer("service_requests", [told], form)


def _draft(request: HttpRequest, key: Key) -> drafts.IssueDraft:
    given = request.POST
    code = text(given, "service_code", limit=64)
    if not code:
        raise Malformed("field.required", field="service_code")
    point = _point(given)
    name = " ".join(filter(None, (text(given, "first_name"), text(given, "last_name"))))
    contact = {"name": name, "email": text(given, "email", limit=254), "phone": text(given, "phone")}
    return drafts.parse_draft(
        {
            "client_id": str(_client_id(request, key)),
            "service": code,
            "lat": point.lat if point else None,
            "lng": point.lng if point else None,
            "description": strip_tags(given.get("description", "")) or None,
            "answers": _answers(given, code),
            "contact": contact if any(contact.values()) else None,
            "channel": CHANNEL,
        }
    )


def _client_id(request: HttpRequest, key: Key) -> uuid.UUID:
    """The same for the same Idempotency-Key of the same key; without one, every call is another report."""
    told = request.headers.get("Idempotency-Key", "")[:200]
    return uuid.uuid5(uuid.NAMESPACE_URL, f"open311:{key.id}:{told}") if told else uuid.uuid4()


def _point(given: QueryDict) -> LngLat | None:
    """Where it is: `lat` and `long`, or what the words of `address_string` mean first. None where nothing
    is said: whether the service needs a place is for the one door to say."""
    lat, lng = given.get("lat"), given.get("long")
    if lat or lng:
        return parse_lnglat(lng, lat)
    words = text(given, "address_string")
    if not words:
        if text(given, "address_id"):  # we give none out
            raise Invalid("address.not_found", field="address_id")
        return None
    found = search_address(words, limit=1)
    if not found:
        raise Invalid("address.not_found", field="address_string")
    return LngLat(found[0].lng, found[0].lat)


def _answers(given: QueryDict, code: str) -> dict[str, Any]:
    """`attribute[code]=v`, or several as `attribute[code][]=v`; what the service does not ask is let be."""
    named = [(name, match) for name in given if (match := _ATTRIBUTE.fullmatch(name))]
    asked = _asked(code) if named else {}
    answers: dict[str, Any] = {}
    for name, match in named:
        if match[1] not in asked:
            continue
        values = [v for v in given.getlist(name) if v.strip()]
        if not values:
            continue
        many = asked[match[1]] == "multivaluelist"
        answers[match[1]] = [*answers.get(match[1], []), *values] if many else values[-1]
    return answers


def _asked(code: str) -> dict[str, str]:
    """What a service asks, and of which kind it is. NotFound where there is no such service."""
    try:
        return {q.code: q.datatype for q in service_of(code).questions}
    except Invalid as error:
        raise NotFound(error.code, field="service_code") from None


def pictures(request: HttpRequest, *, test: bool) -> list[uuid.UUID]:
    """Files of any name, as clients call them: media, media[], file_1, photo1."""
    files = [f for name in request.FILES for f in request.FILES.getlist(name)]
    if len(files) > drafts.PHOTO_LIMIT:
        raise Invalid("photo.too_many", field="photos", limit=drafts.PHOTO_LIMIT)
    kept = []
    for file in files:
        if file.size is not None and file.size > settings.PHOTO_MAX_BYTES:
            raise TooLarge("photo.too_large", field="photo", limit_mb=settings.PHOTO_MAX_BYTES >> 20)
        if test:
            continue
        stored = photos.store_photo(photo_id=uuid.uuid4(), content=file.read(), now=clock.now())
        kept.append(stored.id)
    return kept
