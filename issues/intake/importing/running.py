"""A whole import: batch after batch, each one transaction; what was refused is written down."""

import csv
import gc
import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext

from issues.catalogue.queries import services
from issues.lifecycle.queries import calendars
from issues.routing.queries import RuleBook
from layers.queries import published_version

from .faults import REASONS, ImportFault
from .filing import Filer, Prepared
from .mapping import Mapping
from .reading import Table, open_mapped
from .rows import Past, Refused, Translator

BATCH = 10_000
WRITERS = 2
ENOUGH_TO_JUDGE = 10  # points: when none of so many is in the city, the coordinates are misread
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
Tell = Callable[[int, int], None]


@dataclass(slots=True)
class Totals:
    """read = imported + already there + refused."""

    read: int = 0
    imported: int = 0
    known: int = 0
    refused: int = 0

    def check(self) -> None:
        """Raises AssertionError when a row was lost or counted twice."""
        assert self.read == self.imported + self.known + self.refused, self


@dataclass(frozen=True, slots=True)
class Job:
    """What to import and where its papers go. `writers` 0 writes on the caller's own connection."""

    path: Path
    mapping: Mapping
    report: Path
    progress: Path
    now: datetime
    dry_run: bool = False
    resume: bool = False
    batch: int = BATCH
    writers: int = WRITERS


def run(job: Job, tell: Tell | None = None) -> Totals:
    """Import a file. Raises ImportFault; every batch written before stays, and `resume` goes on.

    Also raises Unready `routing.no_team`.
    """
    table = open_mapped(job.path, job.mapping)
    boundary = settings.CITY.boundary_layer
    if published_version(boundary) is None:
        remedy = f"carregue e publique a camada {boundary}: docs/loading-a-layer.md"
        raise ImportFault("a cidade ainda não tem limite publicado", remedy, file=str(job.path))
    with _alone(job), _rare_collections():
        totals, size = _resumed(job) if job.resume else (Totals(), 0)
        with _report(job.report, size) as refuse:
            for _done in _batches(job, table, totals, refuse):
                if not job.dry_run:
                    _save(job, totals)
                if tell:
                    tell(totals.read, table.total)
    totals.check()
    job.progress.unlink(missing_ok=True)
    return totals


def _batches(
    job: Job, table: Table, totals: Totals, refuse: Callable[[list[Refused]], None]
) -> Iterator[Totals]:
    """Prepare batches while earlier ones are written; the totals after each one that is done."""
    mapping = job.mapping
    translator = Translator(mapping, table.columns, {s.code: s for s in services()}, job.now, table.crs)
    filer = Filer(mapping.source, RuleBook.load(), calendars(since=EARLIEST), job.now, mapping.find_address)
    pool = _Pool(filer, job)
    first, counted = totals.read + 1, 0
    try:
        for rows in table.batches(job.batch, skip=totals.read):
            pasts, refused = translator.translate(rows, first)
            batch = filer.prepare(pasts, pool.flying)
            if first == 1:
                _judge(job, table, pasts, refused, batch)
            pool.add(batch, len(rows), sorted([*refused, *batch.refused]))
            first += len(rows)
            for done in pool.done(wait=False):
                yield _counted(totals, done, refuse)
                counted += 1
                if counted & (counted - 1) == 0 and not job.dry_run:  # 1, 2, 4, 8…: the table has doubled
                    _tell_planner()
    finally:
        # What was given to a writer is counted even when a later row cannot be read.
        rest = list(pool.done(wait=True))
        pool.close()
        last = [_counted(totals, done, refuse) for done in rest]
        if last and not job.dry_run:
            _save(job, totals)
    if last:
        yield totals


