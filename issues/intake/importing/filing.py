"""A batch of understood rows is compared with what is there, placed, decided and written."""

import base64
import hashlib
import json
import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.db import transaction

from geo_central.kernel.geo import LngLat
from issues.catalogue.queries import ServiceRow
from issues.lifecycle.bulk import known_ids, protocol_numbers, write_imported
from issues.lifecycle.calendar import BusinessCalendar
from issues.lifecycle.protocol import format_protocols
from issues.routing.queries import Decision, RuleBook, subject_of
from layers.queries import Area, Place, areas_at, places_at

from .nearness import Nearness, rule_facts
from .rows import Past, Refused

_PLAIN = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": None})
NULL = "\\N"
NOWHERE = LngLat(0.0, 0.0)  # of a place that many requests share
_LAST_OF_HOUR = timedelta(minutes=59, seconds=59)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch that is ready to be written: COPY texts, and whom it brings."""

    kinds: str
    rows: str
    ids: frozenset[str]
    known: int
    refused: list[Refused]
    asked: int = 0


@dataclass(slots=True)
class Filer:
    """Knows the rules, the calendar and every decision made so far; one per import."""

    source: str
    book: RuleBook
    calendars: Mapping[int | None, BusinessCalendar]
    now: datetime
    find_address: bool = False
    _turns: list[datetime] = field(default_factory=list)
    _about: dict[str, set[int]] = field(default_factory=dict)
    _near: Nearness = field(init=False)
    _zone: ZoneInfo = field(init=False)
    _seed: Any = field(init=False)
    _areas: dict[tuple[Area, ...], int] = field(default_factory=dict)
    _kinds: dict[tuple[int, int, int], int] = field(default_factory=dict)
    _texts: list[str] = field(default_factory=list)
    _departments: list[int] = field(default_factory=list)
    _ruled: set[int] = field(default_factory=set)
    _due: dict[tuple[date, int, int, str], tuple[str, str]] = field(default_factory=dict)
    _days_of: dict[tuple[int, int], date | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._seed = hashlib.blake2b(f"{self.source}\x1f".encode(), digest_size=16)
        self._zone = self.calendars[None].zone
        rules = rule_facts()
        self._turns, self._about, self._near = rules.turns, rules.about, Nearness(rules.reach)

    def prepare(self, pasts: Sequence[Past], flying: frozenset[str]) -> Prepared:
        """Place and decide what is new. `flying` are identifiers that are being written just now.

        Asks the database at most four times, and once a year of protocols. Raises Unready
        `place.no_boundary` and `routing.no_team`.
        """
        known = known_ids(self.source, [p.external_id for p in pasts]) | flying
        fresh: dict[str, Past] = {}
        for past in pasts:
            if past.external_id not in known:
                fresh.setdefault(past.external_id, past)
        placed, refused = self._placed(list(fresh.values()))
        protocols = self._protocols([past for past, _place in placed])
        kinds = self._kinds_of(placed)
        lines = [
            self._line(past, place, protocol, token, kind)
            for (past, place), protocol, token, kind in zip(
                placed, protocols, _tokens(len(placed)), kinds, strict=True
            )
        ]
        shared = "".join([self._texts[k] for k in sorted(set(kinds))])
        ids = frozenset(past.external_id for past, _place in placed)
        return Prepared(shared, "".join(lines), ids, len(pasts) - len(fresh), refused, len(placed))

    def write(self, batch: Prepared) -> int:
        """One transaction; how many were new. The rest came by another door a moment ago."""
        if not batch.ids:
            return 0
        with transaction.atomic():
            return write_imported(source=self.source, kinds=batch.kinds, rows=batch.rows, now=self.now)

    def _placed(self, pasts: list[Past]) -> tuple[list[tuple[Past, Place | None]], list[Refused]]:
        """Each request with its place; those outside the city are refused."""
        deep = [n for n, p in enumerate(pasts) if p.lng is not None and self._looks_around(p)]
        plain = [n for n, p in enumerate(pasts) if p.lng is not None and not self._looks_around(p)]
        places: list[Place | None] = [None] * len(pasts)
        if deep:
            points = [LngLat(pasts[n].lng, pasts[n].lat) for n in deep]  # type: ignore[arg-type]
            for n, place in zip(deep, places_at(points, streets=self.find_address, assets=True), strict=True):
                places[n] = place
        if plain:
            found = areas_at([pasts[n].lng for n in plain], [pasts[n].lat for n in plain])  # type: ignore[misc]
            shared = [None if areas is None else Place(NOWHERE, areas) for areas in found.sets]
            for n, at in zip(plain, found.of.tolist(), strict=True):
                places[n] = shared[at]
        kept = [(p, q) for p, q in zip(pasts, places, strict=True) if q is not None or p.lng is None]
        outside = [
            Refused(p.row, "outside_city", f"{p.lat} {p.lng}")
            for p, q in zip(pasts, places, strict=True)
            if q is None and p.lng is not None
        ]
        return kept, outside

    def _looks_around(self, past: Past) -> bool:
        """Whether streets or assets matter here: an address is wanted, or an asset of a rule is near."""
        if self.find_address and not past.address:
            return True
        service = past.service
        return (
            service.id in self._about["service_id"]
            or service.theme_id in self._about["theme_id"]
            or service.department_id in self._about["department_id"]
        ) and self._near.has(past.lng or 0.0, past.lat or 0.0)

    def _protocols(self, pasts: Sequence[Past]) -> list[str]:
        """A protocol for each, of the year in which it was opened."""
        years = [self._day(past.opened_at).year for past in pasts]
        written = {
            year: iter(format_protocols(year, protocol_numbers(year, count)))
            for year, count in sorted(Counter(years).items())
        }
        return [next(written[year]) for year in years]

    def _day(self, moment: datetime) -> date:
        """The day of a moment (UTC) on the city's calendar; most hours lie in one day."""
        hour = (moment.toordinal(), moment.hour)
        try:
            day = self._days_of[hour]
        except KeyError:
            begins = moment.replace(minute=0, second=0, microsecond=0)
            days = {at.astimezone(self._zone).date() for at in (begins, begins + _LAST_OF_HOUR)}
            day = self._days_of[hour] = days.pop() if len(days) == 1 else None
        return day or moment.astimezone(self._zone).date()

    def _line(self, past: Past, place: Place | None, protocol: str, token: str, kind: int) -> str:
        state = past.state
        if state == "open":
            state = "assigned" if kind in self._ruled else "received"
        address = past.address or (place.address if place else "")
        client_id = self._seed.copy()
        client_id.update(past.external_id.encode())
        closed = NULL if past.closed_at is None else past.closed_at.timestamp()
        due, opened = self._due_at(past, self._departments[kind])
        where = f"{NULL}\t{NULL}" if past.lng is None else f"{past.lng!r}\t{past.lat!r}"
        return (
            f"{kind}\t{client_id.hexdigest()}\t{protocol}\t{token}\t{past.channel}\t{state}"
            f"\t{where}\t{_plain(address)}\t{_plain(past.description)}"
            f"\t{past.opened_at.timestamp()!r}\t{due}\t{closed}\t{_plain(past.external_id)}\t{opened}\n"
        )

    def _due_at(self, past: Past, department: int) -> tuple[str, str]:
        """The door's due date, and the data of its event: once a day, service and department."""
        service, opened = past.service, past.opened_at
        if service.target_unit == "hours" or service.target == 0:
            return self._due_text(past, department)
        key = (self._day(opened), service.id, department, past.channel)
        due = self._due.get(key)
        if due is None:
            due = self._due[key] = self._due_text(past, department)
        return due

    def _due_text(self, past: Past, department: int) -> tuple[str, str]:
        days = self.calendars.get(department) or self.calendars[None]
        due = days.due_at(past.opened_at, past.service.target, past.service.target_unit)
        told = msgspec.json.encode({"channel": past.channel, "due_at": due, "similar_to": None})
        return repr(due.timestamp()), _plain(told.decode())

    def _kinds_of(self, placed: Sequence[tuple[Past, Place | None]]) -> list[int]:
        """For each request the number of what it shares with all of its service, areas and time of rules."""
        wheres: dict[int, int] = {}  # by the identity of a tuple: places share them, and hashing costs
        kinds = []
        for past, place in placed:
            if place is None:
                where = self._areas.setdefault((), len(self._areas))
            elif place.assets:
                kinds.append(self._new_kind(past, place))
                continue
            elif (found := wheres.get(id(place.areas))) is not None:
                where = found
            else:
                where = wheres[id(place.areas)] = self._areas.setdefault(place.areas, len(self._areas))
            key = (past.service.id, where, bisect_right(self._turns, past.opened_at))
            kind = self._kinds.get(key)
            if kind is None:
                kind = self._kinds[key] = self._new_kind(past, place)
            kinds.append(kind)
        return kinds

    def _new_kind(self, past: Past, place: Place | None) -> int:
        decision = self.book.decide(subject=subject_of(past.service), place=place, at=past.opened_at)
        kind = len(self._texts)
        self._texts.append(_kind_line(kind, past.service, place, decision))
        self._departments.append(decision.team.department_id)
        if decision.rule_id is not None:
            self._ruled.add(kind)
        return kind


def _kind_line(kind: int, service: ServiceRow, place: Place | None, decision: Decision) -> str:
    areas = {a.layer: a.code for a in place.areas} if place else {}
    team = decision.team
    values = (
        kind, service.id, service.precision, 1 if service.target_unit == "hours" else 3, _json(areas),
        areas.get(settings.CITY.district_layer, ""), areas.get(settings.CITY.neighbourhood_layer, ""),
        team.department_id, team.id, NULL if decision.rule_id is None else decision.rule_id,
        _json([{"code": r.code, **r.data} for r in decision.reasons]),
        _json({"team": team.slug, "team_name": team.name}),
    )  # fmt: skip
    return "\t".join(map(str, values)) + "\n"


def _json(value: Any) -> str:
    return _plain(json.dumps(value, ensure_ascii=False))


def _plain(text: str) -> str:
    """As PostgreSQL's COPY reads it."""
    return text if text.isprintable() and "\\" not in text else text.translate(_PLAIN)


def _tokens(count: int) -> list[str]:
    """As `secrets.token_urlsafe(16)`, but asked of the system at once."""
    long = base64.urlsafe_b64encode(os.urandom(18 * count)).decode()  # 24 characters each
    return [long[at : at + 22] for at in range(0, 24 * count, 24)]
