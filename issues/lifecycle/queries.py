"""Reading requests. Every public value lists its columns one by one, in SQL and here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Forbidden, NotFound
from geo_central.kernel.geo import Box, LngLat
from geo_central.kernel.sql import Query

from . import states
from .calendar import BusinessCalendar
from .protocol import parse

_HOLIDAYS = Query(__file__, "holidays")
_RECEIPT = Query(__file__, "receipt_or_number")
_PUBLIC = Query(__file__, "public_issue")
_PRIVATE = Query(__file__, "private_part")
_LIST = Query(__file__, "public_list", planned=True)
_TIMELINE = Query(__file__, "timeline")
_ISSUE_ID = Query(__file__, "issue_id")
_REASONS = Query(__file__, "reasons")

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")

OPEN_STATES, CLOSED_STATES, STATES = states.OPEN, states.CLOSED, states.STATES


@dataclass(frozen=True, slots=True)
class Known:
    """The receipt of a report that has been filed before."""

    protocol: str
    token: str
    due_at: datetime
    reasons: tuple[dict[str, Any], ...]
    address: str
    service: str
    service_name: str
    team: str
    department: str
    similar_to: str | None


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a new report starts from: its number, and the edition of services, teams, rules and holidays."""

    number: int
    edition: int


@dataclass(frozen=True, slots=True)
class PublicEvent:
    """One line of a request's history."""

    code: str
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PublicPhoto:
    """A picture that may be shown; addressed by its id."""

    id: UUID
    kind: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PublicIssue:
    """What anybody may see of a request. Place, address and texts obey the service's precision
    and moderation; `point` is None for area-only services."""

    protocol: str
    service: str
    service_name: str
    theme: str
    theme_name: str
    department_name: str
    team_name: str
    state: str
    is_open: bool
    opened_at: datetime
    due_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    precision: str
    point: LngLat | None
    address: str
    neighbourhood: str
    description: str
    duplicate_of: str | None
    followers: int
    photos: tuple[PublicPhoto, ...]
    events: tuple[PublicEvent, ...]


@dataclass(frozen=True, slots=True)
class TrackedIssue:
    """What the holder of the secret link sees: the public part and their own words.

    A live stream that begins after `last_event` tells what this does not hold yet.
    """

    public: PublicIssue
    token: str
    point: LngLat | None
    address: str
    description: str
    answers: dict[str, Any]
    reasons: tuple[dict[str, Any], ...]
    photos: tuple[PublicPhoto, ...]
    is_reporter: bool
    last_event: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Features as JSON text, written by PostgreSQL, and the key after which the next page begins."""

    features: tuple[str, ...]
    next_key: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One step of a request's process: whose turn it is, or was."""

    code: str
    name: str
    state: str
    team_name: str
    department_name: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One line of a request's history; `note` are words for its reporter, empty for the public."""

    id: int
    code: str
    at: datetime
    data: dict[str, Any]
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """One request with its steps in the order in which they were opened, and its events by time."""

    protocol: str
    steps: tuple[TimelineStep, ...]
    events: tuple[TimelineEvent, ...]
    is_reporter: bool


def receipt_or_number(*, client_id: UUID, year: int) -> Known | Fresh:
    """What this client id has already got, or a fresh protocol number of `year`."""
    row = _RECEIPT.one({"client_id": client_id, "year": year})
    if row.protocol is None:
        return Fresh(row.number, row.edition)
    *facts, _, _ = row
    known = Known(*facts)
    return known


def calendar(
    *, since: datetime, edition: int | None = None, department_id: int | None = None
) -> BusinessCalendar:
    """A department's business calendar, or the usual one, with holidays from the day before `since` on.

    With an `edition` (see `Fresh`), what was read for the same one is used again.
    """
    first = since.astimezone(city_zone()).date() - timedelta(days=1)
    known = _working_time(first) if edition is None else _kept_working_time(edition, first)
    return known.get(department_id) or known[None]


def calendars(*, since: datetime) -> dict[int | None, BusinessCalendar]:
    """The calendars of all departments by id, and under None the usual one; see `calendar`."""
    return _working_time(since.astimezone(city_zone()).date() - timedelta(days=1))


def _working_time(first: date) -> dict[int | None, BusinessCalendar]:
    row = _HOLIDAYS.one({"first": first})
    zone, days = city_zone(), frozenset(row.days or ())
    found: dict[int | None, BusinessCalendar] = {None: BusinessCalendar(zone, days)}
    for department, starts, ends, weekdays in row.departments or ():
        found[department] = BusinessCalendar(
            zone, days, time.fromisoformat(ends), time.fromisoformat(starts), frozenset(weekdays)
        )
    return found


@lru_cache(maxsize=8)
def _kept_working_time(edition: int, first: date) -> dict[int | None, BusinessCalendar]:
    return _working_time(first)


def public_issue(protocol: str) -> PublicIssue:
    """By protocol as typed. Raises Malformed `protocol.*` or NotFound `issue.unknown`."""
    row = _row(protocol=parse(protocol))
    return _public(row)


