"""Jobs of the queue. Each is safe to run twice, late, or on several machines."""

from datetime import timedelta

from django.conf import settings
from procrastinate.contrib.django import app

from geo_central.kernel import clock
from issues.conversations import operations as notices
from issues.conversations.alerts import operations as alerts
from issues.intake.deferred import pending, pictures
from issues.intake.hygiene.operations import look
from issues.intake.photos import purge_orphans
from issues.lifecycle import timers
from issues.lifecycle.rerouting import operations as rerouting
from issues.partners import operations as partners

from .wording import say_event

KEEP_UNCLAIMED = timedelta(days=2)
KEEP_WANTED = timedelta(days=30)


@app.periodic(cron="17 4 * * *")
@app.task(queueing_lock="purge-photos", pass_context=False)
def purge_photos(timestamp: int) -> int:
    """Every night: photos that were uploaded and never named in a report are deleted."""
    pictures.forget(older_than=clock.now() - KEEP_WANTED)
    return purge_orphans(older_than=clock.now() - KEEP_UNCLAIMED)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="deliver-notices", pass_context=False)
def deliver_notices(timestamp: int) -> int:
    """Every minute, whatever `manage.py deliver --watch` has not seen to: how many messages went."""
    return notices.deliver(now=clock.now).sent


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep-partners", pass_context=False)
def sweep_partners(timestamp: int) -> int:
    """Every minute: departments' systems are sent what is theirs and asked what they did; how much of it."""
    swept = partners.sweep(now=clock.now, say=say_event)
    return swept.sent + swept.heard


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="file-reports", pass_context=False)
def file_reports(timestamp: int) -> int:
    """As soon as one was taken, and every minute: reports get the number that their token will tell."""
    return pending.file_all(now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="fetch-pictures", pass_context=False)
def fetch_pictures(timestamp: int) -> int:
    """Every minute: pictures that reports named by address; how many were kept."""
    return pictures.fetch_due(clock.now)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="deliver-alerts", pass_context=False)
def deliver_alerts(timestamp: int) -> int:
    """Every five minutes: letters of alerts that are due, and those that ask for a confirmation; how many."""
    return alerts.deliver(now=clock.now)


@app.periodic(cron="23 4 * * *")
@app.task(queueing_lock="forget-alerts", pass_context=False)
def forget_alerts(timestamp: int) -> int:
    """Every night: alerts that nobody confirmed are forgotten, and old letters."""
    return alerts.forget(now=clock.now())


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="prune-notices", pass_context=False)
def prune_notices(timestamp: int) -> int:
    """Every night: messages that were settled long ago are forgotten."""
    return notices.prune(now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="ring-alarms", pass_context=False)
def ring_alarms(timestamp: int) -> int:
    """Every five minutes: teams are warned of what is due soon and told of what is overdue."""
    rung = timers.ring_alarms(now=clock.now())
    return rung.warned + rung.escalated


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="confirm-unanswered", pass_context=False)
def confirm_unanswered(timestamp: int) -> int:
    """Every hour: what was resolved and not contested for the city's number of days is confirmed."""
    return timers.confirm_unanswered(now=clock.now(), after=timedelta(days=settings.CITY.confirm_days))


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="look-at-data", lock="look-at-data", pass_context=False)
def look_at_data(timestamp: int) -> int:
    """Every night, and after an import: new duplicates, findings and bad contacts; how many pairs."""
    run = look(now=clock.now())
    return run.suggested if run else 0


@app.task(queueing_lock="reroute-open", lock="reroute-open", pass_context=False)
def reroute_open(by: int | None) -> int:
    """When a manager asks: the open requests follow the rules and maps of now; how many moved."""
    return rerouting.reroute(by=by, now=clock.now()).moved
