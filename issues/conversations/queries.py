"""Reading notices: dead letters, what readers want, what is stuck, and how messages would look."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from geo_central.kernel.errors import NotFound
from geo_central.kernel.sql import Query
from issues.citizens import queries as citizens
from issues.citizens.models import ContactPoint
from issues.lifecycle.models import Delivery, Issue

from .channels import Message
from .kinds import GROUPS, REPORTER, TEAM
from .links import Reader, follow_link, staff_link
from .models import ContactPreference, Notice, Subscription
from .rendering import News, codes, languages, render_message

_DEAD = Query(__file__, "dead")
_SAMPLE = Query(__file__, "sample")
_COUNTS = Query(__file__, "counts", planned=True)

PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up. It names nobody: who it was for is known by its request."""

    id: int
    channel: str
    is_staff: bool
    protocols: tuple[str, ...]
    codes: tuple[str, ...]
    attempts: int
    failure: str
    created_at: datetime
    settled_at: datetime


def dead_letters(*, limit: int = 100, before: int | None = None) -> tuple[DeadLetter, ...]:
    """The dead letters, the latest first; `before` is the id after which the next page begins."""
    rows = _DEAD.rows({"limit": limit, "before": before})
    return tuple(
        DeadLetter(
            r.id, r.channel, r.is_staff, tuple(r.protocols or ()), tuple(r.codes or ()), r.attempts,
            r.failure, r.created_at, r.settled_at,
        )
        for r in rows
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stuck:
    """What ought to have gone by now and has not."""

    outbox: int
    messages: int
    oldest: datetime | None


def stuck(now: datetime) -> Stuck:
    """Outbox rows and messages that have been due for longer than PATIENCE, or that keep failing."""
    late = now - PATIENCE
    rows = Delivery.objects.filter(delivered_at__isnull=True)
    rows = rows.filter(Q(available_at__lt=late) | Q(attempts__gt=2))
    messages = Notice.objects.filter(state=Notice.State.WAITING)
    messages = messages.filter(Q(available_at__lt=late) | Q(attempts__gt=2, created_at__lt=late))
    times = [
        *rows.order_by("created_at").values_list("created_at", flat=True)[:1],
        *messages.order_by("created_at").values_list("created_at", flat=True)[:1],
    ]
    return Stuck(rows.count(), messages.count(), min(times, default=None))


@dataclass(frozen=True, slots=True)
class Count:
    """Messages of one day (of the city), channel and state; `failing` of them wait to be tried again."""

    day: date
    channel: str
    state: str
    n: int
    failing: int


def counts(*, since: datetime) -> tuple[Count, ...]:
    """How many messages were made since then, by day, channel and state."""
    rows = _COUNTS.rows({"since": since, "zone": settings.CITY.timezone})
    return tuple(Count(r.day, r.channel, r.state, r.n, r.failing) for r in rows)


def next_due() -> datetime | None:
    """When the next outbox row or message is due; None when there is nothing to wait for."""
    times = [
        *Delivery.objects.filter(delivered_at__isnull=True).order_by("available_at", "id")
        .values_list("available_at", flat=True)[:1],
        *Notice.objects.filter(state=Notice.State.WAITING).order_by("available_at", "id")
        .values_list("available_at", flat=True)[:1],
    ]  # fmt: skip
    return min(times, default=None)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a contact wants to hear. `address` shows only what its owner recognises it by."""

    address: str
    scheme: str
    language: str
    groups: tuple[str, ...]
    is_off: bool
    is_muted_here: bool


def wishes(reader: Reader, *, now: datetime) -> Wishes:
    """The preferences of a contact, and whether it hears of the request of the link.

    Raises NotFound `notice.bad_link` when the contact is gone.
    """
    point = ContactPoint.objects.filter(pk=reader.contact_id).first()
    if point is None:
        raise NotFound("notice.bad_link")
    value = citizens.address_of(point.pk, reader_id=None, purpose="preferences", now=now)
    wish = ContactPreference.objects.filter(pk=point.pk).first()
    muted_here = (
        reader.protocol is not None
        and Subscription.objects.filter(
            contact_id=point.pk, issue__protocol=reader.protocol, muted_at__isnull=False
        ).exists()
    )
    return Wishes(
        masked(point.scheme, value),
        point.scheme,
        wish.language if wish else settings.LANGUAGE_CODE,
        tuple(g for g in GROUPS if wish is None or g not in wish.muted),
        wish is not None and wish.off_at is not None,
        muted_here,
    )


def masked(scheme: str, value: str) -> str:
    """Enough of an address for its owner to know it: a•••@example.com; nothing of a browser's."""
    if scheme != "mailto":
        return ""
    name, _, domain = value.rpartition("@")
    return f"{name[:1]}•••@{domain}"


@dataclass(frozen=True, slots=True)
class Told:
    """A contact that hears of a request, with the link to what it wants to hear."""

    reader: Reader
    scheme: str
    address: str
    is_muted: bool


def told_by(token: str, *, now: datetime) -> tuple[str, tuple[Told, ...]]:
    """The protocol of a secret link's request, and the contacts that were left with that very link.

    Raises NotFound `issue.unknown`.
    """
    issue = Issue.objects.filter(Q(token=token) | Q(follows__token=token)).distinct().first()
    if issue is None:
        raise NotFound("issue.unknown", field="token")
    rows = Subscription.objects.filter(issue=issue, token=token).select_related("contact").order_by("id")
    told = []
    for row in rows:
        value = citizens.address_of(row.contact_id, reader_id=None, purpose="preferences", now=now)
        address = masked(row.contact.scheme, value)
        told.append(
            Told(
                Reader(row.contact_id, issue.protocol), row.contact.scheme, address, row.muted_at is not None
            )
        )
    return issue.protocol, tuple(told)


# ---- how messages look


def preview(*, code: str, language: str, for_team: bool, protocol: str, now: datetime) -> Message:
    """The message that an event would make, of a real request or, without a protocol, of a sample.

    Raises NotFound `issue.unknown` or `notice.no_template`.
    """
    if code not in codes(for_team=for_team) or language not in languages():
        raise NotFound("notice.no_template")
    news = _news(code, for_team=for_team, protocol=protocol, now=now)
    example = f"{settings.ORIGIN}/"
    return render_message(
        [news], key="0" * 32, language=language, is_urgent=False,
        unsubscribe="" if for_team else example, preferences="" if for_team else example,
    )  # fmt: skip


def preview_digest(*, language: str, for_team: bool, event_codes: Sequence[str], now: datetime) -> Message:
    """The digest of several events of a sample request. Raises NotFound `notice.no_template`."""
    if language not in languages() or set(event_codes) - set(codes(for_team=for_team)):
        raise NotFound("notice.no_template")
    example = "" if for_team else f"{settings.ORIGIN}/"
    return render_message(
        [_news(code, for_team=for_team, protocol="", now=now) for code in event_codes],
        key="0" * 32, language=language, is_urgent=False, unsubscribe=example, preferences=example,
    )  # fmt: skip


def _news(code: str, *, for_team: bool, protocol: str, now: datetime) -> News:
    relation = TEAM if for_team else REPORTER
    link = staff_link("2026-0000001-0") if for_team else follow_link("exemplo-de-link")
    sample = News(
        code=code, at=now, relation=relation, protocol="2026-0012345-6", service="Iluminação pública",
        place="Rua das Flores, 123", team="Equipe Centro", department="Obras", state="assigned",
        is_open=True, due_at=now + timedelta(days=5), note="", reason="", responsible="", on=None,
        original="", link=link,
    )  # fmt: skip
    if not protocol:
        return sample
    row: Any = _SAMPLE.one({"protocol": protocol})
    if row is None:
        raise NotFound("issue.unknown", field="protocol")
    return replace(
        sample, protocol=row.protocol, service=row.service, place=row.place, team=row.team,
        department=row.department, state=row.state, is_open=row.is_open, due_at=row.due_at,
    )  # fmt: skip
