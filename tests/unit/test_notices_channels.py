"""Where a push message may go, what a mail server's address means, and what each refusal is."""

import smtplib

import pytest

from geo_central.settings.email import email_settings
from issues.conversations.channels import BY_SCHEME, CHANNELS, Passing, Permanent, endpoints
from issues.conversations.channels.email import _told
from issues.conversations.channels.push import check_keys
from tests.factories.peers import Browser

KNOWN = ["fcm.googleapis.com", "push.services.mozilla.com"]


@pytest.fixture(autouse=True)
def _known(settings):
    settings.PUSH_HOSTS = KNOWN


@pytest.mark.parametrize(
    "address",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://updates.push.services.mozilla.com:443/wpush?x=1",
    ],
)
def test_the_push_services_of_browsers_are_allowed(address):
    assert endpoints.parse(address) is not None


@pytest.mark.parametrize(
    "address",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilfcm.googleapis.com.example/x",
        "https://notfcm.googleapis.com@127.0.0.1/x",
        "https://user:pw@fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https:///x",
        "https://fcm.googleapis.com/a b",
        "https://fcm.googleapis.com/\r\nHost: x",
        "https://fcm.googleapis.com:99999/x",
        "https://xfcm.googleapis.com.",
        "https://fcm.googleapis.com/" + "a" * 2000,
        "",
    ],
)
def test_nothing_else_is(address):
    assert endpoints.parse(address) is None
    with pytest.raises(Permanent):
        endpoints.resolve(address)


def test_a_listed_name_that_leads_into_a_private_network_is_refused(settings):
    settings.PUSH_HOSTS = ["localhost"]
    with pytest.raises(Permanent, match="private network"):
        endpoints.resolve("https://localhost/x")


def test_a_whole_origin_may_be_listed_for_development(settings):
    settings.PUSH_HOSTS = ["http://127.0.0.1:9000"]
    found = endpoints.resolve("http://127.0.0.1:9000/push/a?b=c")
    assert (found.machine, found.port, found.path) == ("127.0.0.1", 9000, "/push/a?b=c")
    assert endpoints.parse("http://127.0.0.1:9001/push/a") is None


def test_the_keys_of_a_browser_are_checked_before_they_are_kept():
    keys = Browser("https://x", "a").subscription["keys"]
    check_keys(**keys)
    for wrong in ({"auth": "AAAA"}, {"p256dh": keys["auth"]}, {"p256dh": 5}, {"auth": "ção"}):
        with pytest.raises(ValueError):
            check_keys(**{**keys, **wrong})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"unknown")}), Permanent),
        (smtplib.SMTPRecipientsRefused({"a@b": (450, b"greylisted")}), Passing),
        (smtplib.SMTPDataError(554, b"spam"), Permanent),
        (smtplib.SMTPDataError(452, b"full"), Passing),
        (smtplib.SMTPSenderRefused(553, b"not you", "c@d"), Permanent),
        (smtplib.SMTPAuthenticationError(535, b"who?"), Passing),
        (smtplib.SMTPConnectError(554, b"go away"), Passing),
        (smtplib.SMTPServerDisconnected("bye"), Passing),
    ],
)
def test_what_a_mail_server_says_is_lasting_or_passing(error, kind):
    assert isinstance(_told(error), kind)


def test_a_mail_servers_address_is_read():
    assert email_settings("").backend.endswith("console.EmailBackend")
    secure = email_settings("smtp://us%40er:p%2Fw@mail.example")
    assert (secure.host, secure.port, secure.user, secure.password) == ("mail.example", 587, "us@er", "p/w")
    assert (secure.use_tls, secure.use_ssl) == (True, False)
    assert email_settings("smtps://mail.example").port == 465
    assert not email_settings("smtp+plain://127.0.0.1:2525").use_tls
    for wrong in ("mail.example", "http://mail.example", "smtp://"):
        with pytest.raises(ValueError, match="EMAIL_URL"):
            email_settings(wrong)


def test_a_scheme_belongs_to_one_channel_and_names_are_short():
    assert sum(len(c.schemes) for c in CHANNELS) == len(BY_SCHEME)
    assert all(len(c.name) <= 16 for c in CHANNELS)
