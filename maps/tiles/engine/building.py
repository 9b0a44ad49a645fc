"""Building a version of the store: one COPY out, sorted, written, put into service."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from geo_central.kernel.sql import Query

from . import store
from .columns import arrange, joined
from .reading import Keys, rows

NOW = Query(__file__, "heat_now")
_NOBODY_YET = str(2**63 - 1)  # a transaction that has not been


def rebuild(*, now: Callable[[], datetime], tell: Callable[[str], None] = lambda said: None) -> store.Facts:
    """Read every request anew and put the result into service. Raises store.Busy where another builds.

    What is committed while this reads is in the version, or is looked up by `since`, or both.
    """
    began = now()
    where = store.home()
    with store.building(where) as making:
        asked = NOW.one({"since": _NOBODY_YET})
        keys = Keys()
        tell("reading")
        every = joined(rows(keys))
        tell(f"sorting {len(every['issue'])} rows")
        columns = arrange(every)
        tell("writing")
        facts = store.Facts(
            form=0,
            name=f"v-{began:%Y%m%dT%H%M%S%f}",
            since=asked.settled,
            rows=columns.rows,
            built_at=began.isoformat(timespec="seconds"),
            seconds=round((now() - began).total_seconds(), 2),
            versions=list(asked.versions),
            **asdict(keys),
        )
        store.write(making, facts, columns)
    return facts
