"""The names of streets: how a register abbreviates them, how they are shown, how they are searched.

Every name has a key (`street_key`), made the same way from the register and from what a citizen
types: no accents, abbreviations expanded, numbers in digits, linking words and the kind of street
left out. `Av. Dr. Nilo Peçanha` and `AV NILO PECANHA` then differ by one word, not by nine letters.
"""

import re
from collections.abc import Sequence

from .naming import LINKING_WORDS, plain, tidy, title_case

# Codes of Brazilian street registers (and what people write) → the word shown.
CATEGORIES = {
    "r": "Rua", "av": "Avenida", "ave": "Avenida", "bc": "Beco", "ac": "Acesso", "pca": "Praça",
    "pc": "Praça", "estr": "Estrada", "es": "Estrada", "psg": "Passagem", "trav": "Travessa",
    "tv": "Travessa", "dir": "Diretriz", "va": "Via de Acesso", "lg": "Largo", "ve": "Viela",
    "al": "Alameda", "trvs": "Transversal", "prq": "Parque", "pq": "Parque", "vdt": "Viaduto",
    "vd": "Viaduto", "le": "", "rp": "Rua de Pedestres", "esp": "Esplanada", "via": "Via",
    "tun": "Túnel", "rtl": "Rótula", "psl": "Passarela", "esc": "Escadaria", "as": "Acesso",
    "cicl": "Ciclovia", "jar": "Jardim", "term": "Terminal", "bv": "Boulevard", "ca": "Cais",
    "est": "Estação", "gal": "Galeria", "mer": "", "ar": "Área", "rod": "Rodovia", "lad": "Ladeira",
}  # fmt: skip
TITLES = {
    "dr": "doutor", "dra": "doutora", "prof": "professor", "profa": "professora", "eng": "engenheiro",
    "gen": "general", "gal": "general", "mal": "marechal", "cel": "coronel", "ten": "tenente",
    "cap": "capitão", "maj": "major", "srg": "sargento", "sgt": "sargento", "sarg": "sargento",
    "cmte": "comandante", "alm": "almirante", "brig": "brigadeiro", "pres": "presidente",
    "gov": "governador", "dep": "deputado", "des": "desembargador", "desembarg": "desembargador",
    "sen": "senador", "ver": "vereador", "adm": "administrador", "arq": "arquiteto", "pe": "padre",
    "rev": "reverendo", "mons": "monsenhor", "visc": "visconde", "cons": "conselheiro",
    "com": "comendador", "sta": "santa", "sto": "santo", "ns": "nossa senhora", "jr": "júnior",
    "jd": "jardim", "jar": "jardim", "vl": "vila", "pq": "parque", "prq": "parque",
    "conj": "conjunto", "res": "residencial", "lot": "loteamento", "cond": "condomínio",
    "av": "avenida", "trav": "travessa", "estr": "estrada", "pca": "praça", "insp": "inspetor",
    "int": "intendente",
}  # fmt: skip
KINDS = frozenset(plain(word) for word in CATEGORIES.values() if word)
MONTHS = frozenset(
    [
        "janeiro",
        "fevereiro",
        "marco",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ]
)
_NUMBERS = (
    (1, "um uma primeiro primeira"), (2, "dois duas"), (3, "tres trez"), (4, "quatro"), (5, "cinco"),
    (6, "seis"), (7, "sete"), (8, "oito"), (9, "nove"), (10, "dez"), (11, "onze"), (12, "doze"),
    (13, "treze"), (14, "quatorze catorze"), (15, "quinze"), (16, "dezesseis"), (17, "dezessete"),
    (18, "dezoito"), (19, "dezenove"), (20, "vinte"), (30, "trinta"), (40, "quarenta"),
    (50, "cinquenta"), (60, "sessenta"), (70, "setenta"), (80, "oitenta"), (90, "noventa"),
    (100, "cem cento"), (200, "duzentos"), (300, "trezentos"), (400, "quatrocentos"),
    (500, "quinhentos quinh"), (600, "seiscentos"), (700, "setecentos"), (800, "oitocentos"),
    (900, "novecentos novec"), (1000, "mil"),
)  # fmt: skip
NUMBERS = {word: value for value, words in _NUMBERS for word in words.split()}
_SPLIT = re.compile(r"[^a-z0-9]+")
_WORD = re.compile(r"([^\W\d_]+)\.?")
_ROMAN = re.compile(r"(?=[ivx]{2,}$)(x{0,3})(ix|iv|v?i{0,3})$")
_ORDINAL = re.compile(r"\b(\d+)\s?[ºª°]")


