"""Make the demo city live: staff with logins, and two plausible years of requests."""

import csv
import uuid
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from geo_central.kernel import clock
from geo_central.kernel.geo import LngLat
from issues.catalogue.queries import ServiceRow, services
from issues.lifecycle.bulk import PastEvent, PastIssue, protocol_numbers, write_past
from issues.lifecycle.calendar import BusinessCalendar
from issues.lifecycle.protocol import format_protocol
from issues.lifecycle.queries import calendars
from issues.lifecycle.ratings.operations import write_past_ratings
from issues.management.demo import Asked, Kind, generate
from issues.management.demo_ratings import past_ratings
from issues.routing.queries import Decision, RuleBook, subject_of
from issues.teams.operations import enrol
from layers.queries import Place, places_at

SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "geo-central/demo")
TEAMS = ("smsurb-conservacao-16", "smsurb-iluminacao-centro", "dmae-centro")
STAFF = (
    ("admin", "Ada Administradora", "admin", ()),
    ("gestora", "Graça Gestora", "manager", ()),
    ("planejador", "Paulo Planejador", "planner", ()),
    ("atendente", "Ana Atendente", "attendant", ("ogm-triagem",)),
    ("chefe", "Célia Chefe", "crew", TEAMS),
    ("equipe", "Edson Equipe", "crew", TEAMS),
)
LEADERS = {"chefe"}
# Points along every street, one about each 60 m, in degrees and in metres.
STREET_POINTS = """
    SELECT ST_X(p.geom), ST_Y(p.geom), ST_X(m.geom), ST_Y(m.geom)
      FROM layers_street s
      JOIN layers_layerversion v ON v.id = s.version_id AND v.state = 'active'
     CROSS JOIN LATERAL generate_series(1, GREATEST(1, (ST_Length(s.geom::geography) / 60)::int)) AS n
     CROSS JOIN LATERAL (SELECT ST_LineInterpolatePoint(
           s.geom, LEAST(0.97, n / GREATEST(1.0, ST_Length(s.geom::geography) / 60))) AS geom) AS p
     CROSS JOIN LATERAL (SELECT ST_Transform(p.geom, %s) AS geom) AS m
     ORDER BY s.id, n
"""


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--issues", type=int, default=20_000)
        parser.add_argument("--seed", type=int, default=156)
        # Not `required`: Django would read it from a command line, where a leading hyphen is an option.
        parser.add_argument("--password", help="Of every demo login.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["password"]:
            raise CommandError("--password is missing: that of every demo login.")
        now = clock.now().replace(minute=0, second=0, microsecond=0)
        with transaction.atomic():
            for username, name, role, teams in STAFF:
                enrol(
                    username=username, name=name, role=role, password=options["password"], teams=teams,
                    leads=username in LEADERS,
                )  # fmt: skip
            written = write_past(list(past_issues(options["issues"], seed=options["seed"], now=now)))
            rated = write_past_ratings(past_ratings(seed=options["seed"], now=now)) if written else 0
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE issues_issue")
            cursor.execute("ANALYZE issues_event")
        self.stdout.write(f"{len(STAFF)} logins, {written} requests over two years, {rated} of them rated")


def past_issues(count: int, *, seed: int, now: datetime) -> Iterator[PastIssue]:
    """`count` requests with places, decisions, due dates and histories, oldest first."""
    carta = services()
    kinds = _kinds(carta)
    by_code = {s.code: s for s in carta}
    with connection.cursor() as cursor:
        cursor.execute(STREET_POINTS, [settings.CITY.metric_srid])
        points = np.array(cursor.fetchall())
    asked = generate(kinds, points[:, 2:], count=count, until=now, seed=seed)
    rng = np.random.default_rng(seed)
    wobble = rng.normal(0, 4e-5, size=(len(asked), 2))
    spots = [
        None if a.place is None else LngLat(float(points[a.place, 0] + dx), float(points[a.place, 1] + dy))
        for a, (dx, dy) in zip(asked, wobble, strict=True)
    ]
    found = iter(places_at([p for p in spots if p]))
    places = [next(found) if p else None for p in spots]
    book = RuleBook.load()
    days = calendars(since=now - timedelta(days=800))
    numbers = _numbers(asked)
    protocols = [format_protocol(a.opened_at.year, next(numbers[a.opened_at.year])) for a in asked]
    for n, (one, place) in enumerate(zip(asked, places, strict=True)):
        service = by_code[kinds[one.kind].code]
        if service.geolocated and place is None:
            continue
        decision = book.decide(subject=subject_of(service), place=place, at=one.opened_at)
        original = protocols[one.copy_of] if one.copy_of is not None else ""
        mine = days.get(decision.team.department_id) or days[None]
        yield _past(n, one, service, place, decision, mine, protocols[n], original, now)


def _kinds(carta: list[ServiceRow]) -> list[Kind]:
    """How often each service is asked for: `fixtures/demo_demand.csv`, and little for the others."""
    with (settings.FIXTURES_DIR / "demo_demand.csv").open(encoding="utf-8", newline="") as file:
        demand = {row["service"]: float(row["per_thousand"]) for row in csv.DictReader(file)}
    others = {True: 0.7, False: 0.25}
    return [
        Kind(s.code, s.theme, demand.get(s.code, others[s.geolocated]), s.geolocated, s.keywords)
        for s in carta
    ]


def _numbers(asked: list[Asked]) -> dict[int, Iterator[int]]:
    counts: dict[int, int] = defaultdict(int)
    for one in asked:
        counts[one.opened_at.year] += 1
    return {year: iter(protocol_numbers(year, n)) for year, n in counts.items()}


def _past(
    n: int,
    asked: Asked,
    service: ServiceRow,
    place: Place | None,
    decision: Decision,
    days: BusinessCalendar,
    protocol: str,
    original: str,
    now: datetime,
) -> PastIssue:
    opened = asked.opened_at
    due = days.due_at(opened, service.target, service.target_unit)
    closed = opened + (due - opened) * asked.pace
    team = {"team": decision.team.slug, "team_name": decision.team.name}
    events = [
        PastEvent("opened", opened, {"channel": asked.channel, "due_at": due.isoformat()}),
        PastEvent("assigned", opened, team),
    ]
    state = "assigned" if decision.rule_id else "received"
    if original:
        closed = opened + timedelta(hours=6)
    ended = closed <= now
    if ended and original:
        state = "duplicate"
        events.append(PastEvent("duplicate", closed, {"duplicate_of": original}))
    elif ended:
        state = "confirmed" if asked.judged else "resolved"
        events.append(PastEvent("resolved", closed, team))
        if asked.judged:
            closed = min(closed + timedelta(hours=30), now)
            events.append(PastEvent("confirmed", closed, {}))
    areas = {a.layer: a.code for a in place.areas} if place else {}
    return PastIssue(
        client_id=uuid.uuid5(SPACE, str(n)),
        protocol=protocol,
        token=uuid.uuid5(SPACE, f"token {n} {protocol} {settings.SECRET_KEY}").hex,
        service_id=service.id,
        precision=service.precision,
        department_id=decision.team.department_id,
        team_id=decision.team.id,
        rule_id=decision.rule_id,
        state=state,
        channel=asked.channel,
        opened_at=opened,
        due_at=due,
        updated_at=closed if ended else opened,
        closed_at=closed if ended else None,
        point=place.point if place else None,
        address=place.address if place else "",
        areas=areas,
        district=areas.get(settings.CITY.district_layer, ""),
        neighbourhood=areas.get(settings.CITY.neighbourhood_layer, ""),
        description=asked.words,
        reasons=[{"code": r.code, **r.data} for r in decision.reasons],
        events=tuple(events),
        priority=1 if service.target_unit == "hours" else 3,
        duplicate_of=original,
        is_moderated=bool(asked.words),
    )
