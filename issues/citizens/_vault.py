"""Personal values at rest: AES-256-GCM, with a keyed hash to find them again.

Only `issues.citizens` may import this (a contract checks it). Keys derive from
PERSONAL_DATA_KEY by HKDF-SHA-256, one for sealing and one for digests.
"""

import base64
import hashlib
import hmac
import os
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from geo_central.kernel.errors import Unready

_NONCE = 12


def seal(text: str) -> bytes:
    """Encrypt; every call gives other bytes."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key(b"seal")).encrypt(nonce, text.encode(), None)


def unseal(sealed: bytes | memoryview) -> str:
    """Decrypt. Raises cryptography's InvalidTag when the bytes or the key are not the right ones."""
    sealed = bytes(sealed)
    return AESGCM(_key(b"seal")).decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()


def digest(text: str) -> bytes:
    """32 bytes that are the same for the same text, and say nothing without the key."""
    return hmac.digest(_key(b"digest"), text.encode(), hashlib.sha256)


@cache
def _key(purpose: bytes) -> bytes:
    try:
        master = base64.b64decode(settings.PERSONAL_DATA_KEY, validate=True)
    except ValueError:
        master = b""
    if len(master) < 32:
        raise Unready("vault.no_key")
    return HKDF(SHA256(), 32, salt=None, info=b"geocentral/" + purpose).derive(master)
