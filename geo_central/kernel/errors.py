"""The errors every room may raise. Values with a code; the interface words them for a person.

A code is stable and public: clients branch on it. `field` names the offending input in dotted
form (`contact.email`, `answers.size`); `data` carries the facts that the wording needs.
The one table from these classes to an HTTP status is `geo_central.http.problem.STATUS`.
"""

from typing import Any


class DomainError(Exception):
    """An anticipated failure. Raise a subclass, never this."""

    def __init__(self, code: str, *, field: str = "", **data: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.data = data

    def __str__(self) -> str:
        where = f" ({self.field})" if self.field else ""
        return f"{self.code}{where}" + (f" {self.data}" if self.data else "")


class Malformed(DomainError):
    """The input cannot be read at all: not JSON, an unknown key, not a number."""


class Invalid(DomainError):
    """The input can be read but does not make sense here."""


class NotFound(DomainError):
    """What is named does not exist."""


class Forbidden(DomainError):
    """The person may not do this."""


class Conflict(DomainError):
    """The world has moved on; `data` holds the current state."""


class TooLarge(DomainError):
    """More bytes or pixels than this door takes."""


class Unsupported(DomainError):
    """A kind of file or format that this door does not take."""


class Limited(DomainError):
    """Too many requests; `data['retry_after']` is in seconds."""


class Unready(DomainError):
    """The system lacks something an operator must supply; `manage.py doctor` says what."""
