"""Several workers write and send letters of alerts at the same time; each letter goes once."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from issues.conversations.alerts import operations
from issues.conversations.alerts.models import AlertLetter
from issues.teams.models import Team
from tests.factories.reports import NOON
from tests.geo.test_alerts import AROUND, filed, wished

pytestmark = pytest.mark.usefixtures("own_database")


def test_sweeps_at_once_write_and_send_each_letter_once(mail):
    later = NOON + timedelta(days=1)
    people = [f"p{n}@example.com" for n in range(12)]
    for address in people:
        wished(address, polygon=AROUND)
    filed(Team.objects.order_by("slug")[0])

    def run():
        try:
            operations.deliver(now=lambda: later)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    operations.deliver(now=lambda: later)
    told = [m["To"] for m in mail.mails if "novidade" in m["Subject"]]
    assert sorted(told) == sorted(people)
    assert AlertLetter.objects.filter(kind="news").count() == len(people)
