"""Protocol numbers: 2026-0012345-6 — year, number, check digit. Digits only, so that it can be
spelt over the telephone; the last digit catches every single wrong digit and every swap of two
neighbours. Source: H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004), the order-10 table.
"""

import re
from collections.abc import Sequence
from functools import cache

from geo_central.kernel.errors import Malformed

_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_FORM = re.compile(r"([0-9]{4})-?([0-9]{7,12})-?([0-9])")
_NOISE = re.compile(r"[\s./]+")


def check_digit(digits: str) -> int:
    """The Damm digit of a string of ASCII digits."""
    state = 0
    for digit in digits:
        state = int(_DAMM[state][int(digit)])
    return state


def format_protocol(year: int, number: int) -> str:
    """`2026-0012345-6`."""
    digits = f"{year:04d}{number:07d}"
    return f"{year:04d}-{number:07d}-{check_digit(digits)}"


def format_protocols(year: int, numbers: Sequence[int]) -> list[str]:
    """`format_protocol` of many numbers of one year, several times faster."""
    written = []
    head, begun = "", 0
    for number in numbers:
        high, low = divmod(number, 1000)
        start = f"{year:04d}-{high:04d}"
        if start != head:
            head, begun = start, check_digit(f"{year:04d}{high:04d}")
        digits, ends = _thousand()[low]
        written.append(f"{head}{digits}-{ends[begun]}")
    return written


@cache
def _thousand() -> list[tuple[str, str]]:
    """000 to 999, each with the check digit that it leads to from each of the ten before it."""
    return [
        (
            text,
            "".join(_DAMM[int(_DAMM[int(row[int(text[0])])][int(text[1])])][int(text[2])] for row in _DAMM),
        )
        for text in (f"{n:03d}" for n in range(1000))
    ]


def parse(text: str) -> str:
    """What a person typed, as a protocol. Spaces, dots and missing hyphens are forgiven.

    Raises Malformed `protocol.malformed` or `protocol.check_digit`, field `protocol`.
    """
    match = _FORM.fullmatch(_NOISE.sub("", text.strip()))
    if not match:
        raise Malformed("protocol.malformed", field="protocol")
    year, number, digit = match.groups()
    if check_digit(year + number) != int(digit):
        raise Malformed("protocol.check_digit", field="protocol")
    return f"{year}-{number}-{digit}"
