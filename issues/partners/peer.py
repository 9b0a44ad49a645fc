"""A client of somebody else's Open311 GeoReport v2 endpoint, and of the extension for updates.

Reads what real servers answer: JSON or XML, lists bare or in a wrapper, one picture or several.
Source: https://wiki.open311.org/GeoReport_v2; mySociety's Open311 extensions for updates.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from django.conf import settings

from issues.intake.outside import Answer, OutsideFailed, OutsideRefused, fetch, split

from ._seal import unseal
from .models import Partner

LIMIT_BYTES = 8 << 20
TIMEOUT_S = 20.0
PAGES = 50
_SAID = 300
_REFUSALS = range(400, 500)
_NOT_REFUSALS = frozenset({408, 425, 429})
Record = Mapping[str, Any]


class Refused(Exception):
    """It was understood and will not be done: no use in saying it again."""


class Failed(Exception):
    """It did not work this time. `arrived`: it may have been done all the same."""

    def __init__(self, reason: str, *, arrived: bool, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.arrived = arrived
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Filed:
    """What a request is called there: a number, or a token that will become one, or neither."""

    remote_id: str
    token: str


class Peer:
    """One endpoint. Every call raises Refused or Failed."""

    def __init__(self, partner: Partner) -> None:
        self._url, self._form = partner.url, partner.form
        self._key = unseal(partner.sealed_key)
        self._common = {"jurisdiction_id": partner.jurisdiction} if partner.jurisdiction else {}

    def services(self) -> list[dict[str, str]]:
        """What may be asked for: code and name of each."""
        found = self._get("services")
        told = [{"code": _text(s, "service_code"), "name": _text(s, "service_name")} for s in found]
        return [s for s in told if s["code"]]

    def extensions(self) -> frozenset[str]:
        """Names in its catalogue of extensions, if it has one as ours is; empty otherwise."""
        try:
            return frozenset(_text(e, "name") for e in self._get("extensions"))
        except (Refused, Failed):
            return frozenset()

    def speaks_updates(self, now: datetime) -> bool:
        """Whether it answers to GET servicerequestupdates."""
        try:
            next(self.updates(now, now), None)
        except (Refused, Failed):
            return False
        return True

    def file(self, fields: Collection[tuple[str, str]], *, key: str) -> Filed:
        """POST requests. `key` goes as Idempotency-Key, for whoever honours it."""
        given = [*fields, *self._common.items(), ("api_key", self._key)]
        found = self._post("requests", given, {"Idempotency-Key": key})
        first: Record = found[0] if found else {}
        return Filed(_text(first, "service_request_id")[:120], _text(first, "token")[:120])

    def tell(self, fields: Collection[tuple[str, str]]) -> str:
        """POST servicerequestupdates; the number that the update has there, or nothing."""
        given = [*fields, *self._common.items(), ("api_key", self._key)]
        found = self._post("servicerequestupdates", given, {})
        return _text(found[0], "update_id")[:120] if found else ""

    def number_of(self, token: str) -> str:
        """GET tokens/TOKEN: the number, or nothing while there is none."""
        found = self._get(f"tokens/{quote(token, safe='')}")
        return _text(found[0], "service_request_id")[:120] if found else ""

    def updates(self, since: datetime, until: datetime) -> Iterator[Record]:
        """GET servicerequestupdates of a period, page after page."""
        yield from self._pages(
            "servicerequestupdates",
            {"start_date": moment(since), "end_date": moment(until), "api_key": self._key},
        )

    def requests(self, **asked: str) -> Iterator[Record]:
        """GET requests with these parameters, page after page."""
        yield from self._pages("requests", asked)

    def _pages(self, resource: str, asked: Mapping[str, str]) -> Iterator[Record]:
        address: str | None = self._address(resource, asked)
        for _ in range(PAGES):
            if address is None:
                return
            answer = self._call(address)
            yield from self._records(answer)
            address = _next(address, answer.headers.get("link", ""))
        raise Failed(f"more than {PAGES} pages", arrived=True)

    def _get(self, resource: str) -> list[Record]:
        return self._records(self._call(self._address(resource, {})))

    def _post(self, resource: str, fields: Collection[tuple[str, str]], more: Record) -> list[Record]:
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", **more}
        body = urlencode(list(fields)).encode()
        return self._records(self._call(self._address(resource, {}), "POST", headers, body))

    def _address(self, resource: str, asked: Mapping[str, str]) -> str:
        query = urlencode({**self._common, **{k: v for k, v in asked.items() if v}})
        return f"{self._url}/{resource}.{self._form}" + (f"?{query}" if query else "")

    def _call(
        self, address: str, method: str = "GET", headers: Record | None = None, body: bytes | None = None
    ) -> Answer:
        answer = call(address, method=method, headers=headers, body=body)
        if answer.status == 200 or answer.status == 201:
            return answer
        said = f"{answer.status} {self._complaint(answer)}".strip()
        if answer.status in _REFUSALS and answer.status not in _NOT_REFUSALS:
            raise Refused(said)
        wish = answer.headers.get("retry-after", "")
        arrived = answer.status not in _NOT_REFUSALS
        raise Failed(said, arrived=arrived, retry_after=int(wish) if wish.isdecimal() else None)

    def _complaint(self, answer: Answer) -> str:
        try:
            said = "; ".join(_text(e, "description") for e in self._records(answer))
        except Failed:
            said = ""
        return " ".join(said.replace(self._key or "\0", "•••").split())[:_SAID]

    def _records(self, answer: Answer) -> list[Record]:
        """The objects of an answer. Raises Failed for what cannot be read."""
        try:
            found = _of_xml(answer.body) if self._form == "xml" else _of_json(answer.body)
        except (ValueError, RecursionError, ParseError, DefusedXmlException) as error:
            raise Failed(f"answer not understood: {type(error).__name__}", arrived=True) from error
        return found


def call(
    address: str, *, method: str = "GET", headers: Record | None = None, body: bytes | None = None
) -> Answer:
    """One call to a partner. Raises Refused for an address that may not be called, and Failed."""
    try:
        return fetch(
            address,
            method=method,
            headers=headers,
            body=body,
            limit_bytes=LIMIT_BYTES,
            timeout_s=TIMEOUT_S,
            trusted=settings.PARTNER_ORIGINS,
        )
    except OutsideRefused as error:
        if error.was_sent:
            raise Failed(str(error), arrived=True) from error
        raise Refused(str(error)) from error
    except OutsideFailed as error:
        raise Failed(str(error), arrived=error.was_sent) from error


def moment(at: datetime) -> str:
    """W3C date and time in UTC, without fractions."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: str) -> datetime | None:
    """A moment as somebody else wrote it; one without an offset is in UTC; None for what is none."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def texts(record: Record, name: str) -> list[str]:
    """A field that may hold one text or several."""
    value = record.get(name)
    found = value if isinstance(value, list) else [value]
    return [v.strip() for v in found if isinstance(v, str) and v.strip()]


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _of_json(body: bytes) -> list[Record]:
    found = json.loads(body)
    if isinstance(found, dict):  # some wrap the list in an object
        inner = next((v for v in found.values() if isinstance(v, list)), None)
        found = [found] if inner is None or "service_request_id" in found else inner
    if not isinstance(found, list):
        raise ValueError("no list")
    return [r for r in found if isinstance(r, dict)]


def _of_xml(body: bytes) -> list[Record]:
    return [_record(item) for item in fromstring(body, forbid_dtd=True)]


def _record(item: Any) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for part in item:
        value: Any = [p.text or "" for p in part] if len(part) else (part.text or "")
        if part.tag in told:
            before = told[part.tag]
            value = [*(before if isinstance(before, list) else [before]), value]
        told[part.tag] = value
    return told


def _next(address: str, link: str) -> str | None:
    """The following page, if the answer names one at the same origin."""
    for part in link.split(","):
        where, _, relation = part.partition(";")
        if 'rel="next"' in relation.replace("'", '"') and where.strip().startswith("<"):
            following = urljoin(address, where.strip()[1:-1])
            here, there = split(address), split(following)
            return following if here and there and here.origin == there.origin else None
    return None
