"""Finding an address that somebody typed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query

from .street_names import CATEGORIES, KINDS, key_of_words, split_kind, tokens

SEARCH = Query(__file__, "search_address")
CROSSING = Query(__file__, "search_crossing")
TEXT_LIMIT = 200
AREA_WORDS = 5  # the longest name of a neighbourhood
ABBREVIATED_KINDS = KINDS | CATEGORIES.keys()  # `rua 6033`: the number is the name
_CEP = re.compile(r"(?<!\d)(\d{5})[-.\s]?(\d{3})(?!\d)")
_NUMBER = re.compile(r"(?:,|\bn[º°o.]*\s*|\bnum(?:ero)?\.?\s|\s)\s*(\d{1,6})(?![\dºª°])(?!\s+de\s)", re.I)
_OF = r"(?:\s+(?:d[aeo]s?|entre))*"
_CORNER = re.compile(rf"^\s*(?:na\s+|no\s+)?(?:esquina|esq\.?|cruzamento){_OF}\s+(.+)$", re.I)
_MEETS = re.compile(
    r"\s*(?:\b(?:esquina|esq|cruzamento|canto)\b\.?(?:\s+(?:com|c/|d[aeo]s?))*(?:\s+[ao]s?\b)?"
    r"|\bcom\b(?:\s+[ao]s?\b)?|\bc/|[/&×+]|\bx\b)\s+",
    re.I,
)


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """One place that an address may mean, best score first. Degrees, EPSG:4326.

    `precision`: `point` (a surveyed house), `interpolated` (along the street's numbers), `crossing` (of
    two streets), `street` (somewhere on it) or `postcode`.
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
    """What a typed address asks for: plain words of the name, the kind of street, number, CEP.

    `areas` are the words that may name a neighbourhood, each with what is then left of the key.
    """

    key: str
    kind: str = ""
    number: int | None = None
    postcode: str = ""
    areas: tuple[tuple[str, str], ...] = ()


def parse(text: str) -> Wanted:
    """`Av. Ipiranga, 1200 ap 3 - Partenon` → key `ipiranga`, kind `avenida`, number 1200.

    Of what follows the number only the neighbourhood counts; without a number the last words may name it
    too. `24 de Outubro` is a name, not a number.
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
            key = key_of_words(words)
            return Wanted(key, kind, int(found[1]), postcode, _named(tokens(text[found.end() :]), key))
    first, *rest = re.split(r",|\s[-–]\s", text)
    kind, words = split_kind(tokens(first))
    key = key_of_words(words) if words else ""
    areas = _named(tokens(" ".join(rest)), key) if rest else _ending(words)
    return Wanted(key, kind, None, postcode, areas if key else ())


def _named(words: Sequence[str], key: str) -> tuple[tuple[str, str], ...]:
    """Every run of words that may be a neighbourhood's name; the key is what it was."""
    runs = (
        " ".join(words[at:end])
        for at in range(len(words))
        for end in range(at + 1, min(at + AREA_WORDS, len(words)) + 1)
    )
    return tuple((run, key) for run in dict.fromkeys(runs) if not run.isdecimal())


def _ending(words: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The last words as a neighbourhood's name, the first ones as the street's."""
    starts = range(max(1, len(words) - AREA_WORDS), len(words))
    return tuple((" ".join(words[at:]), key_of_words(words[:at])) for at in starts)


def parse_crossing(text: str) -> tuple[Wanted, Wanted] | None:
    """`esquina da Lima e Silva com a República`, `X x Y`, `X esq. Y` → both streets; None for other texts."""
    text = text[:TEXT_LIMIT].replace("\x00", " ")
    corner = _CORNER.match(text)
    parts = _MEETS.split(corner[1] if corner else text, maxsplit=1)
    if len(parts) == 1 and corner:
        parts = re.split(r"\s+e\s+", corner[1].rstrip(), flags=re.I)  # `Lima e Silva e República`
        parts = [" e ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts
    if len(parts) != 2:
        return None
    one, other = (_street_alone(p) for p in parts)
    return (one, other) if len(one.key) > 1 and len(other.key) > 1 else None


def _street_alone(text: str) -> Wanted:
    kind, words = split_kind(tokens(re.split(r",|\s[-–]\s", text)[0]))
    return Wanted(key_of_words(words) if words else "", kind)


def search_address(text: str, near: LngLat | None = None, limit: int = 8) -> list[AddressMatch]:
    """Places in the city that a text may mean, best first; one SQL statement, two for a corner not found.

    Understands abbreviations, missing accents, small typing errors, house numbers, neighbourhoods, CEPs
    and corners. Streets near `near` (ignored outside the city's frame) come before equals far away.
    Nothing readable, nothing found.
    """
    west, south, east, north = settings.CITY.bounds
    if near and not (west <= near.lng <= east and south <= near.lat <= north):
        near = None
    where = {"lng": near.lng if near else None, "lat": near.lat if near else None, "limit": limit}
    corner = parse_crossing(text)
    if corner:
        given = {"keys": [w.key for w in corner], "kinds": [w.kind for w in corner]}
        if rows := CROSSING.rows({**given, **where}):
            return [_crossing(row) for row in rows]
    wanted = corner[0] if corner else parse(text)
    if not wanted.postcode and len(wanted.key) < 2 and not wanted.key.isdigit():
        return []
    rows = SEARCH.rows(
        {
            "key": wanted.key,
            "kind": wanted.kind,
            "number": wanted.number,
            "postcode": wanted.postcode,
            "area_names": [name for name, _key in wanted.areas],
            "area_keys": [key for _name, key in wanted.areas],
            "neighbourhoods": settings.CITY.neighbourhood_layer,
            **where,
        }
    )
    return [_match(row, wanted) for row in rows]


def _crossing(row: Any) -> AddressMatch:
    label = _("%(street)s, esquina com %(other)s") % {"street": row.street, "other": row.other}
    return AddressMatch(label, row.lng, row.lat, row.street, None, row.postcode, "crossing", row.score)


def _match(row: Any, wanted: Wanted) -> AddressMatch:
    street, number, postcode = row.street, row.number, row.postcode
    label = f"{street}, {number}" if number else street
    if wanted.postcode and postcode:
        label = f"{label}, CEP {postcode[:5]}-{postcode[5:]}"
    return AddressMatch(label, row.lng, row.lat, street, number, postcode, row.precision, row.score)
