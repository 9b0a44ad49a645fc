"""Signed messages between two systems, both ways.

Source: Standard Webhooks 1.0 (standardwebhooks.com): `webhook-id`, `webhook-timestamp` and
`webhook-signature`, "v1," and the base64 of HMAC-SHA-256 over `id.timestamp.body`. The same id is the
same message.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

from geo_central.kernel.errors import Forbidden, Malformed

PREFIX = "whsec_"
TOLERANCE_S = 300
_BYTES = 24
_LONGEST_ID = 120


def new_secret() -> str:
    """A secret to share with one partner."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def is_secret(text: str) -> bool:
    """Whether somebody else's secret can be signed with: the prefix and at least 24 bytes in base64."""
    try:
        return text.startswith(PREFIX) and len(_bytes(text)) >= _BYTES
    except ValueError:
        return False


def signed(secret: str, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers that say whose message this is and when it was sent."""
    at = str(int(now.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": at,
        "webhook-signature": "v1," + _signature(secret, message_id, at, body),
    }


def check(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The id of a message that is the partner's and not old.

    Raises Malformed `field.required` naming a header that is missing, and Forbidden `webhook.bad_signature`
    or `webhook.too_old` (more than TOLERANCE_S seconds from now).
    """
    message_id, at, given = (headers.get(f"webhook-{n}", "") for n in ("id", "timestamp", "signature"))
    for name, value in (("webhook-id", message_id), ("webhook-timestamp", at), ("webhook-signature", given)):
        if not value or len(value) > 10 * _LONGEST_ID:
            raise Malformed("field.required", field=name)
    right = "v1," + _signature(secret, message_id, at, body)
    if not any(hmac.compare_digest(right.encode(), one.encode()) for one in given.split()):
        raise Forbidden("webhook.bad_signature", field="webhook-signature")
    if not at.isdecimal() or abs(int(at) - now.timestamp()) > TOLERANCE_S:
        raise Forbidden("webhook.too_old", field="webhook-timestamp")
    return message_id[:_LONGEST_ID]


def _signature(secret: str, message_id: str, at: str, body: bytes) -> str:
    said = f"{message_id}.{at}.".encode() + body
    return base64.b64encode(hmac.digest(_bytes(secret), said, hashlib.sha256)).decode()


def _bytes(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
