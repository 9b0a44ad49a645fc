"""Where a push message may be sent. A browser names the address, so it is not to be trusted:
only the push services that the operator lists, by https, and never a machine of our own network.
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3
from django.conf import settings

from .base import Passing, Permanent

LIMIT = 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked address, with the machine that its name led to when it was checked."""

    scheme: str
    host: str
    port: int
    path: str
    machine: str = ""

    @property
    def origin(self) -> str:
        """What a VAPID token is signed for."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and, where it is not the usual one, port."""
        return self.host if self.port == 443 and self.scheme == "https" else f"{self.host}:{self.port}"

    def pool(self, **options: Any) -> urllib3.HTTPConnectionPool:
        """Connections to that very machine, under the name of the host: no second look-up to be fooled by."""
        if self.scheme == "http":
            return urllib3.HTTPConnectionPool(self.machine, self.port, **options)
        return urllib3.HTTPSConnectionPool(
            self.machine, self.port, server_hostname=self.host, assert_hostname=self.host, **options
        )


def parse(address: str) -> Endpoint | None:
    """The parts of an address that may be pushed to, or None. Looks nothing up.

    settings.PUSH_HOSTS lists names (a name allows itself and what ends in it) and, for development,
    whole origins such as http://127.0.0.1:9000.
    """
    if len(address) > LIMIT or any(ord(c) <= 32 or ord(c) > 126 for c in address):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".")
    if not host or parts.username is not None or parts.password is not None:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    found = Endpoint(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)
    if found.origin in settings.PUSH_HOSTS:
        return found
    allowed = (name for name in settings.PUSH_HOSTS if "://" not in name)
    named = any(host == name or host.endswith(f".{name}") for name in allowed)
    return found if named and found.scheme == "https" and found.port == 443 else None


def resolve(address: str) -> Endpoint:
    """An endpoint with the machine behind it. Raises Permanent or Passing.

    A name that leads into a private network is refused, unless its whole origin is listed.
    """
    found = parse(address)
    if found is None:
        raise Permanent("push: endpoint not allowed")
    try:
        machines = [str(a[4][0]) for a in socket.getaddrinfo(found.host, found.port, type=socket.SOCK_STREAM)]
    except OSError as error:
        raise Passing(f"push: {error.strerror or 'unknown host'}") from error
    if found.origin not in settings.PUSH_HOSTS and not all(
        ipaddress.ip_address(m).is_global for m in machines
    ):
        raise Permanent("push: endpoint in a private network")
    return Endpoint(found.scheme, found.host, found.port, found.path, machines[0])