def tracked_issue(token: str) -> TrackedIssue:
    """By the secret token of its reporter or of somebody who follows it.

    A follower sees the public part only. Raises NotFound `issue.unknown`.
    """
    from .models import Follow

    if not is_token(token):
        raise NotFound("issue.unknown", field="token")
    row = _row(token=token, missing_ok=True)
    if row is None:
        follow = Follow.objects.filter(token=token).values_list("issue__protocol", flat=True).first()
        if follow is None:
            raise NotFound("issue.unknown", field="token")
        row = _row(protocol=follow)
        public = _public(row)
        return TrackedIssue(
            public=public,
            token=token,
            point=public.point,
            address=public.address,
            description=public.description,
            answers={},
            reasons=(),
            photos=public.photos,
            is_reporter=False,
            last_event=row.last_event,
        )
    private = _PRIVATE.one({"id": row.id})
    return TrackedIssue(
        public=_public(row),
        token=private.token,
        point=LngLat(private.lng, private.lat) if private.lng is not None else None,
        address=private.address,
        description=private.description,
        answers=private.answers,
        reasons=tuple(private.reasons),
        photos=_photos(private.photos),
        is_reporter=True,
        last_event=row.last_event,
    )


def timeline(token: str) -> Timeline:
    """The steps and events of the request with this secret link, with the words meant for its
    reporter; a follower's link shows the public part. Raises NotFound `issue.unknown`."""
    if not is_token(token):
        raise NotFound("issue.unknown", field="token")
    return _timeline(token=token)


def public_timeline(protocol: str) -> Timeline:
    """What anybody may see of it. Raises Malformed `protocol.*` or NotFound `issue.unknown`."""
    return _timeline(protocol=parse(protocol))


def _timeline(*, protocol: str | None = None, token: str | None = None) -> Timeline:
    row = _TIMELINE.one({"protocol": protocol, "token": token})
    if row is None:
        raise NotFound("issue.unknown", field="token" if token else "protocol")
    steps = ({k: _moment(v) if k.endswith("_at") else v for k, v in s.items()} for s in row.steps)
    events = ({**e, "at": _moment(e["at"])} for e in row.events)
    return Timeline(
        row.protocol,
        tuple(TimelineStep(**s) for s in steps),
        tuple(TimelineEvent(**e) for e in events),
        bool(row.is_reporter),
    )


def _moment(text: str | None) -> Any:
    return datetime.fromisoformat(text) if text else None


def issue_id(protocol: str) -> int:
    """By protocol as typed. Raises Malformed `protocol.*` or NotFound `issue.unknown`."""
    row = _ISSUE_ID.one({"protocol": parse(protocol), "token": None})
    if row is None:
        raise NotFound("issue.unknown", field="protocol")
    return int(row.id)


def reporters_issue_id(token: str) -> int:
    """By the secret link of its reporter. Raises NotFound `issue.unknown`, or Forbidden
    `act.only_reporter` for the link of somebody who follows it."""
    row = _ISSUE_ID.one({"protocol": None, "token": token}) if is_token(token) else None
    if row is None:
        raise NotFound("issue.unknown", field="token")
    if not row.is_reporter:
        raise Forbidden("act.only_reporter")
    return int(row.id)


def reasons(kind: str) -> tuple[tuple[str, str], ...]:
    """The reasons of a list (`states.REASON_KINDS`) that may be chosen: (code, words) in order."""
    return tuple((r.code, r.text) for r in _REASONS.rows({"kind": kind}))


def is_token(text: str) -> bool:
    """Whether this could be the secret of a request at all."""
    return _TOKEN.fullmatch(text) is not None


def public_page(
    *,
    box: Box,
    services: Sequence[int] | None,
    states: Sequence[str] | None,
    since: datetime | None,
    after: tuple[datetime, int] | None,
    limit: int,
) -> Page:
    """Requests whose public place lies in `box`, newest first; `since` is on the last change."""
    rows = _LIST.rows(
        {
            "west": box.west,
            "south": box.south,
            "east": box.east,
            "north": box.north,
            "services": None if services is None else list(services),
            "states": None if states is None else list(states),
            "since": since,
            "before": after[0] if after else None,
            "before_id": after[1] if after else None,
            "limit": limit,
        }
    )
    more = len(rows) == limit
    return Page(tuple(r[0] for r in rows), (rows[-1][1], rows[-1][2]) if more else None)


def _row(*, protocol: str | None = None, token: str | None = None, missing_ok: bool = False) -> Any:
    row = _PUBLIC.one(
        {"protocol": protocol, "token": token, "neighbourhoods": settings.CITY.neighbourhood_layer}
    )
    if row is None and not missing_ok:
        raise NotFound("issue.unknown", field="protocol")
    return row


def _public(row: Any) -> PublicIssue:
    return PublicIssue(
        **{k: getattr(row, k) for k in _PLAIN},
        point=LngLat(row.lng, row.lat) if row.lng is not None else None,
        photos=_photos(row.photos),
        events=tuple(PublicEvent(e["code"], datetime.fromisoformat(e["at"]), e["data"]) for e in row.events),
    )


def _photos(items: Sequence[dict[str, Any]]) -> tuple[PublicPhoto, ...]:
    return tuple(PublicPhoto(UUID(p["id"]), p["kind"], p["width"], p["height"]) for p in items)


_PLAIN = tuple(f for f in PublicIssue.__dataclass_fields__ if f not in {"point", "photos", "events"})
