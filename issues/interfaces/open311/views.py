"""The addresses of requests, by method and by endpoint."""

from django.http import HttpRequest, HttpResponseBase

from geo_central.kernel.errors import DomainError, NotFound
from issues.intake.deferred import pending
from issues.lifecycle.exchange.queries import Asked, exchanged
from issues.lifecycle.protocol import parse

from . import posting
from . import requests as reading
from . import updates as happenings
from .door import answer, door


@door("GET", "POST")
def requests(request: HttpRequest, *, form: str, test: bool = False) -> HttpResponseBase:
    """The list, or a new one."""
    if request.method == "POST":
        return posting.reported(request, form=form, test=test)
    return reading.listed(request, form=form)


@door("GET", "POST")
def updates(request: HttpRequest, *, form: str, test: bool = False) -> HttpResponseBase:
    """What happened; or what a partner says has happened. The test endpoint takes nothing."""
    if request.method == "GET" or request.method == "HEAD":
        return happenings.told(request, form=form)
    if test:
        raise NotFound("not_found")
    return happenings.taken(request, form=form)


@door("GET")
def request_(request: HttpRequest, number: str, *, form: str) -> HttpResponseBase:
    """One request."""
    return reading.one(request, number, form=form)


@door("GET")
def token(request: HttpRequest, token: str, *, form: str) -> HttpResponseBase:
    """The number of a report that was given a token, once it has one; a number is its own token.

    NotFound for anything else.
    """
    number = _number(token)
    told = {"service_request_id": number, "token": token} if number else {"token": token}
    return answer("service_requests", [told], form)


def _number(token: str) -> str | None:
    try:
        protocol = parse(token)
    except DomainError:
        return pending.number_of(token)
    if not exchanged(Asked(protocols=(protocol,)), limit=1).requests:
        raise NotFound("issue.unknown", field="token")
    return protocol


@door("GET", "POST", "PUT", "PATCH", "DELETE")
def nothing(request: HttpRequest, *, form: str) -> HttpResponseBase:
    """Whatever else is asked for in one of the forms."""
    raise NotFound("not_found")
