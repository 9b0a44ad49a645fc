"""Contacts on file, looked through: written in the one form, or told apart as unusable."""

from dataclasses import dataclass
from datetime import datetime

import phonenumbers
from django.conf import settings
from django.db import IntegrityError, transaction

from geo_central.kernel.errors import Invalid

from . import _vault
from .contacts import check_contact
from .models import ContactPoint, PersonalDataAccess

PURPOSE = "hygiene: contact check"
_TOO_LONG = phonenumbers.ValidationResult.TOO_LONG
_TOO_SHORT = phonenumbers.ValidationResult.TOO_SHORT


@dataclass(frozen=True, slots=True)
class Tidied:
    """What became of one contact. `outcome` is fine, mended or invalid; `masked` tells no secret."""

    contact_id: int
    outcome: str
    reason: str = ""
    masked: str = ""


def tidy_contacts(*, contact_ids: list[int], now: datetime) -> list[Tidied]:
    """Check phones and e-mail addresses; rewrite those that were written in another form.

    One that is on file already in its right form is left as it is and told as `taken`. Within the
    caller's transaction. Every person looked at is in the log of accesses.
    """
    points = list(
        ContactPoint.objects.select_for_update(of=("self",)).filter(pk__in=contact_ids).order_by("pk")
    )
    PersonalDataAccess.objects.bulk_create(
        PersonalDataAccess(at=now, user_id=None, citizen_id=citizen, purpose=PURPOSE)
        for citizen in sorted({p.citizen_id for p in points})
    )
    return [_tidy(point) for point in points]


def _tidy(point: ContactPoint) -> Tidied:
    value = _vault.unseal(point.value_sealed)
    is_phone = point.scheme == "tel"
    masked = mask_phone(value) if is_phone else mask_email(value)
    try:
        checked = check_contact("", value if is_phone else "", "" if is_phone else value)
    except Invalid:
        return Tidied(point.pk, "invalid", _phone_fault(value) if is_phone else "malformed", masked)
    right = checked.phone if is_phone else checked.email
    if not right:
        return Tidied(point.pk, "invalid", "empty", masked)
    if right == value:
        return Tidied(point.pk, "fine")
    point.value_sealed = _vault.seal(right)
    point.value_digest = _vault.digest(f"{point.scheme}:{right}")
    try:
        with transaction.atomic():
            point.save(update_fields=["value_sealed", "value_digest"])
    except IntegrityError:
        return Tidied(point.pk, "invalid", "taken", masked)
    return Tidied(point.pk, "mended", "rewritten", masked)


def _phone_fault(text: str) -> str:
    """Why a phone number is none."""
    try:
        number = phonenumbers.parse(text[:40], settings.CITY.country)
    except phonenumbers.NumberParseException:
        return "unreadable"
    possible = phonenumbers.is_possible_number_with_reason(number)
    return {_TOO_LONG: "too_long", _TOO_SHORT: "too_short"}.get(possible, "not_in_use")


def mask_phone(text: str) -> str:
    """The last two digits: +5551999991234 is •••••34."""
    digits = "".join(c for c in text if c.isdigit())
    return "•••••" + (digits[-2:] if len(digits) > 6 else "")


def mask_email(text: str) -> str:
    """The first letter and the last part of the domain: maria@example.com is m•••@•••.com."""
    name, at, domain = text.rpartition("@")
    if not at:
        return "•••"
    last = domain.rpartition(".")[2]
    return f"{name[:1] if len(name) > 2 else ''}•••@•••.{last[:12] if last.isalnum() else ''}".rstrip(".")
