"""What happens is told: to whom, by which channel, once, and again after a failure."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings

from issues.conversations import operations
from issues.conversations.models import Notice
from issues.conversations.queries import dead_letters, stuck
from issues.conversations.timing import MOST_ATTEMPTS
from issues.intake.operations import follow, report
from issues.lifecycle.models import Delivery, Event, Issue
from issues.teams.models import Membership, User
from tests.factories.peers import push_service
from tests.factories.reports import NOON, draft

pytestmark = pytest.mark.django_db
VAPID = "6BQ_JuWGi3bWDh6zYbsW8IUrbRHhyq3tH8Z8Gd5Qq1E"
ANA, BIA = "ana@example.com", "bia@example.com"


class Clock:
    """A clock that the test sets."""

    def __init__(self, at):
        self.at = at

    def __call__(self):
        return self.at

    def pass_by(self, **delta):
        self.at += timedelta(**delta)


@pytest.fixture
def clock():
    return Clock(NOON)


@pytest.fixture
def push(settings):
    with push_service() as service:
        settings.VAPID_PRIVATE_KEY = VAPID
        settings.PUSH_HOSTS = [service.origin]
        yield service


def file(email=ANA, now=NOON):
    contact = {"email": email} if email else None
    receipt = report(draft=draft(**({"contact": contact} if contact else {})), now=now)
    return Issue.objects.get(protocol=receipt.protocol)


def happen(issue, code, *kinds, now, note="", **data):
    """An event with its outbox rows, as a transition writes them."""
    event = Event.objects.create(issue=issue, code=code, at=now, recorded_at=now, note=note, data=data)
    for kind in kinds or ("citizen_notice",):
        Delivery.objects.create(event=event, issue=issue, kind=kind, created_at=now, available_at=now)
    return event


def sweep(clock):
    return operations.deliver(now=clock)


def test_the_reporter_is_told_with_the_protocol_and_the_secret_link(mail, clock):
    issue = file()
    sweep(clock)
    (told,) = mail.to(ANA)
    assert issue.protocol in told["Subject"]
    text = told.get_body(("plain",)).get_content()
    assert f"/s/{issue.token}/" in text
    assert issue.address in text
    assert f"/s/{issue.token}/" in told.get_body(("html",)).get_content()
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert told["Auto-Submitted"] == "auto-generated"
    assert Notice.objects.get(contact__isnull=False).key.hex in told["Message-ID"]


def test_nothing_is_sent_twice(mail, clock):
    file()
    sweep(clock)
    assert sweep(clock).did_nothing
    clock.pass_by(days=1)
    assert sweep(clock).did_nothing
    assert len(mail.to(ANA)) == 1


def test_leaders_of_the_team_are_told_and_others_are_not(mail, clock):
    issue = file(email=None)
    for name, leads in (("chefe", True), ("colega", False)):
        user = User.objects.create(username=name, email=f"{name}@prefeitura.example")
        Membership.objects.create(user=user, team=issue.team, is_leader=leads)
    sweep(clock)
    (told,) = mail.mails
    assert told["To"] == "chefe@prefeitura.example"
    assert told["List-Unsubscribe"] is None
    assert issue.token not in told.get_body(("plain",)).get_content()


def test_an_anonymous_request_tells_nobody_and_the_outbox_is_emptied(mail, clock):
    issue = file(email=None)
    happen(issue, "resolved", now=NOON)
    sweep(clock)
    assert not mail.mails
    assert not Delivery.objects.filter(issue=issue, delivered_at__isnull=True).exists()


def test_followers_and_those_of_a_duplicate_are_told_by_their_own_links(mail, clock):
    original, twin = file(), file(email=BIA)
    followed = follow(protocol=original.protocol, client_id=draft().client_id, now=NOON)
    operations.subscribe_email(token=followed.token, email="caio@example.com", language="en", now=NOON)
    Issue.objects.filter(pk=twin.pk).update(state="duplicate", duplicate_of=original)
    sweep(clock)
    mail.mails.clear()
    clock.pass_by(hours=1)
    happen(
        original, "resolved", "citizen_notice", "follower_notice", now=clock.at, note="Caixa 12, portão azul."
    )
    sweep(clock)
    text = {m["To"]: m.get_body(("plain",)).get_content() for m in mail.mails}
    assert set(text) == {ANA, BIA, "caio@example.com"}
    assert f"/s/{original.token}/" in text[ANA]
    assert f"/s/{twin.token}/" in text[BIA]
    assert f"/s/{followed.token}/" in text["caio@example.com"]
    assert "has reported that the work is done" in text["caio@example.com"]
    assert "portão azul" in text[ANA]
    assert "portão azul" not in text[BIA] + text["caio@example.com"]


def test_one_contact_hears_of_an_event_once_however_it_is_reached(mail, clock):
    issue = file()
    operations.subscribe_email(token=issue.token, email=ANA, language="pt-br", now=NOON)
    followed = follow(protocol=issue.protocol, client_id=draft().client_id, now=NOON)
    operations.subscribe_email(token=followed.token, email=ANA, language="pt-br", now=NOON)
    sweep(clock)
    clock.pass_by(hours=1)
    mail.mails.clear()
    happen(issue, "resolved", "citizen_notice", "follower_notice", now=clock.at)
    sweep(clock)
    assert len(mail.to(ANA)) == 1


def test_ten_events_are_one_message_and_a_digest(mail, clock):
    issue = file()
    sweep(clock)
    clock.pass_by(hours=1)
    mail.mails.clear()
    for n in range(10):
        happen(issue, "noted", now=clock.at, note=f"Nota número {n}.")
        sweep(clock)
        clock.pass_by(seconds=20)
    assert len(mail.to(ANA)) == 1
    clock.pass_by(minutes=django_settings.CITY.digest_minutes)
    sweep(clock)
    _first, digest = mail.to(ANA)
    assert digest["Subject"].startswith("9 ")
    text = digest.get_body(("plain",)).get_content()
    assert text.count(f"/s/{issue.token}/") == 10  # nine and the one at the end


def test_at_night_only_what_is_urgent_goes(mail, clock):
    calm, pressing = file(), file(email=BIA)
    Issue.objects.filter(pk=calm.pk).update(priority=3)
    Issue.objects.filter(pk=pressing.pk).update(priority=1)
    sweep(clock)
    mail.mails.clear()
    clock.at = NOON.replace(day=25, hour=2)  # 23 h of the 24th in the city
    happen(calm, "resolved", now=clock.at)
    happen(pressing, "resolved", now=clock.at)
    sweep(clock)
    assert [m["To"] for m in mail.mails] == [BIA]
    clock.at = NOON.replace(day=25, hour=11, minute=0)  # 8 h
    sweep(clock)
    assert [m["To"] for m in mail.mails] == [BIA, ANA]


# ---- failures


def test_a_passing_refusal_is_tried_again_and_a_lasting_one_becomes_a_dead_letter(mail, clock):
    mail.refuse = {ANA: "451 4.3.0 try later", BIA: f"550 5.1.1 <{BIA}> unknown user"}
    file(), file(email=BIA)
    assert sweep(clock).failed == 2
    (dead,) = dead_letters()
    assert dead.failure == "smtp 550 5.1.1 <•••> unknown user"
    assert dead.codes == ("opened",)
    mail.refuse.clear()
    clock.pass_by(minutes=2)
    sweep(clock)
    assert [m["To"] for m in mail.mails] == [ANA]


def test_a_dead_letter_is_sent_again_under_its_old_key_or_dropped(mail, clock):
    mail.refuse = {ANA: "550 no", BIA: "550 no"}
    file(), file(email=BIA)
    sweep(clock)
    mail.refuse.clear()
    one, other = dead_letters()
    operations.resend(one.id, now=clock.at)
    operations.drop(other.id, now=clock.at)
    sweep(clock)
    (told,) = mail.mails
    assert Notice.objects.get(pk=one.id).key.hex in told["Message-ID"]
    assert dead_letters() == ()


def test_a_server_that_is_down_is_asked_once_a_sweep_and_given_up_after_many(mail, clock, settings):
    settings.EMAIL_PORT = 1
    file(), file(email=BIA)
    assert sweep(clock).failed == 1
    for _ in range(3 * MOST_ATTEMPTS):
        clock.pass_by(hours=5)
        sweep(clock)
    letters = dead_letters()
    assert len(letters) == 2
    assert {d.attempts for d in letters} == {MOST_ATTEMPTS}
    assert all("refused" in d.failure for d in letters)


def test_what_cannot_be_spread_is_put_off_told_and_does_not_stop_the_rest(mail, clock, settings):
    issue = file()
    good = settings.CITY
    settings.CITY = None
    happen(issue, "noted", now=NOON)
    sweep(clock)
    settings.CITY = good
    assert Delivery.objects.filter(delivered_at__isnull=True, attempts=1).exclude(failure="").exists()
    clock.pass_by(hours=1)
    assert stuck(clock.at).outbox
    sweep(clock)
    assert not stuck(clock.at).outbox
    assert mail.to(ANA)


# ---- Web Push


def test_a_browser_is_told_and_only_it_can_read_the_message(push, clock):
    issue = file(email=None)
    browser = push.browser("um")
    operations.subscribe_push(token=issue.token, subscription=browser.subscription, language="es", now=NOON)
    happen(issue, "resolved", now=NOON)
    sweep(clock)
    (told,) = browser.shown
    assert told["url"].endswith(f"/s/{issue.token}/")
    assert told["title"] == f"¿Se resolvió su pedido {issue.protocol}?"
    assert len(push.requests[0]["topic"]) == 32


def test_a_subscription_that_has_gone_is_forgotten_without_a_dead_letter(push, clock):
    issue = file(email=None)
    browser = push.browser("um")
    reader = operations.subscribe_push(
        token=issue.token, subscription=browser.subscription, language="pt-br", now=NOON
    )
    push.browsers.clear()
    happen(issue, "resolved", now=NOON)
    sweep(clock)
    assert dead_letters() == ()
    assert not Notice.objects.filter(contact_id=reader.contact_id).exists()
    assert len(push.requests) == 1


def test_a_push_service_may_ask_for_patience(push, clock):
    issue = file(email=None)
    browser = push.browser("um")
    operations.subscribe_push(
        token=issue.token, subscription=browser.subscription, language="pt-br", now=NOON
    )
    push.answers = [(429, {"Retry-After": "600"})]
    happen(issue, "resolved", now=NOON)
    sweep(clock)
    clock.pass_by(minutes=9)
    assert sweep(clock).did_nothing
    clock.pass_by(minutes=2)
    sweep(clock)
    assert len(browser.shown) == 1


# ---- wishes


def test_muting_a_request_stops_its_messages_only_and_can_be_undone(mail, clock):
    muted, other = file(), file()
    sweep(clock)
    reader = operations.subscribe_email(token=muted.token, email=ANA, language="pt-br", now=NOON)
    operations.mute(reader, everything=False, on=False, now=NOON)
    mail.mails.clear()
    clock.pass_by(hours=1)
    happen(muted, "resolved", now=clock.at)
    happen(other, "resolved", now=clock.at)
    sweep(clock)
    assert [other.protocol in m["Subject"] for m in mail.mails] == [True]
    operations.mute(reader, everything=False, on=True, now=clock.at)
    clock.pass_by(hours=1)
    happen(muted, "reopened", now=clock.at)
    sweep(clock)
    assert muted.protocol in mail.mails[-1]["Subject"]


def test_what_was_waiting_is_not_sent_to_somebody_who_has_said_stop(mail, clock):
    issue = file()
    reader = operations.subscribe_email(token=issue.token, email=ANA, language="pt-br", now=NOON)
    sweep(clock)
    mail.mails.clear()
    happen(issue, "noted", now=clock.at)
    sweep(clock)
    operations.mute(reader, everything=True, on=False, now=clock.at)
    clock.pass_by(hours=1)
    sweep(clock)
    assert not mail.mails


def test_a_group_that_was_switched_off_is_not_told(mail, clock):
    issue = file()
    reader = operations.subscribe_email(token=issue.token, email=ANA, language="pt-br", now=NOON)
    operations.choose(reader, language="es", groups=["outcome"], now=NOON)
    sweep(clock)
    clock.pass_by(hours=1)
    happen(issue, "noted", now=clock.at)
    sweep(clock)
    clock.pass_by(hours=1)
    happen(issue, "resolved", now=clock.at)
    sweep(clock)
    assert [m["Subject"] for m in mail.mails] == [
        f"Recibimos su pedido {issue.protocol}", f"¿Se resolvió su pedido {issue.protocol}?"
    ]  # fmt: skip


def test_a_contact_left_with_somebody_elses_link_hears_of_that_request_only(mail, clock):
    shared, private = file(), file()
    operations.subscribe_email(token=shared.token, email=BIA, language="pt-br", now=NOON)
    sweep(clock)
    mail.mails.clear()
    clock.pass_by(hours=1)
    happen(shared, "resolved", now=clock.at)
    happen(private, "resolved", now=clock.at)
    sweep(clock)
    assert len(mail.to(BIA)) == 1
    assert shared.protocol in mail.to(BIA)[0]["Subject"]


# ---- housekeeping


def test_what_was_settled_long_ago_is_forgotten_and_dead_letters_are_kept(mail, clock):
    mail.refuse = {BIA: "550 no"}
    file(), file(email=BIA)
    sweep(clock)
    assert operations.prune(now=clock.at) == 0
    assert operations.prune(now=clock.at + operations.KEEP + timedelta(days=1)) == 5
    assert [n.state for n in Notice.objects.all()] == ["dead"]
    assert not Delivery.objects.exists()
