"""A first mapping for a file, and what would come of it: columns by names and values, services by the
catalogue's own search. It is a draft for a person to read and correct."""

import itertools
import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.text import slugify

from issues.catalogue.queries import SEARCH_LIMIT, Suggestion, search, services

from .faults import REASONS, ImportFault
from .guessing import Sample
from .mapping import parse_mapping
from .reading import CHUNK, Table, open_table
from .rows import Translator

SAMPLE = 5_000
VALUES = 100
PROBED = 30  # values of a column that are searched for, to see whether it speaks of services
SURE = 0.3
PLAIN, HALF = 0.8, 0.5  # how well, and how often, a column that no name speaks for must be found
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


def suggest(path: Path, now: datetime) -> str:
    """TOML for this file, with what it would make of the file's first rows. Raises ImportFault."""
    encoding, delimiter = _text_form(path)
    table = open_table(path, delimiter=delimiter, encoding=encoding)
    rows = [r for r in itertools.islice(table.rows, SAMPLE) if len(r) == len(table.columns)]
    sample = _sample(table, rows)
    opened, (lng, lat, crs) = sample.opened_at(), sample.point()
    service, hits = _service(sample)
    dates = sample.dated.get(opened)
    lines = [
        f"source = {_text(slugify(path.name.split('.')[0])[:40])}",
        f"timezone = {_text(settings.CITY.timezone)}",
        *([f"encoding = {_text(encoding)}"] if encoding != "utf-8" else []),
        f"delimiter = {_text(delimiter)}",
        f"crs = {_text(table.crs or crs or 'EPSG:4326')}",
        *([f"date_format = {_text(dates.form)}"] if dates and dates.form else []),
        *(["ignore_offset = true  # lidas com o seu fuso, as horas cairiam na madrugada"]
          if dates and dates.ignore_offset else []),
        'default_service = ""' + ("" if hits else "  # nenhuma coluna fala de serviços da Carta: diga um"),
        "",
        "[columns]",
        f"opened_at = {_text(opened)}" + ("" if opened else "  # nenhuma coluna tem datas"),
    ]  # fmt: skip
    state, channel = _one(sample, "state"), _one(sample, "channel")
    for name, column in (
        ("closed_at", sample.closed_at(opened)), ("service", service), ("state", state),
        ("channel", channel), ("lng", lng), ("lat", lat),
    ):  # fmt: skip
        lines += [f"{name} = {_text(column)}"] if column else []
    address = _one(sample, "address")
    several = (
        ("external_id", [sample.identifier()]),
        ("address", [address, _one(sample, "number") if address else ""]),
        ("description", [_one(sample, "description")]),
    )
    for name, columns in several:
        used = [c for c in columns if c]
        lines += [f"{name} = {json.dumps(used, ensure_ascii=False)}"] if used else []
    lines += _services(sample, service, hits)
    lines += _words("states", sample, state, STATES, "open")
    lines += _words("channels", sample, channel, CHANNELS, "phone")
    text = "\n".join(lines) + "\n"
    return "\n".join([*_outlook(text, table, rows, now), text])


def _text_form(path: Path) -> tuple[str, str]:
    """Encoding and delimiter of a text file, by its first line. Raises ImportFault."""
    if not path.name.lower().removesuffix(".gz").endswith((".csv", ".txt", ".tsv")):
        return "utf-8", ","
    encoding = "utf-8"
    try:
        columns = open_table(path).columns
    except ImportFault:
        encoding = "cp1252"
        columns = open_table(path, encoding=encoding).columns
    first = ",".join(columns)[:CHUNK]
    return encoding, max(",;\t|", key=first.count)


def _sample(table: Table, rows: Sequence[Sequence[str]]) -> Sample:
    city = settings.CITY
    west, south, east, north = city.bounds
    return Sample(
        table.columns, rows, ZoneInfo(city.timezone), (west, south, east, north), int(city.metric_srid)
    )


def _one(sample: Sample, field: str) -> str:
    """The best column by name that says anything."""
    return next((c for c in sample.named(field) if c not in sample.dated and sample.values(c)), "")


def _service(sample: Sample) -> tuple[str, dict[str, Suggestion | None]]:
    """The column whose values the catalogue knows best, and what its search finds for each of them."""
    named = sample.named("service")
    best: tuple[float, str, dict[str, Suggestion | None]] = (0.0, next(iter(named), ""), {})
    others = sample.wordy([*named, *sample.named("state"), *sample.named("channel")])
    for column in [*(c for c in named if c not in sample.dated), *others]:
        sure = SURE if column in named else PLAIN
        counted = sample.counted(column)
        hits = {value: _hit(value) for value, _count in counted.most_common(PROBED)}
        # What is found well counts for more than what is just found: "Street Lights" for itself.
        known = sum(counted[value] * hit.score for value, hit in hits.items() if hit and hit.score >= sure)
        share = known / max(counted.total(), 1)
        if share > best[0] and (column in named or share > HALF):
            best = (share, column, hits)
    return best[1], best[2]


def _hit(value: str) -> Suggestion | None:
    return next(iter(search(value[:SEARCH_LIMIT], limit=1)), None)


def _services(sample: Sample, column: str, hits: dict[str, Suggestion | None]) -> list[str]:
    if not column:
        return []
    lines = ["", "[services]"]
    for value, count in sample.counted(column).most_common(VALUES):
        hit = hits[value] if value in hits else _hit(value)
        if hit and hit.score >= SURE:
            lines.append(f"{_text(value)} = {_text(hit.code)}  # {count}: {hit.name} ({hit.score:.2f})")
        else:
            lines.append(f"# {_text(value)} = {_text(hit.code if hit else '')}  # {count}")
    return lines


def _words(
    table: str, sample: Sample, column: str, words: Sequence[tuple[str, str]], other: str
) -> list[str]:
    if not column:
        return []
    values = [value for value, _count in sample.counted(column).most_common(VALUES)]
    return [
        "",
        f"[{table}]",
        *(
            f"{_text(v)} = {_text(next((m for word, m in words if word in slugify(v)), other))}"
            for v in values
        ),
    ]


def _outlook(text: str, table: Table, rows: Sequence[Sequence[str]], now: datetime) -> list[str]:
    """Comments: how many of the first rows this mapping understands, and why the others are refused."""
    head = "# Rascunho de --suggest: leia, corrija e experimente com --dry-run."
    try:
        mapping = parse_mapping(tomllib.loads(text), "rascunho")
        known = {s.code: s for s in services()}
        kept, refused = Translator(mapping, table.columns, known, now, table.crs).translate(rows, 1)
    except ImportFault as fault:
        return [head, f"# Falta ainda: {fault.what}; {fault.remedy}.", ""]
    except KeyError:  # a column that nobody could name
        return [head, "# Falta ainda: a coluna opened_at.", ""]
    reasons = Counter(r.reason for r in refused)
    return [
        head,
        f"# Das primeiras {len(rows)} linhas, entende {len(kept)}; não entende {len(refused)}.",
        *(f"#   {count}: {REASONS[reason]}" for reason, count in reasons.most_common()),
        "",
    ]


def _text(value: str) -> str:
    """A TOML basic string; JSON writes the same."""
    return json.dumps(value, ensure_ascii=False)
