"""E-mail through Django's backend: the console unless EMAIL_URL names a server."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from .base import Message, Passing, Permanent, Send


class EmailChannel:
    """Sources: RFC 5321 (4xx passes, 5xx does not), RFC 8058 (one-click unsubscribe), RFC 3834."""

    name = "email"
    schemes = frozenset({"mailto"})

    def is_ready(self) -> bool:
        """There is always a backend."""
        return True

    @contextmanager
    def session(self) -> Iterator[Send]:
        """One connection for many messages, opened by the first and again after it broke."""
        backend: BaseEmailBackend = get_connection()

        def send(address: str, message: Message) -> None:
            try:
                backend.open()
                backend.send_messages([_mail(address, message, backend)])
            except smtplib.SMTPException as error:
                if not _is_alive(error):
                    backend.close()
                raise _told(error) from error
            except OSError as error:
                backend.close()
                raise Passing(f"smtp: {error.strerror or type(error).__name__}", is_down=True) from error

        try:
            yield send
        finally:
            backend.close()


def _mail(address: str, message: Message, backend: BaseEmailBackend) -> EmailMultiAlternatives:
    domain = urlsplit(settings.PUBLIC_URL).hostname or settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(
        ">"
    )
    headers = {"Message-ID": f"<{message.key}@{domain}>", "Auto-Submitted": "auto-generated"}
    if message.unsubscribe:
        headers["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        message.subject, message.text, settings.DEFAULT_FROM_EMAIL, [address], headers=headers,
        connection=backend,
    )  # fmt: skip
    mail.attach_alternative(message.html, "text/html")
    return mail


def _is_alive(error: smtplib.SMTPException) -> bool:
    """Whether the connection can take the next message: the server refused this one in good order."""
    return isinstance(
        error, smtplib.SMTPRecipientsRefused | smtplib.SMTPSenderRefused | smtplib.SMTPDataError
    )


def _told(error: smtplib.SMTPException) -> Passing | Permanent:
    """Our kind of failure for one of smtplib's."""
    text: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    else:
        return Passing(f"smtp: {type(error).__name__}", is_down=True)
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    reason = f"smtp {code} {' '.join(words.split())}"
    # What the server says of us (login, greeting) is no reason to give up somebody else's message.
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return Passing(reason, is_down=True)
    return Permanent(reason) if 500 <= code < 600 else Passing(reason, is_down=code == 421)
