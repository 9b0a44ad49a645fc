"""Jobs of the queue for the maps' analyses. Each is safe to run twice, late, or on several machines."""

import logging

from django.utils.timezone import localdate
from procrastinate.contrib.django import app

from geo_central.kernel import clock

from . import operations

log = logging.getLogger(__name__)


@app.periodic(cron="23 5 * * *")
@app.task(queueing_lock="refresh-hotspots", pass_context=False)
def refresh_hotspots(timestamp: int) -> int:
    """Every night: the hotspots of the year that ended yesterday, of all requests and of each theme."""
    return operations.refresh(
        now=clock.now, today=localdate(), tell=lambda what: log.info("hotspots %s", what)
    )


@app.task(pass_context=False)
def work_hotspots(run: int) -> int:
    """When a planner asks: one run that was begun; how many requests it compared."""
    return operations.work(run, now=clock.now, tell=lambda done, what: log.info("%s %s", done, what)).n
