"""People who act on requests, and what they need for it."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from geo_central.kernel.geo import LngLat
from issues.lifecycle.models import Issue, Photo
from issues.lifecycle.operations import CITIZEN, SYSTEM, Acted, Actor, Proof, act
from issues.teams.models import Team, User
from tests.factories.reports import CENTRE, NOON

HOUR = timedelta(hours=1)


def team(slug: str = "smsurb-triagem") -> Team:
    """A team of the demo city."""
    return Team.objects.get(slug=slug)


def person(role: str = "crew") -> User:
    """A new member of staff."""
    return User.objects.create(username=f"p{uuid.uuid4().hex[:10]}", role=role)


def staff(role: str = "crew", *, of: Team | None = None, leads: bool = False) -> Actor:
    """A member of staff who works in a team, or leads it."""
    mine = frozenset({of.pk} if of else ())
    return Actor("staff", person(role).pk, role, mine, mine if leads else frozenset())


def manager() -> Actor:
    """Somebody who may do what managers may."""
    return staff("manager")


def photo(issue: Issue | None = None, *, at: datetime = NOON) -> uuid.UUID:
    """A picture that has been uploaded; nobody looks at its file."""
    return Photo.objects.create(
        issue=issue, kind="before", file="x.jpg", thumbnail="x.thumb.jpg", width=40, height=30,
        size=100, digest=b"1", uploaded_at=at,
    ).pk  # fmt: skip


def proved(place: LngLat = CENTRE, **changes: Any) -> Proof:
    """A photo, and a position at that place."""
    return Proof(**{"photos": (photo(),), "point": place, "accuracy_m": 5.0, **changes})


def do(issue: Issue, action: str, by: Actor, at: datetime = NOON + HOUR, **more: Any) -> Acted:
    """`act` on that request an hour after NOON, unless told otherwise."""
    return act(issue_id=issue.pk, action=action, by=by, now=at, **more)


__all__ = ["CITIZEN", "HOUR", "SYSTEM", "do", "manager", "person", "photo", "proved", "staff", "team"]
