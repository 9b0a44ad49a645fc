"""What the launcher remembers of a cluster: one small file that only its owner can read."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from geo_central.postgis.account import Account
from geo_central.postgis.errors import ClusterError

LOCK_TIMEOUT = 180.0
PREPARED = 2  # one more whenever `Superuser.prepare` makes something new; older clusters then get it too


def _password() -> str:
    # Only characters that stand in a URL, in SQL and in a shell as they are.
    return secrets.token_hex(20)


@dataclass(frozen=True)
class State:
    """A cluster's profile, address and passwords.

    `prepared` says how far role, database and extensions are made: PREPARED when nothing is missing.
    """

    profile: str
    port: int | None = None
    socket_directory: str | None = None
    prepared: int = 0
    password: str = field(default_factory=_password, repr=False)
    superuser_password: str = field(default_factory=_password, repr=False)

    def address(self) -> tuple[int, Path]:
        """The port and the socket's directory, known once a start has chosen them."""
        if self.port is None or self.socket_directory is None:
            raise LookupError("no start has chosen an address yet")
        return self.port, Path(self.socket_directory)

    def but(self, **changes: object) -> State:
        """This state with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def read_state(path: Path) -> State | None:
    """The state kept in a file; None where there is no file. Raises `state_unreadable`, `state_broken`."""
    try:
        return State(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise ClusterError(
            "state_unreadable",
            f"You may not read {path}, where the database's password is kept.",
            f"run it as the owner of {path.parent}, or as root.",
        ) from error
    except (ValueError, TypeError) as error:
        raise ClusterError(
            "state_broken",
            f"{path} can't be understood: {error}.",
            "put back a copy if you have one; otherwise `make clean` starts again with an empty database.",
        ) from error


def write_state(path: Path, state: State, account: Account) -> None:
    """Replace the file as a whole: after a power cut it's the old one or the new one."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(asdict(state), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    account.give(fresh)
    fresh.rename(path)


@contextmanager
def locked(path: Path, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Hold the cluster's lock; the kernel lets go of it if the holder dies. Raises `busy`."""
    deadline = time.monotonic() + timeout
    handle = _open_lock(path)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise _busy(path, timeout) from None
                time.sleep(0.05)
                continue
            if _is_still(path, handle):
                break
            # `destroy` removed the file while we waited for it: what we hold guards nothing.
            os.close(handle)
            handle = _open_lock(path)
        yield
    finally:
        os.close(handle)


def _open_lock(path: Path) -> int:
    try:
        _make_directory(path.parent)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise ClusterError(
            "not_yours",
            f"You may not write in {path.parent}.",
            "run it as the owner of that directory, or as root, or choose another with --data.",
        ) from error


def _make_directory(directory: Path) -> None:
    """Make a directory and those above it, owned as their parent is: root makes no trap for a user."""
    if directory.is_dir():
        return
    _make_directory(directory.parent)
    directory.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        parent = directory.parent.stat()
        os.chown(directory, parent.st_uid, parent.st_gid)


def _is_still(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _busy(path: Path, timeout: float) -> ClusterError:
    return ClusterError(
        "busy",
        f"Another process has been starting or stopping this database for over {timeout:.0f} seconds.",
        f"see which one holds {path} (fuser {path}), and end it if it hangs.",
    )
