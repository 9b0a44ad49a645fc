"""How to reach somebody: checked and written one way. Pure."""

from dataclasses import dataclass

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from geo_central.kernel.errors import Invalid

_EMAIL = EmailValidator()
NAME_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Contact:
    """What a reporter told of themselves; any part may be empty."""

    name: str = ""
    phone: str = ""
    email: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.name or self.phone or self.email)

    @property
    def urns(self) -> tuple[tuple[str, str], ...]:
        """(scheme, value) pairs: tel with E.164, mailto in lower case."""
        pairs = (("tel", self.phone), ("mailto", self.email))
        return tuple((scheme, value) for scheme, value in pairs if value)


def check_contact(name: str, phone: str, email: str) -> Contact:
    """Normalise: the phone to E.164 (the city's country when none is given), e-mail lower case.

    Raises Invalid `contact.bad_phone`, `contact.bad_email` or `field.too_long`, naming the field.
    """
    name = " ".join(name.split())
    if len(name) > NAME_LIMIT:
        raise Invalid("field.too_long", field="contact.name", limit=NAME_LIMIT)
    return Contact(name, _phone(phone.strip()), _email(email.strip()))


def _phone(text: str) -> str:
    if not text:
        return ""
    try:
        number = phonenumbers.parse(text[:40], settings.CITY.country)
    except phonenumbers.NumberParseException:
        raise Invalid("contact.bad_phone", field="contact.phone") from None
    if not phonenumbers.is_valid_number(number):
        raise Invalid("contact.bad_phone", field="contact.phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(text: str) -> str:
    if not text:
        return ""
    try:
        _EMAIL(text)
    except ValidationError:
        raise Invalid("contact.bad_email", field="contact.email") from None
    return text.lower()
