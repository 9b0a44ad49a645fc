"""Whoever asked is told that a crew is on its way, while that is news."""

from datetime import timedelta

import pytest

from issues.conversations import operations
from issues.intake.operations import report
from issues.lifecycle.models import Delivery, Issue
from issues.lifecycle.operations import act
from tests.factories.acts import staff
from tests.factories.reports import NOON, draft

pytestmark = pytest.mark.django_db
ANA = "ana@example.com"
HOUR = timedelta(hours=1)


@pytest.fixture
def asked():
    receipt = report(draft=draft(contact={"email": ANA}), now=NOON)
    issue = Issue.objects.get(protocol=receipt.protocol)
    operations.deliver(now=lambda: NOON)
    return issue


def go(issue, *, at=NOON + HOUR, learnt_at=None):
    crew = staff(of=issue.team)
    return act(issue_id=issue.pk, action="go", by=crew, now=at, learnt_at=learnt_at)


def deliver(at):
    operations.deliver(now=lambda: at)


def test_the_reporter_hears_that_a_crew_is_coming(mail, asked):
    go(asked)
    deliver(NOON + HOUR)
    _, told = mail.to(ANA)
    assert told["Subject"] == f"A equipe está a caminho: pedido {asked.protocol}"
    text = told.get_body(("plain",)).get_content()
    assert asked.team.name in text
    assert asked.address in text


def test_soon_after_it_comes_with_the_other_news_in_one_message(mail, asked):
    crew = staff(of=asked.team)
    at = NOON + timedelta(minutes=2)
    act(issue_id=asked.pk, action="schedule", by=crew, now=at, on=NOON.date())
    go(asked, at=at)
    deliver(NOON + HOUR)
    assert len(mail.to(ANA)) == 2
    text = mail.to(ANA)[1].get_body(("plain",)).get_content()
    assert "está indo para o local" in text
    assert "marcou o serviço" in text


@pytest.mark.parametrize(("minutes", "kinds"), [(59, 1), (61, 0)])
def test_what_is_learnt_too_late_is_no_news(asked, minutes, kinds):
    done = go(asked, learnt_at=NOON + HOUR + timedelta(minutes=minutes))
    assert Delivery.objects.filter(event=done.event_id).count() == kinds
