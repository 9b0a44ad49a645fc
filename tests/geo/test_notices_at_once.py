"""Several deliverers at work: each message once, found without walking through those that were sent."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from geo_central.kernel import clock
from issues.conversations import operations
from issues.conversations.models import Notice
from issues.intake.operations import report
from issues.teams.models import User
from tests.factories.peers import mail_server
from tests.factories.reports import NOON, draft
from tests.geo.test_intake_at_once import at_once

MANY = """
INSERT INTO issues_notice (key, address, channel, user_id, is_urgent, created_at, available_at, sealed_at,
                           attempts, state, settled_at, failure)
SELECT gen_random_uuid(), 'email:x' || n, 'email', %(user)s, true, %(now)s, %(now)s, %(now)s, 1,
       CASE WHEN n %% 1000 = 0 THEN 'waiting' ELSE 'sent' END,
       CASE WHEN n %% 1000 = 0 THEN NULL ELSE %(now)s::timestamptz END, ''
  FROM generate_series(1, 100000) AS n
"""
CLAIM = {"now": NOON + timedelta(hours=1), "most": 9, "channels": ["email", "push"], "until": NOON}


@pytest.mark.django_db
def test_the_next_message_of_a_hundred_thousand_is_found_by_an_index():
    from issues.conversations.sending import _CLAIM as claim

    user = User.objects.create(username=f"p{uuid.uuid4().hex[:8]}", role="manager")
    with connection.cursor() as cursor:
        cursor.execute(MANY, {"user": user.pk, "now": NOON})
        cursor.execute("ANALYZE issues_notice")
        cursor.execute("EXPLAIN (FORMAT JSON) " + claim.text, CLAIM)
        (plan,) = cursor.fetchone()
    text = plan if isinstance(plan, str) else json.dumps(plan)
    assert "notice_waiting" in text
    assert '"Seq Scan"' not in text
    assert '"Sort"' not in text


@pytest.mark.usefixtures("own_database")
def test_four_sweeps_at_once_send_each_message_once(settings):
    with mail_server() as mail:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        for n in range(12):
            contact = {"email": f"pessoa{n}@example.com"}
            report(draft=draft(contact=contact), now=clock.now())
        at_once(lambda n: operations.deliver(now=clock.now), 4)
        operations.deliver(now=clock.now)
        told = sorted(letter["To"] for letter in mail.mails)
    assert told == sorted(f"pessoa{n}@example.com" for n in range(12))
    assert not Notice.objects.filter(state="waiting", attempts__gt=0).exists()
