"""The ways to reach somebody. A channel is one module that offers `Channel`, and one line here."""

from .base import Channel, Gone, Message, Passing, Permanent, Send
from .email import EmailChannel
from .push import PushChannel

CHANNELS: tuple[Channel, ...] = (
    EmailChannel(),
    PushChannel(),
)

BY_NAME = {channel.name: channel for channel in CHANNELS}
BY_SCHEME = {scheme: channel for channel in CHANNELS for scheme in channel.schemes}

__all__ = [
    "BY_NAME", "BY_SCHEME", "CHANNELS", "Channel", "Gone", "Message", "Passing", "Permanent", "Send",
]  # fmt: skip
