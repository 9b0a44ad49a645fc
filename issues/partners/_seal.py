"""Secrets that must be given to others again: keys of their systems, and what messages are signed with.

Fernet (AES-128-CBC with HMAC-SHA-256) under a key of its own, derived from PERSONAL_DATA_KEY by
HKDF-SHA-256. Only `issues.partners` reads them; no page and no log shows one twice.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from geo_central.kernel.errors import Unready


def seal(secret: str) -> bytes:
    """Encrypted; every call gives other bytes. Raises Unready `vault.no_key`."""
    return _box().encrypt(secret.encode())


def unseal(sealed: bytes | memoryview | None) -> str:
    """The secret again; empty for none. Raises Unready `vault.no_key` when the key has changed."""
    if not sealed:
        return ""
    try:
        return _box().decrypt(bytes(sealed)).decode()
    except InvalidToken:
        raise Unready("vault.no_key") from None


@cache
def _box() -> Fernet:
    try:
        master = base64.b64decode(settings.PERSONAL_DATA_KEY, validate=True)
    except ValueError:
        master = b""
    if len(master) < 32:
        raise Unready("vault.no_key")
    derived = HKDF(SHA256(), 32, salt=None, info=b"geocentral/partners").derive(master)
    return Fernet(base64.urlsafe_b64encode(derived))
