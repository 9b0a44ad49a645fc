"""Addresses that messages carry. The signed ones need no login: whoever has the message may use them."""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse

from geo_central.kernel.errors import NotFound

_SALT = "notices"


@dataclass(frozen=True, slots=True)
class Reader:
    """A contact, and the request that a message told it of (None: several)."""

    contact_id: int
    protocol: str | None


def sign(reader: Reader) -> str:
    """A text that gives the reader back, and that nobody else can make."""
    return signing.Signer(salt=_SALT).sign_object([reader.contact_id, reader.protocol])


def unsign(text: str) -> Reader:
    """The reader of a signed text. Raises NotFound `notice.bad_link`."""
    try:
        contact_id, protocol = signing.Signer(salt=_SALT).unsign_object(text)
    except signing.BadSignature:
        raise NotFound("notice.bad_link") from None
    return Reader(contact_id, protocol)


def follow_link(token: str) -> str:
    """The page of one request for the holder of this token."""
    return settings.ORIGIN + reverse("citizen:follow", args=[token])


def staff_link(protocol: str) -> str:
    """The page of one request for staff: what the public sees, until they enter."""
    return settings.ORIGIN + reverse("citizen:issue", args=[protocol])


def unsubscribe_link(reader: Reader) -> str:
    """Where one tap, or the mail program itself (RFC 8058), stops the messages."""
    return settings.ORIGIN + reverse("citizen:unsubscribe", args=[sign(reader)])


def preferences_link(reader: Reader) -> str:
    """Where the reader chooses what to hear."""
    return settings.ORIGIN + reverse("citizen:preferences", args=[sign(reader)])
