"""A look at the data: what is new since the last one, in the order of commits, chunk by chunk.

Each chunk is a transaction that also says how far it came, so a look that was killed goes on where
it was. A look while another one runs does nothing, and loses nothing: the next one is due.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from geo_central.kernel.sql import Query
from issues.citizens.tidying import tidy_contacts

from .models import ContactCheck, HygieneRun

WINDOW_DAYS = 60
"""Requests further apart in time are not the same one."""
RADIUS_M = 30
"""Of services that ask nobody about duplicates: there the words decide."""
ALIKE = 0.6
LEAST_SCORE = 0.5
TIMES_THE_TARGET = 3
CHUNK = 20_000
NEIGHBOURS = 40
EACH = 3
CONTACTS = 1000
_ALONE = 0x487967

_CHUNK = Query(__file__, "chunk", planned=True)
_SUGGEST = Query(__file__, "suggest", planned=True)
_FINDINGS = Query(__file__, "findings", planned=True)
_UNCHECKED = Query(__file__, "unchecked_contacts", planned=True)
_COUNTS = Query(__file__, "counts")


def look(*, now: datetime) -> HygieneRun | None:
    """Look for duplicates, findings and bad contacts; the finished run, or None while another one runs."""
    with _alone() as alone:
        if not alone:
            return None
        last = HygieneRun.objects.order_by("-id").first()
        run = HygieneRun.objects.create(
            started_at=now,
            reached_xid=last.reached_xid if last else 0,
            reached_event=last.reached_event if last else 0,
        )
        while _suggest_chunk(run, now):
            pass
        _FINDINGS.run({"now": now, "times": TIMES_THE_TARGET})
        while _check_contacts(now):
            pass
        run.counts = {row.kind: row.n for row in _COUNTS.rows()}
        run.finished_at = now
        run.save(update_fields=["counts", "finished_at"])
        return run


def _suggest_chunk(run: HygieneRun, now: datetime) -> bool:
    """Suggest what the next chunk of events brought; False when there was none."""
    since = {"xid": run.reached_xid, "event": run.reached_event}
    with transaction.atomic():
        end = _CHUNK.one({**since, "size": CHUNK})
        if end is None:
            return False
        done: Any = _SUGGEST.one(
            {
                **since,
                "until_xid": end.xid,
                "until_event": end.event,
                "radius_m": RADIUS_M,
                "window_days": WINDOW_DAYS,
                "alike": ALIKE,
                "least": LEAST_SCORE,
                "neighbours": NEIGHBOURS,
                "each": EACH,
                "now": now,
            }
        )
        run.looked += done.looked
        run.suggested += done.suggested
        run.reached_xid, run.reached_event = end.xid, end.event
        run.save(update_fields=["looked", "suggested", "reached_xid", "reached_event"])
    return True


def _check_contacts(now: datetime) -> bool:
    """Check the next contacts that nobody has checked; False when there were none."""
    with transaction.atomic():
        ids = [row.id for row in _UNCHECKED.rows({"size": CONTACTS})]
        if not ids:
            return False
        ContactCheck.objects.bulk_create(
            [
                ContactCheck(
                    contact_id=tidied.contact_id,
                    outcome=tidied.outcome,
                    reason=tidied.reason,
                    masked=tidied.masked,
                    checked_at=now,
                )
                for tidied in tidy_contacts(contact_ids=ids, now=now)
            ],
            ignore_conflicts=True,
        )
    return len(ids) == CONTACTS


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else is looking, on any machine; holds until the block ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_ALONE])
        (alone,) = cursor.fetchone()
    try:
        yield alone
    finally:
        if alone and connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_ALONE])
