"""What the launcher says when something is wrong."""

from __future__ import annotations


class ClusterError(Exception):
    """An anticipated failure, worded for a person.

    `code` is stable and may be tested for; `message` says what is wrong; `remedy` says what to do about it.
    """

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  What to do: {self.remedy}"
