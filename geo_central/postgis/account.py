"""Which system user the server runs as: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo_central.postgis.errors import ClusterError


@dataclass(frozen=True)
class Account:
    """A system user and whether we must become it (only root can, and only root must)."""

    name: str
    uid: int
    gid: int
    switch: bool

    def run(
        self,
        command: list[str],
        *,
        stdin: str = "",
        extra_env: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, in a plain environment; its output is captured."""
        become: dict[str, Any] = {}
        if self.switch:
            groups = os.getgrouplist(self.name, self.gid)
            become = {"user": self.uid, "group": self.gid, "extra_groups": groups}
        return subprocess.run(  # noqa: S603 - the caller's fixed command, never through a shell
            command,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            # The caller's directory may be closed to this user.
            cwd="/",
            env=_plain_environment(extra_env),
            **become,
        )

    def can_write(self, directory: Path) -> bool:
        """Whether this user reaches and writes the directory; the kernel is asked, so ACLs count."""
        if not self.switch:
            return os.access(directory, os.W_OK | os.X_OK)
        return self.run(["test", "-w", str(directory), "-a", "-x", str(directory)]).returncode == 0

    def give(self, path: Path) -> None:
        """Make the path this user's."""
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_for(base: Path, data: Path) -> Account:
    """The user to run the server of `data` as.

    Oneself, where one isn't root. As root: whoever owns the existing data; else whoever owns the place it is
    to be made in (so that `sudo make up` leaves a checkout its owner can go on using); else `postgres`, else
    `nobody`. Raises ClusterError `foreign_owner` or `no_account`.
    """
    me = os.geteuid()
    if me != 0:
        entry = _entry(me)
        if data.exists() and data.stat().st_uid != me:
            owner = _entry(data.stat().st_uid).name
            raise ClusterError(
                "foreign_owner",
                f"The database files in {data} belong to {owner}, and you are {entry.name}.",
                "run it as that user (or as root, if root made it), or remove it as root with `make clean`.",
            )
        return Account(entry.name, me, os.getegid(), switch=False)
    place = data if data.exists() else _nearest_existing(base)
    if place.stat().st_uid != 0:
        entry = _entry(place.stat().st_uid)
        return Account(entry.name, entry.uid, entry.gid, switch=True)
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid, switch=True)
    raise ClusterError(
        "no_account",
        "PostgreSQL can't run as root, and this machine has no user named postgres or nobody.",
        "create one (useradd --system postgres), or run as an ordinary user.",
    )


@dataclass(frozen=True)
class _Entry:
    name: str
    uid: int
    gid: int


def _entry(uid: int) -> _Entry:
    try:
        found = pwd.getpwuid(uid)
    except KeyError:
        # A container may run as a number nobody has named; initdb itself insists on a name, and says so.
        return _Entry(str(uid), uid, os.getegid())
    return _Entry(found.pw_name, found.pw_uid, found.pw_gid)


def _nearest_existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _plain_environment(extra: dict[str, str] | None) -> dict[str, str]:
    # PGHOST, PGDATA, PGOPTIONS, PGSERVICE… of the caller must not steer a private server.
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", **(extra or {})}