def street_name(category: str, preposition: str, name: str) -> str:
    """`("AV", "", "VINTE QUATRO DE OUTUBRO")` → `Avenida 24 de Outubro`. Empty for an unnamed street."""
    if not name.strip():
        return ""
    words = tidy(expand_titles(name)).split(" ")
    body = title_case(" ".join(_show_numbers(words)))
    kind = category_word(category)
    link = preposition.lower() if preposition.lower() in LINKING_WORDS else ""
    return tidy(f"{kind} {link} {body}" if kind else body)


def expand_titles(text: str) -> str:
    """`DR NILO`, `Cel. Aparício` → `doutor NILO`, `coronel Aparício`; single letters are initials."""
    return _WORD.sub(lambda m: TITLES.get(plain(m[1]), m[0]) if len(m[1]) > 1 else m[0], text)


def category_word(code: str) -> str:
    """`AV` → `Avenida`; an unknown code speaks for itself."""
    return CATEGORIES.get(plain(code), code.capitalize())


def street_key(text: str) -> str:
    """The words by which a name, given without its kind, is searched."""
    return " ".join(_key_words(tokens(text)))


def tokens(text: str) -> list[str]:
    """Plain words and numbers of a text; `1º` is `1`, `D'Ávila` is `davila`."""
    text = plain(_ORDINAL.sub(r"\1 ", text).replace("'", "").replace("’", ""))
    return [t for t in _SPLIT.split(text) if t]


def split_kind(words: Sequence[str]) -> tuple[str, list[str]]:
    """`["av", "ipiranga"]` → `("avenida", ["ipiranga"])`; the kind is plain and may be empty."""
    if len(words) > 1:
        first = words[0]
        kind = plain(CATEGORIES.get(first, "")) or (first if first in KINDS else "")
        if kind:
            return kind, list(words[1:])
    return "", list(words)


def key_of_words(words: Sequence[str]) -> str:
    """`street_key` for words already taken apart by `tokens`."""
    return " ".join(_key_words(list(words)))


def _key_words(words: list[str]) -> list[str]:
    expanded = [part for w in words for part in plain(TITLES.get(w, w)).split()]
    digits = [_roman(text) for text, _count in _runs(expanded)]
    return [w for w in digits if w not in LINKING_WORDS] or digits


def _roman(word: str) -> str:
    """`xv` → `15`; any other word as it is."""
    found = _ROMAN.match(word)
    if not found:
        return word
    units = {"": 0, "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}
    return str(10 * len(found[1]) + units[found[2]])


def _show_numbers(words: list[str]) -> list[str]:
    """Digits where people write digits: whole names (Rua 6033), long numbers and dates."""
    shown: list[str] = []
    at = 0
    for text, count in _runs([plain(w) for w in words]):
        after = [plain(w) for w in words[at + count : at + count + 2]]
        date = len(after) == 2 and after[0] == "de" and after[1] in MONTHS
        whole = count == len(words)
        if count and text.isdigit() and plain(words[at]) in NUMBERS and (count > 1 or whole or date):
            shown.append("1º" if date and text == "1" else text)
        else:
            shown.extend(words[at : at + count])
        at += count
    return shown


def _runs(words: Sequence[str]) -> list[tuple[str, int]]:
    """Words with number words joined into digits; each with how many words it took."""
    out: list[tuple[str, int]] = []
    at = 0
    while at < len(words):
        value, took = _number(words, at)
        out.append((str(value), took) if took else (words[at], 1))
        at += took or 1
    return out


def _number(words: Sequence[str], at: int) -> tuple[int, int]:
    """The number that begins at a word, and how many words it takes (0: none)."""
    total, ceiling, took = 0, 10**6, 0
    while at + took < len(words):
        here = at + took
        step = 1
        if words[here] == "e" and took and here + 1 < len(words):
            here, step = here + 1, 2
        value = NUMBERS.get(words[here])
        if value is None:
            break
        if value == 1000 and total < 1000:
            total, ceiling = max(total, 1) * 1000, 1000
        elif value < ceiling:
            total += value
            ceiling = _below(value)
        else:
            break
        took += step
    return total, took


def _below(value: int) -> int:
    """What may still follow: after a hundred, tens; after a ten, units; after a unit, only `mil`."""
    return 100 if value >= 100 else 10 if value >= 20 else 1
