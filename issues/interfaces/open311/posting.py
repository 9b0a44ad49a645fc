"""POST requests: a report by somebody else's program, through the one door.

The test endpoint goes the same way and keeps nothing: no number is taken, no team hears of it.
"""

import re
import uuid
from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from procrastinate.exceptions import AlreadyEnqueued

from geo_central.kernel import clock
from geo_central.kernel.errors import Invalid, Malformed, NotFound, TooLarge
from geo_central.kernel.geo import LngLat, parse_lnglat
from issues.catalogue.queries import open311_types
from issues.catalogue.queries import service as service_of
from issues.intake import drafts, operations, photos
from issues.intake.deferred import pending
from issues.intake.deferred.pictures import is_address, picture_in, want
from issues.interfaces.limits import count
from issues.interfaces.params import text
from issues.teams.keys import Key, use
from layers.queries import address_by_id, search_address

from .door import answer

_BETWEEN = re.compile(r"[\s,]+(?=https?://|$)")
_ATTRIBUTE = re.compile(r"attribute\[([^\]]{1,60})\](\[\])?")
CHANNEL = "open311"
KINDS = "open311-types"


def given_key(request: HttpRequest, scope: str) -> Key:
    """Whose call this is: `api_key` in the body or in the address. Raises as `keys.use`, and Limited."""
    secret = text(request.POST, "api_key") or text(request.GET, "api_key")
    key = use(secret, scope, now=clock.now())
    count(f"key:{key.id}", key.quota)
    return key


def reported(request: HttpRequest, *, form: str, test: bool) -> HttpResponseBase:
    """The number of the new request, and who looks after it by when; a token where the number comes later
    (batch), and neither where there is none to tell (blackbox).
    """
    key = given_key(request, "report")
    # The same for the same Idempotency-Key of a key at an endpoint; else every call is another report.
    told = request.headers.get("Idempotency-Key", "")[:200]
    room = "open311-test" if test else "open311"
    client_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{room}:{key.id}:{told}") if told else uuid.uuid4()
    draft = _draft(request, client_id)
    wanted = [] if test else _wanted(request.POST)
    if not test:
        kept = pictures(request, of=client_id, besides=len(wanted))
        draft = replace(draft, photos=kept + _brought(wanted, client_id))
    try:
        filed = _filed(draft, [w for w in wanted if isinstance(w, str)], test=test)
    except Invalid as error:
        if error.code.startswith("service."):
            raise NotFound(error.code, field="service_code") from None
        raise
    return answer("service_requests", [{**filed, "account_id": None}], form)


def _filed(draft: drafts.IssueDraft, wanted: list[str], *, test: bool) -> dict[str, Any]:
    kinds: dict[str, str] = cache.get_or_set(KINDS, open311_types, 60) or {}
    kind, now = kinds.get(draft.service, "realtime"), clock.now()
    if kind == "batch" and not test:
        token = pending.take(draft, now=now)
        want(wanted, client_id=draft.client_id, now=now)
        transaction.on_commit(soon)
        return {"token": token, "service_notice": _("O número do pedido sai em instantes.")}
    with transaction.atomic():
        receipt = operations.report(draft=draft, now=now)
        if wanted and receipt.created:
            want(wanted, client_id=draft.client_id, now=now)
        transaction.set_rollback(test)
    notice = _("Encaminhado a %(team)s, prazo %(due)s.") % {
        "team": receipt.team_name,
        "due": receipt.due_at.astimezone(clock.city_zone()).strftime("%d/%m/%Y"),
    }
    if kind == "blackbox":
        return {"service_notice": notice}
    return {"service_request_id": receipt.protocol, "service_notice": notice}


def soon() -> None:
    """Have the reports that wait filed now, not at the next full minute."""
    from issues.interfaces.tasks import file_reports  # jobs know every room; this one knows few

    with suppress(AlreadyEnqueued):
        file_reports.configure().defer(timestamp=int(clock.now().timestamp()))


def _draft(request: HttpRequest, client_id: uuid.UUID) -> drafts.IssueDraft:
    given = request.POST
    code = text(given, "service_code", limit=64)
    if not code:
        raise Malformed("field.required", field="service_code")
    point = _point(given)
    name = " ".join(filter(None, (text(given, "first_name"), text(given, "last_name"))))
    contact = {"name": name, "email": text(given, "email", limit=254), "phone": text(given, "phone")}
    return drafts.parse_draft(
        {
            "client_id": str(client_id),
            "service": code,
            "lat": point.lat if point else None,
            "lng": point.lng if point else None,
            "description": strip_tags(given.get("description", "")) or None,
            "answers": _answers(given, code),
            "contact": contact if any(contact.values()) else None,
            "channel": CHANNEL,
        }
    )


def _point(given: QueryDict) -> LngLat | None:
    """Where it is: `lat` and `long`, else the address of `address_id`, else what the words of
    `address_string` mean first. None where nothing is said: whether the service needs a place is for the
    one door to say.
    """
    lat, lng = given.get("lat"), given.get("long")
    if lat or lng:
        return parse_lnglat(lng, lat)
    if name := text(given, "address_id"):
        if (known := address_by_id(name)) is None:
            raise Invalid("address.not_found", field="address_id")
        return LngLat(known.lng, known.lat)
    words = text(given, "address_string")
    if not words:
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
        return {q.code: q.datatype for q in service_of(code).questions if q.is_asked}
    except Invalid as error:
        raise NotFound(error.code, field="service_code") from None


def _wanted(given: QueryDict) -> list[str | bytes]:
    """What `media_url` names, however often it is given and in a list by commas or lines: addresses to
    fetch, and pictures that the address itself holds. Raises Invalid `photo.bad_address`.
    """
    wanted: list[str | bytes] = []
    for said in given.getlist("media_url") + given.getlist("media_url[]"):
        held = picture_in(said.strip())
        for address in [said.strip()] if held is not None else _BETWEEN.split(said):
            if held is None and address and not is_address(address):
                raise Invalid("photo.bad_address", field="media_url", value=address[:80])
            if address:
                wanted.append(held if held is not None else address)
    return wanted


def _brought(wanted: list[str | bytes], of: uuid.UUID) -> tuple[uuid.UUID, ...]:
    """Pictures that came within their addresses."""
    now = clock.now()
    held = (w for w in wanted if isinstance(w, bytes))
    return tuple(
        photos.store_photo(photo_id=uuid.uuid5(of, f"data:{n}"), content=content, now=now).id
        for n, content in enumerate(held)
    )


def pictures(request: HttpRequest, *, of: uuid.UUID, besides: int = 0) -> tuple[uuid.UUID, ...]:
    """The ids of the files that came along, under any name, as clients call them: media, file_1, photo1.

    They are made of the id of what they come with, so that the same one again keeps the same pictures.
    """
    files = [f for name in request.FILES for f in request.FILES.getlist(name)]
    if len(files) + besides > drafts.PHOTO_LIMIT:
        raise Invalid("photo.too_many", field="photos", limit=drafts.PHOTO_LIMIT)
    kept = []
    for number, file in enumerate(files):
        if file.size is not None and file.size > settings.PHOTO_MAX_BYTES:
            raise TooLarge("photo.too_large", field="photo", limit_mb=settings.PHOTO_MAX_BYTES >> 20)
        photo_id = uuid.uuid5(of, str(number))
        kept.append(photos.store_photo(photo_id=photo_id, content=file.read(), now=clock.now()).id)
    return tuple(kept)
