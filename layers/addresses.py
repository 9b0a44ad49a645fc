"""Finding an address that somebody typed."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query

from .street_names import CATEGORIES, KINDS, key_of_words, split_kind, tokens

SEARCH = Query(__file__, "search_address")
TEXT_LIMIT = 200
ABBREVIATED_KINDS = KINDS | CATEGORIES.keys()  # `rua 6033`: the number is the name
_CEP = re.compile(r"(?<!\d)(\d{5})[-.\s]?(\d{3})(?!\d)")
_NUMBER = re.compile(r"(?:,|\bn[º°o.]*\s*|\bnum(?:ero)?\.?\s|\s)\s*(\d{1,6})(?![\dºª°])(?!\s+de\s)", re.I)


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """One place that an address may mean, best score first. Degrees, EPSG:4326.

    `precision`: `point` (a surveyed house), `interpolated` (along the street's numbers), `street`
    (somewhere on it) or `postcode`.
    """

    label: str
    lng: float
    lat: float
    street: str
    number: int | None
    postcode: str
    precision: str
    score: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a typed address asks for: plain words of the name, the kind of street, number, CEP."""

    key: str
    kind: str = ""
    number: int | None = None
    postcode: str = ""


def parse(text: str) -> Wanted:
    """`Av. Ipiranga, 1200 ap 3 - Partenon` → key `ipiranga`, kind `avenida`, number 1200.

    What follows the number (flat, bairro, city) is left out; `24 de Outubro` is a name, not a number.
    """
    text = text[:TEXT_LIMIT].replace("\x00", " ")
    cep = _CEP.search(text)
    if cep:
        text = text[: cep.start()] + " " + text[cep.end() :]
        postcode = cep[1] + cep[2]
    else:
        postcode = ""
    for found in _NUMBER.finditer(text):
        kind, words = split_kind(tokens(text[: found.start()]))
        if words and not (len(words) == 1 and not kind and words[0] in ABBREVIATED_KINDS):
            return Wanted(key_of_words(words), kind, int(found[1]), postcode)
    kind, words = split_kind(tokens(re.split(r",|\s[-–]\s", text)[0]))
    return Wanted(key_of_words(words) if words else "", kind, None, postcode)


def search_address(text: str, near: LngLat | None = None, limit: int = 8) -> list[AddressMatch]:
    """Places in the city that a text may mean, best first; one SQL statement.

    Understands abbreviations, missing accents, small typing errors, house numbers and CEPs. Streets near
    `near` (ignored outside the city's frame) come before equals far away. Nothing readable, nothing found.
    """
    wanted = parse(text)
    if not wanted.postcode and len(wanted.key) < 2 and not wanted.key.isdigit():
        return []
    west, south, east, north = settings.CITY.bounds
    if near and not (west <= near.lng <= east and south <= near.lat <= north):
        near = None
    rows = SEARCH.rows(
        {
            "key": wanted.key,
            "kind": wanted.kind,
            "number": wanted.number,
            "postcode": wanted.postcode,
            "lng": near.lng if near else None,
            "lat": near.lat if near else None,
            "limit": limit,
        }
    )
    return [_match(row, wanted) for row in rows]


def _match(row: Any, wanted: Wanted) -> AddressMatch:
    street, number, postcode = row.street, row.number, row.postcode
    label = f"{street}, {number}" if number else street
    if wanted.postcode and postcode:
        label = f"{label}, CEP {postcode[:5]}-{postcode[5:]}"
    return AddressMatch(label, row.lng, row.lat, street, number, postcode, row.precision, row.score)
