"""Alerts: asked for, confirmed, told of, ended."""

import uuid
from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, Polygon
from django.db import transaction

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Conflict, Invalid, NotFound
from geo_central.kernel.sql import Query
from issues.catalogue.models import Service, Theme
from issues.citizens import operations as citizens
from issues.citizens.contacts import check_contact

from .models import Alert, AlertLetter
from .sending import send_due
from .wishes import Wish

_WRITE = Query(__file__, "write_letters", planned=True)
_FORGET = Query(__file__, "forget")

MOST = 20
ITEMS = 20
ASKED_AN_HOUR = 3
SETTLED = timedelta(minutes=10)
"""What is told lies so far back: by then whatever was being written is committed."""

UNCONFIRMED = timedelta(days=2)
KEEP = timedelta(days=30)
_BATCH = 2000


def ask(*, wish: Wish, email: str, every: str, resolved: bool, language: str, now: datetime) -> None:
    """Send the address a letter that asks whether it was they who want this.

    Nothing tells whether the address is known; one that is asked too often is left in peace. Raises
    Invalid `alert.nothing`, `field.required` or `contact.bad_email` (field `email`), `field.not_a_choice`.
    """
    if wish.is_empty:
        raise Invalid("alert.nothing", field="bairro")
    if every not in Alert.Every.values:
        raise Invalid("field.not_a_choice", field="quando", value=every[:40])
    with transaction.atomic():
        contact = citizens.reach(scheme="mailto", value=_address(email), now=now).contact_id
        lately = AlertLetter.objects.filter(
            alert__contact=contact, kind="confirm", created_at__gt=now - timedelta(hours=1)
        )
        if lately.count() >= ASKED_AN_HOUR:
            return
        alert = Alert.objects.create(
            contact_id=contact,
            area=_polygon(wish.area),
            neighbourhood=wish.neighbourhood,
            district=wish.district,
            theme=Theme.objects.filter(slug=wish.theme).first() if wish.theme else None,
            service=Service.objects.filter(code=wish.service).first() if wish.service else None,
            resolved=resolved,
            every=every,
            language=language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE,
            created_at=now,
            told_until=now,
            next_at=next_letter(every, now),
        )
        AlertLetter.objects.create(
            key=uuid.uuid4(), alert=alert, kind="confirm", created_at=now, available_at=now
        )


def confirm(alert_id: int, *, now: datetime) -> Alert:
    """It was they: from now on they are told. Repeatable.

    Raises NotFound `alert.bad_link` for one that is gone, Conflict `alert.too_many`.
    """
    with transaction.atomic():
        alert = Alert.objects.select_for_update().filter(pk=alert_id).first()
        if alert is None:
            raise NotFound("alert.bad_link")
        if alert.confirmed_at is None:
            mine = Alert.objects.filter(
                contact=alert.contact_id, confirmed_at__isnull=False, ended_at__isnull=True
            )
            if mine.count() >= MOST:
                raise Conflict("alert.too_many", limit=MOST)
            alert.confirmed_at = alert.told_until = now
            alert.next_at = next_letter(alert.every, now)
            alert.save(update_fields=["confirmed_at", "told_until", "next_at"])
    return alert


def end(alert_id: int, *, now: datetime) -> None:
    """Nothing more of this one. Repeatable; one that is gone is ended."""
    Alert.objects.filter(pk=alert_id, ended_at=None).update(ended_at=now)


def resume(alert_id: int, *, now: datetime) -> None:
    """An ended one begins anew; what happened meanwhile is not told."""
    for alert in Alert.objects.filter(pk=alert_id, ended_at__isnull=False, confirmed_at__isnull=False):
        alert.ended_at, alert.told_until, alert.next_at = None, now, next_letter(alert.every, now)
        alert.save(update_fields=["ended_at", "told_until", "next_at"])


def change(contact_id: int, alert_id: int, *, every: str, resolved: bool, now: datetime) -> None:
    """How often, and whether of what was resolved too; only one's own.

    Raises NotFound `alert.bad_link`, Invalid `field.not_a_choice`.
    """
    if every not in Alert.Every.values:
        raise Invalid("field.not_a_choice", field="quando", value=every[:40])
    mine = Alert.objects.filter(pk=alert_id, contact=contact_id)
    if not mine.update(every=every, resolved=resolved, next_at=next_letter(every, now)):
        raise NotFound("alert.bad_link")


def write_letters(*, now: datetime) -> int:
    """Letters for every alert that is due; how many. Any number of these may run at once.

    A letter and how far its alert was told are one transaction: whoever dies in the middle has done nothing.
    """
    written: int = 0
    while True:
        row = _WRITE.one(
            {
                "now": now,
                "until": now - SETTLED,
                "tomorrow": next_letter("day", now),
                "monday": next_letter("week", now),
                "limit": _BATCH,
                "most": ITEMS,
            }
        )
        written += int(row.written)
        if row.looked < _BATCH:
            return written


def deliver(*, now: Callable[[], datetime], limit: int = 2000) -> int:
    """Write what is due, and send it; how many letters went."""
    write_letters(now=now())
    return send_due(now, limit)


def forget(*, now: datetime) -> int:
    """Forget wishes that nobody confirmed, those that ended long ago, and old letters; how many wishes.

    An address that is known from nothing else goes with the last of them.
    """
    with transaction.atomic():
        rows = _FORGET.rows({"asked_before": now - UNCONFIRMED, "ended_before": now - KEEP})
        for row in rows:
            if row.is_unknown:
                citizens.forget_contact(row.contact_id)
        AlertLetter.objects.filter(settled_at__lt=now - KEEP).delete()
    return sum(row.wishes for row in rows)


def next_letter(every: str, now: datetime) -> datetime:
    """The next morning of the city when its quiet hours end; that of a Monday for a weekly letter."""
    zone, hour = city_zone(), settings.CITY.quiet_hours[1]
    day = now.astimezone(zone).date()
    while True:
        moment = datetime.combine(day, time(hour), zone).astimezone(now.tzinfo)
        if moment > now and (every == "day" or day.isoweekday() == 1):
            return moment
        day += timedelta(days=1)


def _polygon(area: str) -> Polygon | None:
    shape = GEOSGeometry(area, srid=4326) if area else None
    return shape if isinstance(shape, Polygon) else None


def _address(email: str) -> str:
    if not email.strip():
        raise Invalid("field.required", field="email")
    try:
        return check_contact("", "", email).email
    except Invalid as error:
        raise Invalid(error.code, field="email") from None
