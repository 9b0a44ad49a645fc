"""The words of a question: without accents, without filler, with other words for the same thing."""

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from django.conf import settings

AS_WRITTEN, OTHER_NUMBER, ALIKE, KIND = 1.0, 0.95, 0.8, 0.6
MOST_WORDS = 24
MOST_LETTERS = 20

# What Portuguese says in one way and writes in several (without accents): as slipped, as it may be right.
SAID_ALIKE = {
    "ss": ("c",), "s": ("c", "ss", "z", "x"), "c": ("s", "ss", "qu"), "z": ("s",), "x": ("ch", "s"),
    "ch": ("x",), "sh": ("ch",), "l": ("u",), "u": ("l", "o"), "o": ("u", "ou"), "ou": ("o",),
    "e": ("i", "ei"), "ei": ("e",), "i": ("e",), "y": ("i",), "j": ("g",), "g": ("j",), "k": ("c", "qu"),
    "w": ("v",), "v": ("b",), "b": ("v",), "m": ("n",), "n": ("m",), "nh": ("n",), "lh": ("li",),
    "li": ("lh",), "r": ("rr",),
}  # fmt: skip
_DOUBLE = re.compile(r"(.)\1")
_SMALL = re.compile(r"z?inh([oa])s?$")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as search reads it: its words, and what each of them (by number, from 1) may mean.

    `sure` says how likely a meaning is (1 = as written). `respelled` has, for each written word,
    spellings one slip away, parted by blanks: to be read where no service knows the word.
    """

    written: list[str]
    respelled: list[str]
    n: list[int]
    words: list[str]
    sure: list[float]


def plain(text: str) -> list[str]:
    """The words of a text in lower case, without accents and punctuation."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z0-9]+", bare)


@cache
def _table() -> tuple[frozenset[str], dict[str, dict[str, float]]]:
    """Filler words, and for each word what else it may mean (`fixtures/synonyms.csv`)."""
    fillers: set[str] = set()
    others: dict[str, dict[str, float]] = {}
    with (settings.FIXTURES_DIR / "synonyms.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            group = ["".join(plain(word)) for word in row["words"].split(";")]
            if row["kind"] == "filler":
                fillers.update(group)
            elif row["kind"] == "kind":
                for word in group[1:]:
                    others.setdefault(word, {}).setdefault(group[0], KIND)
            else:
                for word in group:
                    others.setdefault(word, {}).update({w: ALIKE for w in group if w != word})
    return frozenset(fillers), others


def fillers() -> frozenset[str]:
    """Words that say nothing of what is asked for."""
    return _table()[0]


def asked(text: str) -> Asked | None:
    """The question that a text is. None if it has no word."""
    every = dict.fromkeys(word[:MOST_LETTERS] for word in plain(text))
    written = ([w for w in every if w not in fillers()] or list(every))[:MOST_WORDS]
    if not written:
        return None
    meant = [
        (n, meaning, sure)
        for n, word in enumerate(written, 1)
        for meaning, sure in {**_table()[1].get(word, {}), **_number(word), word: AS_WRITTEN}.items()
    ]
    n, words, sure = (list(column) for column in zip(*meant, strict=True))
    return Asked(written, [_respelled(word) for word in written], n, words, sure)


def _number(word: str) -> dict[str, float]:
    """The other number of a short word, which the stemmer leaves alone (`fio`, `fios`)."""
    if not word.isalpha() or not 3 <= len(word) <= 5:
        return {}
    return {word[:-1] if word.endswith("s") else f"{word}s": OTHER_NUMBER}


@lru_cache(maxsize=4096)
def _respelled(word: str) -> str:
    """What a word may be: what sounds the same, not a diminutive, a letter less, two letters swapped."""
    if len(word) < 3 or word.isdigit():
        return ""
    found = {_DOUBLE.sub(r"\1", word)}
    for wrong, rights in SAID_ALIKE.items():
        at = word.find(wrong)
        while at >= 0:
            found.update(word[:at] + right + word[at + len(wrong) :] for right in rights)
            at = word.find(wrong, at + 1)
    found.add(_SMALL.sub(r"\1", word))
    for at in range(1, len(word)):
        found.add(word[:at] + word[at + 1 :])
        found.add(word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :])
    return " ".join(sorted(found - {word}))
