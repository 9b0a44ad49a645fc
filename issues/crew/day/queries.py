"""Crews of a team, their rounds and the leader's board: reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query
from issues.crew.models import CrewDay, CrewMember

_CREWS = Query(__file__, "crews")
_ROUND = Query(__file__, "round")
_ARRIVED = Query(__file__, "arrived")
_BOARD = Query(__file__, "board")
_PEOPLE = Query(__file__, "people")

BOARD_LIMIT = 60
"""So much of what nobody has been given is on the board; the rest is counted."""


@dataclass(frozen=True, slots=True)
class CrewRow:
    """A crew with the ids of its people, and where it set out last (EPSG:4326)."""

    id: int
    name: str
    team_id: int
    people: tuple[int, ...]
    start: LngLat | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in a team; `crew_id` None: goes out with nobody yet."""

    id: int
    name: str
    crew_id: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """A crew's day. `stops` are rows of `round.sql`; `plan` None where it was never planned."""

    stops: tuple[Any, ...]
    plan: CrewDay | None
    arrived: int

    @property
    def open(self) -> tuple[Any, ...]:
        """What is still to be done, in order."""
        return tuple(s for s in self.stops if s.is_open)

    @property
    def done(self) -> tuple[Any, ...]:
        """What was closed, in the order of closing."""
        return tuple(s for s in self.stops if not s.is_open)


@dataclass(frozen=True, slots=True)
class Column:
    """A crew, or somebody who goes alone (`crew` None), with the requests of a day: rows of `board.sql`."""

    crew: CrewRow | None
    person: Person | None
    people: tuple[Person, ...]
    cards: tuple[Any, ...]
    plan: CrewDay | None = None

    @property
    def target(self) -> str:
        """What names it in a form: c7 is crew 7, u3 person 3."""
        return f"c{self.crew.id}" if self.crew else f"u{self.person.id if self.person else 0}"

    @property
    def name(self) -> str:
        """What it is called."""
        return self.crew.name if self.crew else self.person.name if self.person else ""


@dataclass(frozen=True, slots=True)
class Board:
    """Who works on what: the requests that nobody was given, and `more` of them; then column by column."""

    free: tuple[Any, ...]
    more: int
    columns: tuple[Column, ...]


def crews_of(team_id: int) -> tuple[CrewRow, ...]:
    """The crews of a team, by name."""
    return tuple(
        CrewRow(r.id, r.name, r.team_id, tuple(r.people), None if r.lng is None else LngLat(r.lng, r.lat))
        for r in _CREWS.rows({"team": team_id})
    )


def crew_of(user_id: int, team_ids: Sequence[int]) -> dict[int, int]:
    """The crew that somebody goes out with, by team."""
    found = CrewMember.objects.filter(user_id=user_id, team_id__in=team_ids, crew__is_active=True)
    return dict(found.order_by("team_id").values_list("team_id", "crew_id"))


def day_of(crew: CrewRow, on: date) -> Day:
    """What a crew was given for a day, and how much came for the team since it was planned."""
    stops = _ROUND.rows({"crew": crew.id, "team": crew.team_id, "on": on})
    plan = CrewDay.objects.filter(crew_id=crew.id, on=on).first()
    arrived = _ARRIVED.value({"team": crew.team_id, "on": on, "since": plan.planned_at}) if plan else 0
    return Day(tuple(stops), plan, arrived)


def people_of(team_id: int) -> tuple[Person, ...]:
    """Who works in a team, by name."""
    return tuple(Person(r.id, r.name, r.crew_id) for r in _PEOPLE.rows({"team": team_id}))


def board(team_id: int, on: date) -> Board:
    """The leader's board of a team for a day."""
    crews, people = crews_of(team_id), people_of(team_id)
    cards = _BOARD.rows({"team": team_id, "on": on, "limit": BOARD_LIMIT})
    plans = {
        d.crew_id: d for d in CrewDay.objects.filter(crew__in=[c.id for c in crews], on=on).order_by("crew")
    }
    columns = [
        Column(
            crew,
            None,
            tuple(p for p in people if p.crew_id == crew.id),
            tuple(c for c in cards if c.crew_id == crew.id),
            plans.get(crew.id),
        )
        for crew in crews
    ]
    alone = [Column(None, p, (p,), ()) for p in people if p.crew_id is None]
    free = tuple(c for c in cards if c.crew_id is None)
    return Board(free, (free[0].among - len(free)) if free else 0, (*columns, *alone))
