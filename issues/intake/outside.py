"""Calls to machines that somebody else named: a picture's address, a partner's system.

Nobody reaches our own network through us: a name that leads to an address which is not public is
refused, and the call goes to the very machine that was checked, so that a second look-up cannot
lead elsewhere. Redirects are the caller's to follow, each checked again.
"""

import hashlib
import ipaddress
import socket
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import urllib3

LONGEST = 2048
_FIRST_DELAY = timedelta(seconds=30)
_LONGEST_DELAY = timedelta(hours=3)
_DAY_S = 86_400
_PIECE = 1 << 16
_PORTS = {"https": 443, "http": 80}


class OutsideRefused(Exception):
    """It must not be called, or (then `was_sent`) has answered with more than it may."""

    def __init__(self, reason: str, *, was_sent: bool = False) -> None:
        super().__init__(reason)
        self.was_sent = was_sent


class OutsideFailed(Exception):
    """The network or the other side failed. `was_sent` is whether it may have understood the call."""

    def __init__(self, reason: str, *, was_sent: bool) -> None:
        super().__init__(reason)
        self.was_sent = was_sent


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its parts, with the machine that its name led to when it was checked."""

    scheme: str
    host: str
    port: int
    path: str
    machine: str = ""

    @property
    def origin(self) -> str:
        """Scheme, host and, where it is not the usual one, port."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and, where it is not the usual one, port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def pool(self, **options: Any) -> urllib3.HTTPConnectionPool:
        """Connections to that very machine, under the name of the host."""
        if self.scheme == "http":
            return urllib3.HTTPConnectionPool(self.machine, self.port, **options)
        return urllib3.HTTPSConnectionPool(
            self.machine, self.port, server_hostname=self.host, assert_hostname=self.host, **options
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def split(text: str) -> Address | None:
    """The parts of an http(s) address without credentials, or None. Looks nothing up."""
    if len(text) > LONGEST or any(ord(c) <= 32 or ord(c) > 126 for c in text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _PORTS or not host or parts.username is not None or parts.password is not None:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, host, port or _PORTS[parts.scheme], path)


def locate(address: Address, trusted: Collection[str]) -> Address:
    """The address with the machine behind its name.

    Raises OutsideRefused for one that is not public, unless its whole origin is among `trusted`;
    OutsideFailed when the name is not known now.
    """
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "unknown host"
        raise OutsideFailed(f"{address.host}: {reason}", was_sent=False) from error
    machines = [str(a[4][0]) for a in found]
    if address.origin not in trusted and not all(_is_public(m) for m in machines):
        raise OutsideRefused(f"{address.host}: in a private network")
    return replace(address, machine=machines[0])


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    limit_bytes: int = 1 << 20,
    timeout_s: float = 10,
    plain: bool = False,
    trusted: Collection[str] = (),
) -> Answer:
    """One call, without redirects, over within about `timeout_s` seconds.

    Only https, unless `plain` or the origin is one of `trusted`, which may also be in a private network.
    Raises OutsideRefused for an address that may not be called and for an answer of more than
    `limit_bytes`, and OutsideFailed.
    """
    address = split(url)
    if address is None:
        raise OutsideRefused("not an address")
    if address.scheme == "http" and not plain and address.origin not in trusted:
        raise OutsideRefused(f"{address.host}: only https")
    address = locate(address, trusted)
    deadline = time.monotonic() + timeout_s
    with address.pool(timeout=urllib3.Timeout(connect=min(5, timeout_s), read=timeout_s)) as pool:
        try:
            response = pool.urlopen(
                method,
                address.path,
                body=body,
                headers={"User-Agent": "GeoCentral", "Host": address.authority, **(headers or {})},
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            raise OutsideFailed(f"{address.host}: no connection", was_sent=False) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            # A certificate that is not believed is found out before anything is said.
            told = not isinstance(error, urllib3.exceptions.SSLError)
            raise OutsideFailed(f"{address.host}: {type(error).__name__}", was_sent=told) from error
        try:
            content = _read(response, address.host, limit_bytes, deadline)
        finally:
            response.close()
    return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, content)


def _read(response: urllib3.BaseHTTPResponse, host: str, limit: int, deadline: float) -> bytes:
    """All of the answer; one that trickles is given up at the deadline."""
    pieces, size = [], 0
    try:
        while piece := response.read1(_PIECE):
            size += len(piece)
            if size > limit:
                raise OutsideRefused(f"{host}: more than {limit} bytes", was_sent=True)
            if time.monotonic() > deadline:
                raise OutsideFailed(f"{host}: too slow", was_sent=True)
            pieces.append(piece)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise OutsideFailed(f"{host}: {type(error).__name__}", was_sent=True) from error
    return b"".join(pieces)


def _is_public(machine: str) -> bool:
    found = ipaddress.ip_address(machine.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not found.is_multicast


def delay_after(attempts: int, key: str, wish: int | None = None) -> timedelta:
    """How long to wait after so many failures: 30 s doubled each time, at most 3 h, give or take a half.

    The jitter is drawn from the key, so that messages that failed together do not come back together.
    `wish` is what the other side asks for, in seconds: at least so long, but a day at most.
    """
    base: timedelta = min(_FIRST_DELAY * 2 ** min(attempts - 1, 20), _LONGEST_DELAY)
    drawn = hashlib.blake2b(f"{key}:{attempts}".encode(), digest_size=8).digest()
    own = base * (0.5 + int.from_bytes(drawn) / 2**64)
    return max(own, timedelta(seconds=min(wish or 0, _DAY_S)))
