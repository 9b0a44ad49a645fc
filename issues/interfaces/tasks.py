"""Jobs of the queue. Each is safe to run twice, late, or on several machines."""

from datetime import timedelta

from procrastinate.contrib.django import app

from geo_central.kernel import clock
from issues.intake.photos import purge_orphans

KEEP_UNCLAIMED = timedelta(days=2)


@app.periodic(cron="17 4 * * *")
@app.task(queueing_lock="purge-photos", pass_context=False)
def purge_photos(timestamp: int) -> int:
    """Every night: photos that were uploaded and never named in a report are deleted."""
    return purge_orphans(older_than=clock.now() - KEEP_UNCLAIMED)
