"""Versions of the store on disk: directories of columns, one of them in service, swapped in one step.

`HEAT_ROOT/<database>/` holds the versions, the link `current` to the one in service, and the lock of whoever
builds. All processes of a machine share the pages of the one in service.
"""

import fcntl
import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import connection

from geo_central.kernel.sql import Query

from .columns import COLUMN_TYPES, Columns, Ints

log = logging.getLogger(__name__)

_DATABASE = Query(__file__, "heat_database")
_FORM = 2  # of the files; another form has other versions
_KEPT = 2  # versions: the one in service, and one that somebody may be opening just now
_names: dict[tuple[object, ...], str] = {}


class Busy(Exception):
    """Somebody else is building."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a version says of itself.

    `since` is a transaction: whatever was committed before it is in the columns, and what came at or
    after it is looked up again. The lists give the keys at the positions that the columns hold.
    """

    form: int
    name: str
    since: str
    rows: int
    built_at: str
    seconds: float
    versions: list[int]  # ids of the published area layers' versions
    services: list[int]
    teams: list[int]
    channels: list[int]
    places: list[dict[str, str]]  # code by layer


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A version in service: its columns mapped from the disk, and where each request's rows are."""

    facts: Facts
    columns: Columns
    ids: Ints  # of requests, ascending, one for each row
    at: Ints  # the position of that row

    def rows_of(self, issues: Ints) -> Ints:
        """Positions of the rows of these requests, which may have none, one or two."""
        low = np.searchsorted(self.ids, issues, side="left")
        high = np.searchsorted(self.ids, issues, side="right")
        two = low[high - low > 1] + 1
        return np.asarray(np.sort(np.concatenate([self.at[low[high > low]], self.at[two]])))


def home() -> Path:
    """The directory of this process's database."""
    of = connection.settings_dict
    key = (of["HOST"], of["PORT"], of["NAME"])
    if key not in _names:
        _names[key] = str(_DATABASE.value())
    return Path(settings.HEAT_ROOT) / _names[key]


def in_service(where: Path) -> str:
    """The name of the version in service; empty where there is none. Cheap enough to ask each time."""
    try:
        return os.readlink(where / "current")
    except OSError:
        return ""


def opened(where: Path) -> Version | None:
    """The version in service, or None where there is none that can be read."""
    for _ in range(3):
        name = in_service(where)
        if not name:
            return None
        try:
            return _read(where / name)
        except FileNotFoundError:
            continue  # swapped and pruned since its name was read
        except (EOFError, ValueError, KeyError, TypeError) as damage:
            log.error("the heat store's version %s cannot be read: %s", name, damage)
            return None
    return None


def _read(path: Path) -> Version | None:
    told = json.loads((path / "facts.json").read_text())
    if told["form"] != _FORM:
        return None
    columns = {name: np.asarray(np.load(path / f"{name}.npy", mmap_mode="r")) for name in COLUMN_TYPES}
    ids, at = (np.asarray(np.load(path / f"{name}.npy", mmap_mode="r")) for name in ("ids", "at"))
    return Version(Facts(**told), Columns(**columns), ids, at)


@contextmanager
def building(where: Path) -> Iterator[Path]:
    """An empty directory for a version that is put into service at the end of the block.

    Whoever is killed in it leaves the version in service as it was. Raises Busy where another builds.
    """
    where.mkdir(parents=True, exist_ok=True)
    with (where / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        for left in where.glob("making-*"):
            left.unlink() if left.is_symlink() else shutil.rmtree(left)
        making = where / f"making-{os.getpid()}"
        making.mkdir()
        try:
            yield making
            name = json.loads((making / "facts.json").read_text())["name"]
            _settle(making)
            making.rename(where / name)
        finally:
            shutil.rmtree(making, ignore_errors=True)
        following = where / "making-link"
        following.symlink_to(name)
        following.rename(where / "current")
        _prune(where)


def write(making: Path, facts: Facts, columns: Columns) -> None:
    """The files of a version."""
    for name in COLUMN_TYPES:
        np.save(making / f"{name}.npy", getattr(columns, name))
    order = np.argsort(columns.issue, kind="stable")
    np.save(making / "ids.npy", columns.issue[order])
    np.save(making / "at.npy", order.astype(np.uint32))
    (making / "facts.json").write_text(json.dumps({**asdict(facts), "form": _FORM}))


def _settle(making: Path) -> None:
    """Everything is on the disk before anybody is told of it, whatever happens to the machine."""
    for path in (*making.iterdir(), making):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _prune(where: Path) -> None:
    """Versions out of service go, but the last: pages that a process has mapped live on without a name."""
    versions = sorted((p for p in where.glob("v-*") if p.is_dir()), key=lambda p: p.stat().st_mtime_ns)
    for old in versions[:-_KEPT]:
        if old.name != in_service(where):
            shutil.rmtree(old, ignore_errors=True)
