"""What a channel is, what it is given, and the three ways in which it may fail."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A message in the reader's language, complete for every channel.

    `key` is 32 hexadecimal digits, the same at every attempt: give it to the provider in whatever way
    it recognises repetitions by. `short` is one sentence; `link` and `unsubscribe` are whole addresses,
    `unsubscribe` empty for staff.
    """

    key: str
    language: str
    subject: str
    short: str
    text: str
    html: str
    link: str
    unsubscribe: str
    is_urgent: bool


class Passing(Exception):
    """It did not go now and may go later.

    `retry_after` is the provider's wish in seconds. `is_down`: the provider itself does not
    answer, so that the channel's other messages need not be tried in the same sweep.
    """

    def __init__(self, reason: str, *, retry_after: int | None = None, is_down: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.is_down = is_down


class Permanent(Exception):
    """It will never go like this: a manager has to see it."""


class Gone(Exception):
    """The address exists no more: it is forgotten, and nobody need be troubled."""


Send = Callable[[str, Message], None]
"""Send a message to an address. Returns once the provider has taken it; raises the three above."""


class Channel(Protocol):
    """One way to reach somebody, through one provider.

    To add one (SMS, WhatsApp…): write a module beside this one whose class has these members, and add an
    instance to `CHANNELS`. Everything else (who is told, when, how often, in which words, what
    happens after a failure) is the same for all and stays out of it.
    """

    @property
    def name(self) -> str:
        """What notices and dead letters call it; at most 16 letters, never changed."""

    @property
    def schemes(self) -> frozenset[str]:
        """The schemes of the contact points that it reaches (mailto, push, tel…)."""

    def is_ready(self) -> bool:
        """Whether this installation is configured for it. Otherwise its messages are not made."""

    def session(self) -> AbstractContextManager[Send]:
        """A connection for some messages in a row; opening it must not fail."""
