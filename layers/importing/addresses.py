"""House numbers with their own points, as a register or a survey lists them."""

from collections.abc import Iterator
from functools import cache

import geopandas

from layers.naming import LINKING_WORDS, plain, tidy
from layers.operations import StagedAddress
from layers.street_names import CATEGORIES, split_kind, street_key, street_name, tokens

from .report import Report

LIMIT = 160


def addresses_of(
    frame: geopandas.GeoDataFrame, *, street: str, number: str, postcode: str = ""
) -> tuple[list[StagedAddress], Report]:
    """The rows of a frame in EPSG:4326 whose columns are named, and what was refused of them, by row.

    A street in capitals is written as people write it (`AV BEIRA RIO` → `Avenida Beira Rio`), so that it
    is the same as that of the register of streets. `12/3` and `12.0` are the number 12.
    """
    report = Report(read=len(frame))
    kept = []
    names = frame[street].fillna("").astype(str)
    numbers = frame[number].fillna("").astype(str)
    postcodes = frame[postcode].fillna("").astype(str) if postcode else [""] * len(frame)
    for at, (name, digits, cep, shape) in enumerate(
        zip(names, numbers, postcodes, frame.geometry, strict=True), 1
    ):
        shown, key = _street(name)
        whole = digits.split("/")[0].split(".")[0].strip()
        if fault := next(_faults(key, whole, shape), ""):
            report.refuse(at, f"{name} {digits}".strip(), fault)
            continue
        kept.append(StagedAddress(shown, key, int(whole), _cep(cep), shape.x, shape.y))
    return kept, report


@cache
def _street(name: str) -> tuple[str, str]:
    """A street's name as it is shown, and its key; a key of nothing is no street."""
    _kind, words = split_kind(tokens(name))
    if not words:
        return "", ""
    first, _space, rest = tidy(name).partition(" ")
    if name.upper() == name and rest and plain(first) in CATEGORIES:
        link, _space, own = rest.partition(" ")
        link, own = (link, own) if link.lower() in LINKING_WORDS and own else ("", rest)
        return street_name(first, link, own)[:LIMIT], street_key(own)[:LIMIT]
    shown = street_name("", "", name) if name.upper() == name else tidy(name)
    return shown[:LIMIT], street_key(" ".join(words))[:LIMIT]


def _faults(key: str, number: str, shape: object) -> Iterator[str]:
    if not key:
        yield "no_street"
    if not number.isdecimal() or not 0 < int(number) < 10**6:
        yield "no_number"
    if shape is None or shape.is_empty or shape.geom_type != "Point":  # type: ignore[attr-defined]
        yield "not_a_point"
    elif not (abs(shape.x) <= 180 and abs(shape.y) <= 90):  # type: ignore[attr-defined]
        yield "outside_earth"


def _cep(text: str) -> str:
    return "".join(c for c in text.split(".")[0] if c.isdecimal())[:8]
