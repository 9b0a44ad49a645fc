"""House numbers along a piece of street. Pure arithmetic; odd numbers lie on the right of the line."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Numbers:
    """First and last number of each side of a piece, in the direction of its line; None: no numbers."""

    odd_from: int | None
    odd_to: int | None
    even_from: int | None
    even_to: int | None

    def at(self, along: float, *, right: bool) -> int | None:
        """The number at a share (0…1) of the piece's length on one side.

        A side without numbers borrows those of the other side; a piece without any gives None.
        """
        odd = (self.odd_from, self.odd_to, 1)
        even = (self.even_from, self.even_to, 0)
        for first, last, parity in (odd, even) if right else (even, odd):
            if first is not None and last is not None:
                return _snap(first, last, parity, along)
        return None


def _snap(first: int, last: int, parity: int, along: float) -> int:
    """The nearest number of the side's parity, never beyond its ends."""
    low, high = min(first, last), max(first, last)
    exact = first + along * (last - first)
    number = 2 * round((exact - parity) / 2) + parity
    return number if low <= number <= high else min(max(number, low), high)


def is_right(heading: float | None, bearing: float | None) -> bool:
    """Whether a point lies right of a line, from two azimuths in radians clockwise from north."""
    if heading is None or bearing is None:
        return True
    return math.sin(bearing - heading) >= 0
