"""An area as other rooms see it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    """An area of a published layer."""

    layer: str
    code: str
    name: str
