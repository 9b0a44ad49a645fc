"""The nightly job of the open data."""

import logging

from procrastinate.contrib.django import app

from geo_central.kernel import clock
from maps.opendata.collections import COLLECTIONS

log = logging.getLogger(__name__)


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="export-data", lock="export-data", pass_context=False)
def export_data(timestamp: int) -> int:
    """Every night: an edition of each dataset whose rows have changed; how many rows there are in all."""
    from .files.exporting import export  # pyarrow is loaded by the first job, not by every command

    rows = 0
    for of in COLLECTIONS.values():
        made = export(of, now=clock.now(), tell=lambda what, n: None)
        log.info("open data: %s, %s rows in edition %s", of.slug, made.whole.rows, made.name)
        rows += made.whole.rows
    return rows
