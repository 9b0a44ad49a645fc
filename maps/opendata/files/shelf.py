"""Where the files stand: `DADOS_ROOT/<dataset>/<digest>/<name>`, and an index of editions beside them.

A part (a month, or the whole) lies in a directory named by the digest of its rows, so a part that did not
change is the same directory in the next edition. The index is replaced at once, after everything that it
names is on the disk: a job that is killed leaves the older edition in service.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

KEPT = 10
"""Editions of a dataset that stay on the shelf."""
_DRAFT = ".draft-"


class Busy(Exception):
    """Another job is at it."""


class File(msgspec.Struct, frozen=True):
    """A file of a part. `sha256` in hexadecimal."""

    format: str
    name: str
    bytes: int
    sha256: str


class Part(msgspec.Struct, frozen=True):
    """A month (YYYY-MM) or, where `month` is empty, all rows. `bbox`: west, south, east, north."""

    month: str
    rows: int
    digest: str
    files: tuple[File, ...]
    bbox: tuple[float, float, float, float] | None = None

    def file(self, form: str) -> File | None:
        """The file of a format."""
        return next((f for f in self.files if f.format == form), None)


class Edition(msgspec.Struct, frozen=True):
    """What a run made. `schema` counts the changes of columns; `sample` has the newest rows as texts."""

    name: str
    made_at: datetime
    schema: int
    columns: tuple[str, ...]
    whole: Part
    months: tuple[Part, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The whole, then the months from the newest."""
        return (self.whole, *self.months)

    def find(self, name: str) -> tuple[Part, File] | None:
        """The file of that name, with its part."""
        return next(((p, f) for p in self.parts for f in p.files if f.name == name), None)


class Index(msgspec.Struct, frozen=True):
    """The editions of a dataset, the newest first; `checked_at`: when a job last looked for changes."""

    checked_at: datetime
    editions: tuple[Edition, ...]


def root(slug: str) -> Path:
    """The directory of a dataset."""
    return Path(settings.DADOS_ROOT) / slug


def index(slug: str) -> Index | None:
    """What stands there; None before the first job, or where the index cannot be read."""
    try:
        return msgspec.json.decode((root(slug) / "index.json").read_bytes(), type=Index)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def path(slug: str, part: Part, file: File) -> Path:
    """Where a file lies."""
    return root(slug) / part.digest / file.name


@contextmanager
def writing(slug: str) -> Iterator[Path]:
    """A draft directory for one writer, gone afterwards. Raises Busy when there is one already."""
    home = root(slug)
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(slug) from None
        for left in home.glob(f"{_DRAFT}*"):
            shutil.rmtree(left)
        draft = home / f"{_DRAFT}{os.getpid()}"
        draft.mkdir()
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def shelve(slug: str, made: Path, digest: str) -> None:
    """Put a part's finished directory in its place, durably; if it stands already, the new one is dropped."""
    target = root(slug) / digest
    if target.exists():
        shutil.rmtree(made)
        return
    for file in made.iterdir():
        _sync(file)
    _sync(made)
    made.rename(target)
    _sync(target.parent)


def publish(slug: str, new: Index) -> None:
    """Bring an index into service, then remove what no edition names any more."""
    home = root(slug)
    draft = home / f"{_DRAFT}index"
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(new), indent=1))
    _sync(draft)
    draft.rename(home / "index.json")
    _sync(home)
    named = {part.digest for edition in new.editions for part in edition.parts}
    for found in home.iterdir():
        if found.is_dir() and re.fullmatch(r"[0-9a-f]{20}", found.name) and found.name not in named:
            shutil.rmtree(found)


def _sync(what: Path) -> None:
    handle = os.open(what, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def as_texts(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Rows as a page shows them."""
    return tuple(tuple(_text(row[c]) for c in columns) for row in rows)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
