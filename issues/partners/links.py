"""Addresses that partners are given: pictures of one request for a while, and where to tell us of it."""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from geo_central.kernel.errors import NotFound

_SALT = "partners"
KEEP_S = 14 * 24 * 3600


def photo_link(photo_id: UUID) -> str:
    """A picture for whoever has the link, for KEEP_S seconds, whether or not the public may see it."""
    signed = signing.TimestampSigner(salt=_SALT).sign(photo_id.hex)
    return settings.ORIGIN + reverse("webhooks:photo", args=[signed])


def photo_of(signed: str) -> UUID:
    """The picture of a link. Raises NotFound `not_found` for one that is not ours or is over."""
    try:
        return UUID(signing.TimestampSigner(salt=_SALT).unsign(signed, max_age=KEEP_S))
    except (signing.BadSignature, ValueError):
        raise NotFound("not_found") from None


def hook_link(slug: str) -> str:
    """Where a partner tells us what it did."""
    return settings.ORIGIN + reverse("webhooks:partner", args=[slug])
