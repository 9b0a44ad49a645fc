"""servicerequestupdates: what happened to requests, told and taken.

Source: the extension that FixMyStreet and its partners speak (Open311-Service-Request-Updates).
What a partner says becomes an act (see issues.partners.words).
"""

from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.html import strip_tags

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, Forbidden, Invalid, Malformed, NotFound
from issues.interfaces import params
from issues.interfaces.wording import say_event
from issues.lifecycle.exchange.queries import held, updates
from issues.lifecycle.protocol import parse
from issues.partners.hearing import Update, client_id_of, hear
from issues.partners.words import KNOWN, STATUSES

from .door import answer, answer_list
from .posting import given_key, pictures
from .rendering import moment

DAY = timedelta(days=1)
WINDOW = timedelta(days=90)
PAGE = 1000


def told(request: HttpRequest, *, form: str) -> HttpResponseBase:
    """GET: public events that we learnt of in a day, or in up to 90, and the state that each left.

    A longer answer goes on at `Link`.
    """
    given = request.GET
    now = clock.now()
    until = params.moment(given, "end_date") or now
    since = params.moment(given, "start_date") or until - DAY
    if until < since:
        raise Invalid("period.backwards", field="end_date")
    if until - since > WINDOW + DAY:
        raise Invalid("period.too_long", field="end_date", limit=WINDOW.days)
    number = params.text(given, "service_request_id")
    protocol = _protocol(number) if number else None
    found, following = updates(
        since=since, until=until, protocol=protocol, after=params.cursor_at(given), limit=PAGE
    )
    content = [
        {
            "update_id": str(t.id),
            "service_request_id": t.protocol,
            "status": STATUSES[t.state],
            "updated_datetime": moment(t.at),
            "description": str(say_event(t.code)),
            "media_url": request.build_absolute_uri(reverse("citizen:photo", args=[t.photos[0], "full"]))
            if t.photos
            else None,
        }
        for t in found
    ]
    response = answer_list("service_request_updates", content, form)
    if following:
        more = given.dict() | {"cursor": params.make_cursor(following) or ""}
        more |= {"start_date": since.isoformat(), "end_date": until.isoformat()}
        address = request.build_absolute_uri(f"{request.path}?{urlencode(more)}")
        response["Link"] = f'<{address}>; rel="next"'
    return response


def taken(request: HttpRequest, *, form: str) -> HttpResponseBase:
    """POST: a partner's update of a request of its teams; the same `update_id` again changes nothing."""
    key = given_key(request, "update")
    given = request.POST
    number, said_id = params.text(given, "service_request_id"), params.text(given, "update_id")
    for name, value in (("service_request_id", number), ("update_id", said_id)):
        if not value:
            raise Malformed("field.required", field=name)
    words_known = tuple(KNOWN | {s.upper() for s in KNOWN})
    status = params.choice(given, "status", words_known, default="unchanged").lower()
    issue = held(_protocol(number), key.teams)
    if issue is None:
        raise Forbidden("key.not_your_request", field="service_request_id")
    source = f"open311-update:{key.id}"
    update = Update(
        id=said_id,
        status=status,
        words=strip_tags(given.get("description", "")).strip()[:4000],
        at=params.moment(given, "updated_datetime"),
        pictures=pictures(request, of=client_id_of(source, said_id)),
    )
    done = hear(issue.id, issue.opened_at, update, source=source, now=clock.now())
    return answer("service_request_updates", [{"update_id": str(done.event_id)}], form)


def _protocol(number: str) -> str:
    try:
        return parse(number)
    except DomainError:
        raise NotFound("issue.unknown", field="service_request_id") from None
