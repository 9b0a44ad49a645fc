"""Where the server is to be reached: its socket's directory and its TCP port."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

from geo_central.postgis.account import Account
from geo_central.postgis.errors import ClusterError

# sockaddr_un holds 108 bytes, one of them the closing zero.
SOCKET_PATH_LIMIT = 107
# The protocol's SSLRequest message: answered by one letter, before any password.
SSL_REQUEST = bytes.fromhex("0000000804d2162f")
FIRST_PORT = 20000
PORT_SPAN = 10000
SHORT_ROOT = Path("/tmp")  # noqa: S108 - the directory made there is checked to be the server's own


def path_key(base: Path) -> str:
    """A short name of a cluster, the same for the same directory."""
    return hashlib.sha256(os.fsencode(base.resolve())).hexdigest()[:10]


def socket_file(directory: Path, port: int) -> Path:
    """The socket PostgreSQL makes in a directory for a port."""
    return directory / f".s.PGSQL.{port}"


def socket_directory(base: Path, *, reachable: bool = True, short_root: Path = SHORT_ROOT) -> Path:
    """Where the socket goes: in the cluster's own directory if the server reaches it and its path isn't too
    long for the kernel, else a short directory keyed by the cluster's path.
    """
    own = base.resolve() / "socket"
    if reachable and len(os.fsencode(socket_file(own, 65535))) <= SOCKET_PATH_LIMIT:
        return own
    return short_root / f"geo-central-{path_key(base)}"


def prepare_socket_directory(directory: Path, account: Account) -> None:
    """Make the directory the server's own, closed to others.

    Raises ClusterError `socket_directory_taken` if somebody else's stands there.
    """
    try:
        directory.mkdir(mode=0o700)
        account.give(directory)
    except FileExistsError:
        pass
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
        raise ClusterError(
            "socket_directory_taken",
            f"{directory}, where the database's socket goes, belongs to somebody else.",
            "find out whose it is, remove it, and start again.",
        )
    directory.chmod(0o700)


def port_is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1 at this port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def choose_port(key: str, kept: int | None = None, is_free: Callable[[int], bool] = port_is_free) -> int:
    """The kept port if it's still free, else the first free one from a place the key decides.

    The range lies below the kernel's ephemeral ports, so that no outgoing connection of the machine takes it.
    Raises ClusterError `no_port`.
    """
    if kept is not None and is_free(kept):
        return kept
    start = int(key, 16) % PORT_SPAN
    for step in range(PORT_SPAN):
        port = FIRST_PORT + (start + step) % PORT_SPAN
        if port != kept and is_free(port):
            return port
    raise ClusterError(
        "no_port",
        f"No TCP port between {FIRST_PORT} and {FIRST_PORT + PORT_SPAN - 1} is free on 127.0.0.1.",
        "stop some of the programs that listen there (ss -ltn shows them).",
    )


def answers(directory: Path, port: int) -> bool:
    """Whether a PostgreSQL server answers on the socket (one that is dying still accepts connections)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(socket_file(directory, port)))
            probe.sendall(SSL_REQUEST)
            return probe.recv(1) in (b"N", b"S")
        except OSError:
            return False
