"""EMAIL_URL as Django's settings."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


class Mail(NamedTuple):
    """Django's EMAIL_… settings, in the order in which they are assigned."""

    backend: str
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False


def email_settings(url: str) -> Mail:
    """What smtp:// (STARTTLS), smtps:// or smtp+plain:// means; nothing prints to the console.

    Raises ValueError for another scheme or a missing host.
    """
    if not url:
        return Mail("django.core.mail.backends.console.EmailBackend")
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("EMAIL_URL begins with smtp://, smtps:// or smtp+plain:// and names a host")
    return Mail(
        "django.core.mail.backends.smtp.EmailBackend",
        parts.hostname,
        parts.port or _PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        parts.scheme == "smtp",
        parts.scheme == "smtps",
    )
