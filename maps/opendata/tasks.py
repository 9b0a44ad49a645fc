"""The nightly job of the open data."""

import logging

from django.utils.timezone import localdate
from procrastinate.contrib.django import app

from geo_central.kernel import clock
from maps.opendata.collections import COLLECTIONS
from maps.opendata.kept import count_usual

log = logging.getLogger(__name__)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="count-glance", pass_context=False)
def count_glance(timestamp: int) -> int:
    """Every ten minutes: the periods that the page of transparency offers are counted; how many."""
    return count_usual(today=localdate(), now=clock.now())


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
