"""Web Push: a message to a browser, encrypted for it, through the push service of its maker.

Sources: RFC 8030 (protocol), RFC 8291 (encryption), RFC 8292 (VAPID).
"""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import http_ece
import urllib3
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02

from issues.intake.outside import Address

from .base import Gone, Message, Passing, Permanent, Send
from .endpoints import resolve

_TIMEOUT = urllib3.Timeout(connect=5, read=10)
_DAY = 24 * 3600
_SHORT, _LONG = 120, 480  # letters; a push message holds 4,096 bytes


class PushChannel:
    """One POST a message. The key is the Topic, so a repetition replaces what was not yet shown."""

    name = "push"
    schemes = frozenset({"push"})

    def is_ready(self) -> bool:
        """VAPID keys have been made."""
        return bool(settings.VAPID_PRIVATE_KEY)

    @contextmanager
    def session(self) -> Iterator[Send]:
        """Connections are kept by push service."""
        pools: dict[tuple[str, str], urllib3.HTTPConnectionPool] = {}

        def send(address: str, message: Message) -> None:
            subscription = json.loads(address)
            endpoint = resolve(subscription["endpoint"])
            machine = (endpoint.origin, endpoint.machine)
            if machine not in pools:
                pools[machine] = endpoint.pool(timeout=_TIMEOUT)
            _judge(_post(pools[machine], endpoint, subscription, message))

        try:
            yield send
        finally:
            for pool in pools.values():
                pool.close()


def application_server_key() -> str:
    """Our public key as browsers want it: base64url of the uncompressed point; empty without keys."""
    if not settings.VAPID_PRIVATE_KEY:
        return ""
    point = _vapid().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def _post(
    pool: urllib3.HTTPConnectionPool, endpoint: Address, subscription: dict[str, Any], message: Message
) -> urllib3.BaseHTTPResponse:
    signed = _vapid().sign({"sub": settings.VAPID_SUBJECT, "aud": endpoint.origin})
    headers = {
        **signed,
        "Host": endpoint.authority,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(_DAY),
        "Urgency": "high" if message.is_urgent else "normal",
        "Topic": message.key,
    }
    try:
        body = encrypt(_payload(message), subscription["keys"]["p256dh"], subscription["keys"]["auth"])
    except ValueError as error:
        raise Permanent("push: bad keys") from error
    try:
        return pool.urlopen("POST", endpoint.path, body=body, headers=headers, retries=False, redirect=False)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Passing(f"push: {type(error).__name__}") from error


def _judge(response: urllib3.BaseHTTPResponse) -> None:
    reason = (
        f"push {response.status} {' '.join(response.data[:200].decode('utf-8', 'replace').split())}".strip()
    )
    if response.status in {200, 201, 202, 204}:
        return
    if response.status in {404, 410}:
        raise Gone(reason)
    if response.status == 429 or response.status >= 500:
        wish = response.headers.get("Retry-After", "")
        raise Passing(reason, retry_after=int(wish) if wish.isdecimal() else None)
    raise Permanent(reason)


def _payload(message: Message) -> bytes:
    told = {
        "title": message.subject[:_SHORT],
        "body": message.short[:_LONG],
        "url": message.link,
        "tag": message.key,
        "lang": message.language,
    }
    return json.dumps(told, ensure_ascii=False).encode()


def encrypt(content: bytes, p256dh: str, auth: str) -> bytes:
    """Encrypt for one browser (RFC 8291, aes128gcm); both keys are base64url.

    Raises ValueError when they are no keys.
    """
    try:
        encrypted: bytes = http_ece.encrypt(
            content,
            salt=os.urandom(16),
            private_key=ec.generate_private_key(ec.SECP256R1()),
            dh=from_base64url(p256dh),
            auth_secret=from_base64url(auth),
            version="aes128gcm",
        )
    except http_ece.ECEException as error:
        raise ValueError(str(error)) from error
    return encrypted


def check_keys(p256dh: object, auth: object) -> None:
    """Raises ValueError unless these are the keys of a browser: a point of P-256 and 16 bytes."""
    if not (isinstance(p256dh, str) and isinstance(auth, str)) or len(p256dh) + len(auth) > 200:
        raise ValueError("not texts")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(p256dh))
    if len(from_base64url(auth)) != 16:
        raise ValueError("the secret has another length")


def from_base64url(text: str) -> bytes:
    """The bytes of a base64url text with or without padding. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@cache
def _vapid() -> Vapid02:
    return Vapid02.from_raw(settings.VAPID_PRIVATE_KEY.encode())
