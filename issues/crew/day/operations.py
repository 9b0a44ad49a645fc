"""Who goes out together and what a leader gives to whom: writes. Plans are in `planning`."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import IntegrityError, transaction

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from geo_central.kernel.sql import Query
from issues.catalogue.models import Service
from issues.crew.models import Crew, CrewMember, WorkTime
from issues.lifecycle.needs import Actor
from issues.lifecycle.operations import act
from issues.lifecycle.protocol import parse
from issues.lifecycle.states import TABLE
from issues.teams.models import Membership, User

from .planning import LEADERS

_HELD = Query(__file__, "held_issue")
_GIVE = Query(__file__, "give")
_TAKE_BACK = Query(__file__, "take_back")

NAME_LIMIT = 80


def give(*, protocol: str, team_id: int, target: str, on: date, by: Actor, now: datetime) -> None:
    """Give an open request of a team to one of its crews for a day, or take it back (`target` empty).

    `target` is c and the id of a crew, or u and that of a member, who goes alone if in no crew. For
    a later day the request is also scheduled, which its reporter is told. Repeatable.

    Raises Malformed `protocol.*`, NotFound `issue.unknown`, Forbidden `crew.leaders_only`, Invalid
    `crew.unknown` and `act.in_the_past`, Conflict `act.not_now`.
    """
    check_leader(by, team_id)
    today = now.astimezone(city_zone()).date()
    if on < today:
        raise Invalid("act.in_the_past", field="on")
    with transaction.atomic():
        crew = _crew(team_id, target) if target else None
        row = _HELD.one({"protocol": parse(protocol)})
        if row is None or team_id not in {row.team_id, *row.step_teams}:
            raise NotFound("issue.unknown", field="protocol")
        if not row.is_open:
            raise Conflict("act.not_now", state=row.state, action="assign")
        facts = {"issue": row.id, "on": on, "user_id": by.user_id, "now": now}
        if crew is None:
            _TAKE_BACK.run(facts)
            return
        _GIVE.run({**facts, "crew": crew})
        if on > today and row.team_id == team_id and row.state in TABLE["schedule"].sources:
            act(issue_id=row.id, action="schedule", by=by, now=now, on=on)


def form_crew(*, team_id: int, name: str, by: Actor) -> int:
    """A new crew of a team, or the one of that name back again; its id.

    Raises Forbidden `crew.leaders_only`, Invalid `field.required`, `field.too_long`.
    """
    check_leader(by, team_id)
    name = " ".join(name.split())
    if not name:
        raise Invalid("field.required", field="name")
    if len(name) > NAME_LIMIT:
        raise Invalid("field.too_long", field="name", limit=NAME_LIMIT)
    crew, _ = Crew.objects.update_or_create(team_id=team_id, name=name, defaults={"is_active": True})
    return crew.pk


def place_member(*, team_id: int, user_id: int, crew_id: int | None, by: Actor) -> None:
    """Somebody of the team goes out with that crew from now on, or with none.

    Raises Forbidden `crew.leaders_only`, Invalid `crew.unknown`, `crew.not_a_member`.
    """
    check_leader(by, team_id)
    if not Membership.objects.filter(team_id=team_id, user_id=user_id).exists():
        raise Invalid("crew.not_a_member", field="user")
    if crew_id is None:
        CrewMember.objects.filter(team_id=team_id, user_id=user_id).delete()
        return
    if not Crew.objects.filter(pk=crew_id, team_id=team_id, is_active=True).exists():
        raise Invalid("crew.unknown", field="crew")
    CrewMember.objects.update_or_create(team_id=team_id, user_id=user_id, defaults={"crew_id": crew_id})


def dissolve_crew(*, team_id: int, crew_id: int, by: Actor, now: datetime) -> None:
    """A crew goes out no more: its people are free, and so is its open work of today and later.

    Raises Forbidden `crew.leaders_only`, Invalid `crew.unknown`.
    """
    check_leader(by, team_id)
    with transaction.atomic():
        crew = Crew.objects.select_for_update().filter(pk=crew_id, team_id=team_id, is_active=True).first()
        if crew is None:
            raise Invalid("crew.unknown", field="crew")
        today = now.astimezone(city_zone()).date()
        ahead = crew.assignments.filter(on__gte=today, issue__is_open=True).order_by("issue_id", "on")
        for protocol, on in list(ahead.values_list("issue__protocol", "on")):
            row = _HELD.one({"protocol": protocol})
            _TAKE_BACK.run({"issue": row.id, "on": on, "user_id": by.user_id, "now": now})
        crew.members.all().delete()
        crew.is_active = False
        crew.save(update_fields=["is_active"])


def own_crew(*, team_id: int, user_id: int) -> int:
    """The crew that a member of a team goes out with: a crew of one where there is none yet; its id.

    Raises Forbidden `crew.not_yours` for somebody who is not of the team.
    """
    if (known := _crew_of(team_id, user_id)) is not None:
        return known
    user = User.objects.filter(pk=user_id, teams=team_id).first()
    if user is None:
        raise Forbidden("crew.not_yours")
    name = user.get_full_name() or user.get_username()
    for tried in (name, f"{name} ({user.get_username()})"):
        try:
            with transaction.atomic():
                crew, is_new = Crew.objects.get_or_create(team_id=team_id, name=tried[:NAME_LIMIT])
                if crew.is_active and not is_new:
                    continue
                CrewMember.objects.create(crew=crew, team_id=team_id, user_id=user_id)
                crew.is_active = True
                crew.save(update_fields=["is_active"])
                return crew.pk
        except IntegrityError:  # a twin was faster
            if (found := _crew_of(team_id, user_id)) is not None:
                return found
    raise Conflict("crew.name_taken")


def load_work_minutes(rows: Iterable[Mapping[str, str]]) -> int:
    """How long work takes on the spot, by `service` or else by `theme`; how many services were given.

    Rows have `theme` or `service` (codes) and `minutes`. A service's own row comes before that of
    its theme. Those of which nothing is said take as long as usual. Raises Invalid `work.unknown`
    for a theme or service that does not exist, `work.bad_minutes` for less than one minute.
    """
    given: dict[str, dict[str, int]] = {"theme": {}, "service": {}}
    for row in rows:
        kind = "service" if row["service"] else "theme"
        minutes = int(row["minutes"])
        if not 0 < minutes <= 1440:
            raise Invalid("work.bad_minutes", field=row[kind], value=minutes)
        given[kind][row[kind]] = minutes
    services = Service.objects.order_by("pk").values_list("pk", "code", "theme__slug")
    known = {"service": {s[1] for s in services}, "theme": {s[2] for s in services}}
    for kind, codes in given.items():
        if unknown := sorted(codes.keys() - known[kind]):
            raise Invalid("work.unknown", field=unknown[0], value=unknown[0])
    times = [
        WorkTime(service_id=pk, minutes=found)
        for pk, code, theme in services
        if (found := given["service"].get(code) or given["theme"].get(theme))
    ]
    WorkTime.objects.exclude(service__in=[t.service_id for t in times]).delete()
    WorkTime.objects.bulk_create(
        times, update_conflicts=True, unique_fields=["service"], update_fields=["minutes"]
    )
    return len(times)


def check_leader(by: Actor, team_id: int) -> None:
    """Raises Forbidden `crew.leaders_only`."""
    if not by.roles_on(frozenset({team_id})) & LEADERS:
        raise Forbidden("crew.leaders_only")


def _crew_of(team_id: int, user_id: int) -> int | None:
    found = CrewMember.objects.filter(team_id=team_id, user_id=user_id, crew__is_active=True)
    return found.values_list("crew_id", flat=True).first()


def _crew(team_id: int, target: str) -> int:
    kind, number = target[:1], target[1:]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Invalid("crew.unknown", field="crew")
    if kind == "u":
        if not Membership.objects.filter(team_id=team_id, user_id=int(number)).exists():
            raise Invalid("crew.unknown", field="crew")
        return own_crew(team_id=team_id, user_id=int(number))
    if kind != "c" or not Crew.objects.filter(pk=int(number), team_id=team_id, is_active=True).exists():
        raise Invalid("crew.unknown", field="crew")
    return int(number)
