"""Addresses in letters. Whoever has the letter may use them; they need no login."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from geo_central.kernel.errors import NotFound

_SALT = "alerts"
CONFIRM_S = 2 * 24 * 3600


def confirm_link(alert_id: int) -> str:
    """Where an address says that it was they who asked, for CONFIRM_S seconds."""
    return settings.ORIGIN + reverse("citizen:alerts-confirm", args=[_sign("confirm", alert_id)])


def mine_link(contact_id: int) -> str:
    """Every alert of an address, to change and to end."""
    return settings.ORIGIN + reverse("citizen:alerts-mine", args=[_sign("mine", contact_id)])


def stop_link(alert_id: int) -> str:
    """Where one tap, or the mail program itself (RFC 8058), ends one alert."""
    return settings.ORIGIN + reverse("citizen:alerts-stop", args=[_sign("stop", alert_id)])


def unsign(purpose: str, text: str) -> int:
    """The id in a link for that purpose. Raises NotFound `alert.bad_link`."""
    try:
        given = signing.loads(
            text, salt=f"{_SALT}:{purpose}", max_age=CONFIRM_S if purpose == "confirm" else None
        )
    except signing.BadSignature:
        raise NotFound("alert.bad_link") from None
    return int(given)


def _sign(purpose: str, number: int) -> str:
    return signing.dumps(number, salt=f"{_SALT}:{purpose}")