def _tell_planner() -> None:
    """A new source is in no statistics: until it is, every batch would read the whole table."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE issues_issue (source, external_id)")


@dataclass(frozen=True, slots=True)
class _Flight:
    batch: Prepared
    read: int
    refused: list[Refused]
    written: Future[int]


class _Pool:
    """Writers with a connection each. At most one batch waits for each of them."""

    def __init__(self, filer: Filer, job: Job) -> None:
        self.filer, self.job = filer, job
        self.flights: deque[_Flight] = deque()
        count = 0 if job.dry_run else job.writers
        self.threads = deque(ThreadPoolExecutor(1, "importer") for _ in range(count))

    @property
    def flying(self) -> frozenset[str]:
        return frozenset().union(*(f.batch.ids for f in self.flights))

    def add(self, batch: Prepared, read: int, refused: list[Refused]) -> None:
        if self.threads:
            written = self.threads[0].submit(self.filer.write, batch)
            self.threads.rotate()
        else:
            written = Future()
            written.set_result(batch.asked if self.job.dry_run else self.filer.write(batch))
        self.flights.append(_Flight(batch, read, refused, written))

    def done(self, *, wait: bool) -> Iterator[_Flight]:
        """Batches written, in their order; waits when the writers are behind."""
        while self.flights and (
            wait or len(self.flights) > 2 * self.job.writers or self.flights[0].written.done()
        ):
            self.flights[0].written.result()
            yield self.flights.popleft()

    def close(self) -> None:
        for thread in self.threads:
            thread.submit(lambda: connection.close()).result()  # asked there: each has its own
            thread.shutdown()


def _counted(totals: Totals, done: _Flight, refuse: Callable[[list[Refused]], None]) -> Totals:
    new = done.written.result()
    totals.read += done.read
    totals.imported += new
    totals.known += done.batch.known + done.batch.asked - new
    totals.refused += len(done.refused)
    refuse(done.refused)
    totals.check()
    return totals


def _judge(job: Job, table: Table, pasts: list[Past], refused: list[Refused], batch: Prepared) -> None:
    """Stop at the first batch when its coordinates are plainly of another system or another city."""
    misread = [r for r in refused if r.reason == "bad_coordinates"]
    outside = [r for r in batch.refused if r.reason == "outside_city"]
    located = sum(p.lng is not None for p in pasts)
    for wrong, of in ((misread, located + len(misread)), (outside, located)):
        if len(wrong) >= ENOUGH_TO_JUDGE and len(wrong) > 0.95 * of:
            raise ImportFault(
                "as coordenadas não são desta cidade: nenhuma, ou quase nenhuma, do primeiro lote serve",
                f"confira crs (é {table.crs or job.mapping.crs}), e se lng e lat não estão trocadas",
                file=str(job.path),
                row=min(wrong).row,
            )


@contextmanager
def _rare_collections() -> Iterator[None]:
    """A batch is half a million values without cycles: looking for some took a quarter of the time."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _alone(job: Job) -> Iterator[None]:
    """No two imports of one source at once."""
    key = int.from_bytes(hashlib.blake2b(job.mapping.source.encode(), digest_size=8).digest(), signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            remedy = "espere que termine"
            raise ImportFault(
                f"outra importação de {job.mapping.source} corre agora", remedy, file=str(job.path)
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


@contextmanager
def _report(path: Path, size: int) -> Iterator[Callable[[list[Refused]], None]]:
    """The file of refused rows, from byte `size` on."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = path.open("r+" if size else "w", encoding="utf-8", newline="")
    except OSError as error:
        remedy = "dê outro lugar com --report"
        raise ImportFault(f"não se escreve aqui: {error.strerror}", remedy, file=str(path)) from error
    with opened as file:
        file.truncate(size)
        file.seek(size)
        lines = csv.writer(file)
        if not size:
            lines.writerow(("row", "reason", "value", "explanation"))

        def refuse(rows: list[Refused]) -> None:
            lines.writerows((r.row, r.reason, r.value[:200], gettext(str(REASONS[r.reason]))) for r in rows)
            file.flush()

        yield refuse


def _identity(job: Job) -> dict[str, Any]:
    """What must be the same for a run to go on where another one stopped."""
    stat = job.path.stat()
    return {"file": str(job.path.resolve()), "size": stat.st_size, "source": job.mapping.source}


def _save(job: Job, totals: Totals) -> None:
    job.progress.parent.mkdir(parents=True, exist_ok=True)
    state = {**_identity(job), "report": job.report.stat().st_size, "totals": asdict(totals)}
    fresh = job.progress.with_suffix(".new")
    fresh.write_text(json.dumps(state), encoding="utf-8")
    fresh.replace(job.progress)


def _resumed(job: Job) -> tuple[Totals, int]:
    """Where the last run stopped; the beginning when none did."""
    if not job.progress.exists():
        return Totals(), 0
    state = json.loads(job.progress.read_text(encoding="utf-8"))
    if {k: state.get(k) for k in _identity(job)} != _identity(job):
        remedy = "importe desde o começo, sem --resume: o que já entrou não entra outra vez"
        raise ImportFault("o arquivo mudou desde a parada", remedy, file=str(job.path))
    size = min(int(state["report"]), job.report.stat().st_size) if job.report.exists() else 0
    return Totals(**state["totals"]), size
