"""Which column of an unknown file is what: by its name, and by whether its values bear the name out. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils.text import slugify
from pyproj import Transformer

from .reading import Row, X, Y

MOST = 0.95  # of the values that are not empty must be what a column is taken for
NIGHT = range(0, 7)  # hours at which few people call
FORMS = (
    "",  # ISO 8601
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y",
    "%Y%m%d",
)
# In order of preference; a column's name, as a slug, is or begins a part with the word.
WORDS: dict[str, tuple[str, ...]] = {
    "external_id": (
        "external-id", "request-id", "enquiry-id", "protocolo", "case-id", "numero-chamado",
        "case-enquiry-id", "id",
    ),
    "opened_at": (
        "opened", "open-dt", "abertura", "requested-datetime", "created", "data-hora", "data-criacao", "data",
        "date",
    ),
    "closed_at": ("closed-d", "closed-at", "encerra", "conclus", "parecer", "fechamento"),
    "service": ("service-name", "servico", "assunto", "type", "tipo", "category", "categoria"),
    "state": ("case-status", "status", "situacao", "estado"),
    "channel": ("canal", "channel", "source", "origem"),
    "lng": ("longitude", "lng", "lon", "long", "coord-x", "x"),
    "lat": ("latitude", "lat", "coord-y", "y"),
    "address": ("address", "endereco", "logradouro", "location", "log1", "rua"),
    "number": ("numero", "num", "number"),
    "description": ("description", "descricao", "case-title", "titulo"),
}  # fmt: skip
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Dates:
    """How a column's dates are read: a form of `strptime` (empty: ISO 8601), and whether its offset lies."""

    form: str
    ignore_offset: bool


@dataclass(frozen=True)
class Sample:
    """The first rows of a file with the city they should lie in."""

    columns: tuple[str, ...]
    rows: Sequence[Row]
    zone: ZoneInfo
    box: Box
    metric_srid: int
    _slugs: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._slugs.update({c: slugify(c.replace("_", "-").replace(".", "-")) for c in self.columns})

    def values(self, column: str) -> list[str]:
        """What the column says, without the empty ones."""
        at = self.columns.index(column)
        return [text for row in self.rows if (text := row[at].strip())]

    def counted(self, column: str) -> Counter[str]:
        """Each value of a column and how often."""
        return Counter(self.values(column))

    def named(self, what: str, *, but: Sequence[str] = ()) -> list[str]:
        """The columns whose names speak of a field, the best first."""
        found = [
            c for word in WORDS[what] for c in self.columns
            if c not in but and c not in (X, Y) and _fits(self._slugs[c], word)
        ]  # fmt: skip
        return list(dict.fromkeys(found))

    @cached_property
    def dated(self) -> dict[str, Dates]:
        """The columns that hold dates."""
        found = {c: self._dates(c) for c in self.columns if c not in (X, Y)}
        return {c: dates for c, dates in found.items() if dates is not None}

    def _dates(self, column: str) -> Dates | None:
        values = self.values(column)
        if not values or not (any(mark in values[0] for mark in "-/") or len(values[0]) == 8):
            return None
        for form in FORMS:
            read = [m for m in map(_reader(form), values) if m is not None]
            if len(read) >= MOST * len(values):
                return Dates(form, self._lies(read))
        return None

    def _lies(self, read: Sequence[datetime]) -> bool:
        """Whether dates that name an offset make sense only without it: fewer people call at night."""
        aware = [m for m in read if m.utcoffset() is not None]
        if len(aware) < MOST * len(read):
            return False
        as_written = sum(m.hour in NIGHT for m in aware)
        as_meant = sum(m.astimezone(self.zone).hour in NIGHT for m in aware)
        shifted = any(m.astimezone(self.zone).utcoffset() != m.utcoffset() for m in aware[:100])
        return shifted and as_written * 2 < as_meant

    def opened_at(self) -> str:
        """The column that says when a request came: a date by name, or the only kind of date there is."""
        return next((c for c in (*self.named("opened_at"), *self.dated) if c in self.dated), "")

    def closed_at(self, but: str) -> str:
        """The column that says when it ended."""
        return next((c for c in self.named("closed_at", but=[but]) if c in self.dated), "")

    def point(self) -> tuple[str, str, str]:
        """The columns of longitude and latitude and their CRS; empty where the file's geometry says it."""
        if X in self.columns:
            return "", "", ""
        for lng in (*self.named("lng"), *self.numbers):
            for lat in (*self.named("lat"), *self.numbers):
                if lng != lat and (crs := self._crs(lng, lat)):
                    return lng, lat, crs
        return "", "", ""

    @cached_property
    def numbers(self) -> list[str]:
        """The columns that hold numbers with decimals."""
        return [c for c in self.columns if _share(self.values(c), _decimal) >= MOST]

    def _crs(self, lng: str, lat: str) -> str:
        """The system in which most pairs of two columns lie in the city; empty where none does."""
        at_x, at_y = self.columns.index(lng), self.columns.index(lat)
        pairs = [(x, y) for row in self.rows if (x := _number(row[at_x])) and (y := _number(row[at_y]))]
        for crs in ("EPSG:4326", f"EPSG:{self.metric_srid}", "EPSG:3857", "EPSG:4674"):
            if pairs and sum(_inside(self.box, *p) for p in _degrees(pairs, crs)) > 0.5 * len(pairs):
                return crs
        return ""

    def identifier(self) -> str:
        """A column by name that never says the same twice."""
        for column in self.named("external_id"):
            values = self.values(column)
            if len(values) == len(self.rows) and len(set(values)) == len(values):
                return column
        return ""

    def wordy(self, but: Sequence[str]) -> list[str]:
        """Columns of few words said again and again, as services are."""
        free = [c for c in self.columns if c not in but and c not in self.dated and c not in (X, Y)]
        return [
            c for c in free
            if 1 < len(set(self.values(c))) <= max(300, len(self.rows) // 20)
            and _share(self.values(c), lambda text: any(map(str.isalpha, text))) >= MOST
        ]  # fmt: skip


def _fits(name: str, word: str) -> bool:
    end = "(-|$)" if len(word) < 5 else ""  # a short word stands alone
    return re.search(rf"(^|-){re.escape(word)}{end}", name) is not None


def _share(values: Sequence[str], is_so: Callable[[str], bool]) -> float:
    return sum(map(is_so, values)) / len(values) if values else 0.0


def _decimal(text: str) -> bool:
    return re.fullmatch(r"-?\d+\.\d+", text) is not None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _reader(form: str) -> Callable[[str], datetime | None]:
    def read(text: str) -> datetime | None:
        try:
            moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text)
        except ValueError:
            return None
        return moment if moment.year > 1900 and moment.utcoffset() in (None, *_OFFSETS) else None

    return read


_OFFSETS = tuple(timedelta(minutes=m) for m in range(-14 * 60, 14 * 60 + 1, 15))


def _degrees(pairs: Sequence[tuple[float, float]], crs: str) -> Sequence[tuple[float, float]]:
    if crs == "EPSG:4326":
        return pairs
    transform = Transformer.from_crs(crs, 4326, always_xy=True).transform
    return [transform(x, y) for x, y in pairs]


def _inside(box: Box, lng: float, lat: float) -> bool:
    return box[0] <= lng <= box[2] and box[1] <= lat <= box[3]
