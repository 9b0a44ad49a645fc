"""A first mapping for a file: columns by their names, services by the catalogue's own search."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.utils.text import slugify

from issues.catalogue.queries import SEARCH_LIMIT, search

from .reading import CHUNK, X, Y, open_table

SAMPLE = 20_000
VALUES = 60
SURE = 0.3
# In order of preference; a column is taken when its name, as a slug, contains the word.
WORDS: dict[str, tuple[str, ...]] = {
    "external_id": ("external-id", "request-id", "enquiry-id", "protocolo", "case-id", "numero-chamado"),
    "opened_at": (
        "opened",
        "open-dt",
        "abertura",
        "requested-datetime",
        "created",
        "data-hora",
        "data-criacao",
    ),
    "closed_at": ("closed-d", "closed-at", "encerra", "conclus", "parecer", "fechamento"),
    "service": ("service-name", "servico", "type", "tipo", "assunto", "category", "categoria"),
    "state": ("case-status", "status", "situacao", "estado"),
    "channel": ("canal", "channel", "source", "origem"),
    "lng": ("longitude", "lng", "lon", "long", "coord-x"),
    "lat": ("latitude", "lat", "coord-y"),
    "address": ("address", "endereco", "logradouro", "location"),
    "description": ("description", "descricao", "case-title", "titulo"),
}
SEVERAL = frozenset({"external_id", "address", "description"})
STATES = (
    ("cancel", "cancelled"), ("indefer", "rejected"), ("reject", "rejected"), ("duplic", "duplicate"),
    ("final", "resolved"), ("conclu", "resolved"), ("resolv", "resolved"), ("clos", "resolved"),
    ("encerr", "resolved"), ("fechad", "resolved"), ("atendid", "resolved"),
)  # fmt: skip
CHANNELS = (
    ("whats", "whatsapp"), ("telef", "phone"), ("call", "phone"), ("portal", "web"), ("self-service", "web"),
    ("aplic", "app"), ("app", "app"), ("twitter", "social"), ("mail", "email"), ("praca", "counter"),
    ("descomplica", "counter"), ("employee", "counter"), ("integra", "open311"),
)  # fmt: skip


def suggest(path: Path) -> str:
    """TOML for this file, to be read and corrected by a person. Raises ImportFault."""
    delimiter = _delimiter(path)
    table = open_table(path, delimiter=delimiter)
    columns = _columns(table.columns)
    rows = [r for r in itertools.islice(table.rows, SAMPLE) if len(r) == len(table.columns)]
    lines = [
        f"source = {_text(slugify(path.name.split('.')[0])[:40])}",
        f"timezone = {_text(settings.CITY.timezone)}",
        f"delimiter = {_text(delimiter)}",
        f"crs = {_text(table.crs or 'EPSG:4326')}",
        'default_service = ""',
        "",
        "[columns]",
    ]
    for field, column in columns.items():
        lines.append(f"{field} = {f'[{_text(column)}]' if field in SEVERAL else _text(column)}")
    lines += _services(_values(rows, table.columns, columns.get("service")))
    lines += _words("states", _values(rows, table.columns, columns.get("state")), STATES, "open")
    lines += _words("channels", _values(rows, table.columns, columns.get("channel")), CHANNELS, "phone")
    return "\n".join(lines) + "\n"


def _delimiter(path: Path) -> str:
    """The likeliest one of the first line of a text file."""
    if not path.name.lower().removesuffix(".gz").endswith((".csv", ".txt", ".tsv")):
        return ","
    first = ",".join(open_table(path).columns)[:CHUNK]
    return max(",;\t|", key=first.count)


def _columns(names: Sequence[str]) -> dict[str, str]:
    """Which column each field is, where a name tells."""
    found: dict[str, str] = {}
    for field, words in WORDS.items():
        free = [n for n in names if n not in found.values()]
        fit = next((n for word in words for n in free if _fits(slugify(n.replace("_", "-")), word)), None)
        if fit is not None:
            found[field] = fit
    found.setdefault("opened_at", "")
    return {k: v for k, v in found.items() if v not in {X, Y}}


def _fits(name: str, word: str) -> bool:
    return name == word if len(word) < 5 else re.search(rf"(^|-){re.escape(word)}", name) is not None


def _values(rows: Sequence[Sequence[str]], names: Sequence[str], column: str | None) -> list[str]:
    if not column:
        return []
    at = list(names).index(column)
    counted = Counter(r[at].strip() for r in rows)
    return [value for value, _count in counted.most_common(VALUES) if value]


def _services(values: list[str]) -> list[str]:
    lines = ["", "[services]"] if values else []
    for value in values:
        best = next(iter(search(value[:SEARCH_LIMIT], limit=1)), None)
        if best and best.score >= SURE:
            lines.append(f"{_text(value)} = {_text(best.code)}  # {best.name} ({best.score:.2f})")
        else:
            lines.append(f"# {_text(value)} = {_text(best.code if best else '')}")
    return lines


def _words(table: str, values: list[str], words: Sequence[tuple[str, str]], other: str) -> list[str]:
    lines = ["", f"[{table}]"] if values else []
    for value in values:
        meaning = next((m for word, m in words if word in slugify(value)), other)
        lines.append(f"{_text(value)} = {_text(meaning)}")
    return lines


def _text(value: str) -> str:
    """A TOML basic string; JSON writes the same."""
    return json.dumps(value, ensure_ascii=False)
