"""Making an edition of a dataset: rows are read once, parts that did not change are left as they stand."""

import hashlib
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction

from maps.opendata.collections import Collection

from . import shelf
from .datasets import FORMATS, MONTHLY, formats
from .shelf import Edition, File, Index, Part
from .stream import GEOMETRY, batches
from .writers import WRITERS, Parquet, parts

Tell = Callable[[str, int], None]
SAMPLE = 10


def export(
    of: Collection, *, now: datetime, tell: Tell, only: str = "", forms: Sequence[str] = tuple(FORMATS)
) -> Edition:
    """Make and publish an edition, or, where nothing has changed, return the one in service.

    `tell(what, rows)` hears what is being done and how many rows of it are done. `only`: of the months, renew
    this one (YYYY-MM) and those that were never made. `forms`: which formats; always Parquet.
    Raises shelf.Busy.
    """
    with shelf.writing(of.slug) as draft:
        before = shelf.index(of.slug)
        last = before.editions[0] if before and before.editions else None
        columns = tuple(f"{c.name}:{c.kind}" for c in of.columns)
        same_columns = last is not None and last.columns == columns
        drafts = _read(of, draft, tell)
        months, sources = [], []
        for month, source, rows, box in drafts:
            digest = _digest(source)
            known = next((p for p in last.months if p.digest == digest), None) if last else None
            if only and month not in ("", only) and last:
                known = next((p for p in last.months if p.month == month), known)
            if month:
                months.append(known or _part(of, month, source, rows, box, digest, tell, forms))
            sources.append(source if source.exists() else shelf.root(of.slug) / digest / source.name)
        whole = _whole(of, draft, sources, last, tell, forms)
        months.reverse()
        edition = Edition(
            name=f"{now:%Y%m%dT%H%M%SZ}",
            made_at=now,
            schema=1 if last is None else last.schema + (not same_columns),
            columns=columns,
            whole=whole,
            months=tuple(months),
            sample=_sample(of, shelf.path(of.slug, whole, whole.files[0])),
        )
        if last and same_columns and [p.digest for p in last.parts] == [p.digest for p in edition.parts]:
            edition = last
        older = before.editions if before else ()
        kept = (edition, *(e for e in older if e.name != edition.name))[: shelf.KEPT]
        shelf.publish(of.slug, Index(now, kept))
    return edition


def _read(of: Collection, draft: Path, tell: Tell) -> list[tuple[str, Path, int, list[float] | None]]:
    """The rows as Parquet files by month (one without a month where the dataset has none), oldest first."""
    made: list[tuple[str, Path, int, list[float] | None]] = []
    runs = _runs(of, tell)
    with closing(runs):
        for month, rows in runs:
            name = f"{of.slug}-{month}" if month else of.slug
            home = draft / (month or "all")
            home.mkdir()
            writer = Parquet(home / f"{name}.parquet", of)
            for part in rows:
                writer.add(part)
            box = writer.close()
            made.append((month, writer.path, writer.rows, box))
    if not made:
        (draft / "all").mkdir()
        empty = Parquet(draft / "all" / f"{of.slug}.parquet", of)
        empty.close()
        made.append(("", empty.path, 0, None))
    return made


def _runs(of: Collection, tell: Tell) -> Generator[tuple[str, Iterator[pa.Table]], None, None]:
    # The stream ends before the transaction does, also where a reader fails: an unfinished COPY blocks it.
    with transaction.atomic(), closing(batches(of)) as source:
        done = 0
        held = next(source, None)

        def run(month: str) -> Iterator[pa.Table]:
            nonlocal held, done
            while held is not None and _month(of, held[0]) == month:
                done += len(held[1])
                yield held[1]
                tell(of.slug, done)
                held = next(source, None)

        while held is not None:
            month = _month(of, held[0])
            yield month, run(month)


def _month(of: Collection, month: str) -> str:
    return month if of.slug in MONTHLY else ""


def _whole(
    of: Collection, draft: Path, sources: list[Path], last: Edition | None, tell: Tell, forms: Sequence[str]
) -> Part:
    if len(sources) == 1 and sources[0].name == f"{of.slug}.parquet":
        source = sources[0]
        with pq.ParquetFile(source) as file:
            rows = file.metadata.num_rows
        box = _box(source)
    else:
        (draft / "all").mkdir()
        writer = Parquet(draft / "all" / f"{of.slug}.parquet", of)
        for one in sources:
            for part in parts(one):
                writer.add(pa.Table.from_batches([part]))
        box, rows, source = writer.close(), writer.rows, writer.path
    digest = _digest(source)
    if last and last.whole.digest == digest:
        return last.whole
    return _part(of, "", source, rows, box, digest, tell, forms)


def _part(
    of: Collection,
    month: str,
    source: Path,
    rows: int,
    box: list[float] | None,
    digest: str,
    tell: Tell,
    forms: Sequence[str],
) -> Part:
    """The other formats of a Parquet file, beside it; then all of them in their place."""
    files = []
    for form in formats(of):
        if form != "parquet" and form not in forms:
            continue
        target = source.with_suffix(f".{form}")
        if form != "parquet":
            if form == "pmtiles" and box is None:
                continue  # tiles of nothing are no archive
            tell(target.name, 0)
            WRITERS[form](of, source, target)
        files.append(File(form, target.name, target.stat().st_size, _sha256(target)))
    shelf.shelve(of.slug, source.parent, digest)
    return Part(month, rows, digest, tuple(files), (box[0], box[1], box[2], box[3]) if box else None)


def _box(source: Path) -> list[float] | None:
    facts = json.loads((pq.read_metadata(source).metadata or {}).get(b"geo", b"{}"))
    found: list[float] | None = facts.get("columns", {}).get(GEOMETRY, {}).get("bbox")
    return found


def _sample(of: Collection, source: Path) -> tuple[tuple[str, ...], ...]:
    names = tuple(c.name for c in of.columns)
    with pq.ParquetFile(source) as file:
        if not file.num_row_groups:
            return ()
        rows = file.read_row_group(file.num_row_groups - 1, columns=list(names))
    return shelf.as_texts(rows.slice(max(len(rows) - SAMPLE, 0)).to_pylist()[::-1], names)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(source: Path) -> str:
    # With its name: one month that has all rows is not the whole.
    return hashlib.sha256(f"{source.name} {_sha256(source)}".encode()).hexdigest()[:20]
