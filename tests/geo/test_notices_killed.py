"""A worker is killed in mid-delivery: its message is not lost, and not shown twice by whoever can tell."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from geo_central.kernel import clock
from issues.conversations import operations
from issues.conversations.models import Notice
from issues.conversations.timing import LEASE
from issues.intake.operations import report
from issues.lifecycle.models import Delivery, Event, Issue
from tests.factories.peers import mail_server, push_service
from tests.factories.reports import draft
from tests.server import ROOT

pytestmark = pytest.mark.usefixtures("own_database")
VAPID = "6BQ_JuWGi3bWDh6zYbsW8IUrbRHhyq3tH8Z8Gd5Qq1E"


def after_the_lease():
    return clock.now() + LEASE + timedelta(seconds=1)


@pytest.fixture
def worker(own_database, settings):
    """`worker(**env)` starts a real one in a process of its own; settings here are made the same."""
    started = []

    def start(*words, **env):
        process = subprocess.Popen(
            [sys.executable, "manage.py", "deliver", *words],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "geo_central.settings.dev",
                "DATABASE_URL": own_database,
                "SECRET_KEY": settings.SECRET_KEY,
                "PERSONAL_DATA_KEY": settings.PERSONAL_DATA_KEY,
                **env,
            },
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(5)


def until(is_so, seconds):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


def kill(process):
    process.send_signal(signal.SIGKILL)
    assert process.wait(5) == -signal.SIGKILL


def test_a_provider_that_honours_the_key_shows_it_exactly_once(worker, settings):
    with push_service() as push:
        settings.VAPID_PRIVATE_KEY, settings.PUSH_HOSTS = VAPID, [push.origin]
        receipt = report(draft=draft(), now=clock.now())
        browser = push.browser("um")
        operations.subscribe_push(
            token=receipt.token, subscription=browser.subscription, language="pt-br", now=clock.now()
        )
        issue = Issue.objects.get(protocol=receipt.protocol)
        # The second event waits for the digest: what a repetition shows must not have grown by it.
        for code in ("resolved", "noted"):
            now = clock.now()
            event = Event.objects.create(issue=issue, code=code, at=now, recorded_at=now)
            kind = "citizen_notice"
            Delivery.objects.create(event=event, issue=issue, kind=kind, created_at=now, available_at=now)
        Issue.objects.filter(pk=issue.pk).update(priority=1)
        push.gate.open.clear()
        process = worker(VAPID_PRIVATE_KEY=VAPID, PUSH_HOSTS=push.origin)
        assert push.gate.taken.wait(30)
        kill(process)
        push.gate.open.set()
        assert Notice.objects.filter(state="waiting", attempts=1).count() == 1

        operations.deliver(now=clock.now)
        asked_so_far = len(push.requests)
        operations.deliver(now=after_the_lease)
        operations.deliver(now=after_the_lease)
        assert len(push.requests) == asked_so_far + 1 == 3
        assert sorted(told["title"] for told in browser.shown) == [
            f"Nova informação no pedido {issue.protocol}", f"Seu pedido {issue.protocol} foi resolvido?"
        ]  # fmt: skip
        assert not Notice.objects.exclude(state="sent").exists()


def test_a_provider_that_knows_no_key_gets_it_at_least_once_and_can_tell_by_the_message_id(worker, settings):
    with mail_server() as mail:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", mail.port, False
        report(draft=draft(contact={"email": "ana@example.com"}), now=clock.now())
        mail.gate.open.clear()
        process = worker(EMAIL_URL=f"smtp+plain://127.0.0.1:{mail.port}")
        assert mail.gate.taken.wait(30)
        kill(process)
        mail.gate.open.set()
        operations.deliver(now=after_the_lease)
        assert len(mail.to("ana@example.com")) == 2
        assert len({m["Message-ID"].partition("@")[0] for m in mail.mails}) == 1
        assert not Notice.objects.exclude(state="sent").exists()


def test_a_worker_that_dies_before_it_has_sent_anything_leaves_it_to_the_next(worker, settings):
    with mail_server() as mail:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", mail.port, False
        report(draft=draft(contact={"email": "bia@example.com"}), now=clock.now())
        process = worker(EMAIL_URL=f"smtp+plain://127.0.0.1:{mail.port}")
        process.send_signal(signal.SIGKILL)  # wherever it is: perhaps not even started
        process.wait(5)
        operations.deliver(now=after_the_lease)
        assert len(mail.to("bia@example.com")) >= 1
        assert not Delivery.objects.filter(delivered_at__isnull=True).exists()


def test_a_watching_worker_tells_as_soon_as_something_happens_and_stops_when_told(worker):
    with mail_server() as mail:
        process = worker("--watch", EMAIL_URL=f"smtp+plain://127.0.0.1:{mail.port}")
        for name in ("caio", "dora"):  # the first may find it starting; the second finds it waiting
            report(draft=draft(contact={"email": f"{name}@example.com"}), now=clock.now())
            until(lambda name=name: mail.to(f"{name}@example.com"), 40)
        report(draft=draft(contact={"email": "elis@example.com"}), now=clock.now())
        began = clock.now()
        until(lambda: mail.to("elis@example.com"), 10)
        assert clock.now() - began < timedelta(seconds=5)  # well before it would have looked by itself
        process.terminate()
        assert process.wait(20) == 0
        assert len(mail.mails) == 3
