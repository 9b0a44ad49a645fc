"""Names as people write them: accents, capitals and abbreviations of Portuguese. Pure functions."""

import re
import unicodedata
from functools import cache

from django.conf import settings

SMALL_WORDS = frozenset(
    [
        "de",
        "da",
        "do",
        "das",
        "dos",
        "e",
        "a",
        "o",
        "as",
        "os",
        "em",
        "na",
        "no",
        "à",
        "ao",
        "com",
        "para",
        "por",
    ]
)
LINKING_WORDS = frozenset(["de", "da", "do", "das", "dos", "e"])
ROMAN = re.compile(r"(?=[IVX]{2,}$)X{0,3}(IX|IV|V?I{0,3})$")
NO_VOWEL = re.compile(r"[^AEIOUY\W\d]+$")
ACRONYMS = frozenset(
    ["IAPI", "PUCRS", "PUC", "RBS", "FEB", "BR", "RS", "POA", "CEFER", "USP", "UFRGS", "EMBRATEL"]
)


def plain(text: str) -> str:
    """Lower case without accents: how texts are compared. The SQL function `plain` is its twin."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


def tidy(text: str) -> str:
    """Trimmed, single spaces."""
    return " ".join(text.split())


def title_case(text: str) -> str:
    """`VILA JOAO PESSOA` → `Vila João Pessoa`; linking words stay small, Roman numerals and acronyms big.

    Accents are restored word by word from `fixtures/accents.txt`; an unknown word stays as it is.
    """
    words = tidy(text).split(" ")
    return " ".join(_word(w, first=i == 0, last=i == len(words) - 1) for i, w in enumerate(words) if w)


def _word(word: str, *, first: bool, last: bool) -> str:
    for mark in ("-", "(", "/"):
        if mark in word and word != mark:
            head, _, tail = word.partition(mark)
            left = _word(head, first=first, last=False) if head else ""
            return left + mark + (_word(tail, first=True, last=last) if tail else "")
    upper = word.upper()
    if "'" in word:
        head, _, tail = word.partition("'")
        lead = head.lower() if head.upper() == "D" and not first else head.capitalize()
        return f"{lead}'{_word(tail, first=True, last=last)}"
    if word.lower() in SMALL_WORDS and not first and (len(word) > 1 or not last):
        return word.lower()
    bare = plain(word).upper().strip(").,")
    if bare in ACRONYMS or ROMAN.match(bare) or (len(bare) > 1 and NO_VOWEL.match(bare)):
        return upper
    return accents().get(plain(word), word.capitalize())


@cache
def accents() -> dict[str, str]:
    """Words of Portuguese that carry an accent, by their plain form."""
    path = settings.FIXTURES_DIR / "accents.txt"
    words = (w for line in path.read_text("utf-8").splitlines() if line[:1] != "#" for w in line.split())
    return {plain(w): w for w in words}
