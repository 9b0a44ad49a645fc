"""One name for one address, in programs: the street and the number, as `rua-general-lima-e-silva-750`.

It is made of what the address says and of nothing that a new version of a layer would change; whoever
has the words has the name.
"""

import re
from functools import lru_cache

from django.utils.text import slugify

from .addresses import AddressMatch, search_address

LIMIT = 120
_HOUSE = re.compile(r"(?P<street>[^,]+), (?P<number>\d{1,6})")
_ID = re.compile(r"(?P<street>[a-z0-9]+(?:-[a-z0-9]+)*)-(?P<number>\d{1,6})")
_SEVERAL = 10


@lru_cache(maxsize=20_000)
def address_id(address: str) -> str | None:
    """The name of `Rua General Lima e Silva, 750`; None for what is no street with a number."""
    if (found := _HOUSE.fullmatch(address)) is None or not (street := slugify(found["street"])):
        return None
    return f"{street}-{int(found['number'])}"[:LIMIT]


def address_by_id(name: str) -> AddressMatch | None:
    """Where the address of that name is now; None for one that no published street has."""
    if len(name) > LIMIT or (found := _ID.fullmatch(name)) is None:
        return None
    number = int(found["number"])
    words = found["street"].replace("-", " ")
    for match in search_address(f"{words}, {number}", limit=_SEVERAL):
        if match.number == number and slugify(match.street) == found["street"]:
            return match
    return None
