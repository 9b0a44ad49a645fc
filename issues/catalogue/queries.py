"""Reading the Carta de Serviços."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from geo_central.kernel.errors import Invalid, NotFound
from geo_central.kernel.sql import Query

from .answers import QuestionRow
from .models import Service
from .process_files import restored
from .processes import Process
from .words import asked

_SERVICE = Query(__file__, "service")
_LIST = Query(__file__, "services")
_SEARCH = Query(__file__, "search")
_PROCESS_OF = Query(__file__, "process_of")
_PROCESS_VERSION = Query(__file__, "process_version")

SEARCH_LIMIT = 200


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service as a value, with its questions in order."""

    id: int
    code: str
    name: str
    description: str
    theme_id: int
    theme: str
    theme_name: str
    department_id: int
    department: str
    department_name: str
    geolocated: bool
    target: int
    target_unit: str
    channels: tuple[str, ...]
    precision: str
    moderation: str
    duplicate_radius_m: int
    keywords: tuple[str, ...]
    popularity: int
    is_active: bool
    questions: tuple[QuestionRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """A theme of the Carta and how many services it has."""

    slug: str
    name: str
    icon: str
    services: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A service proposed for somebody's words; `score` from 0 to 1."""

    code: str
    name: str
    description: str
    theme: str
    theme_name: str
    geolocated: bool
    score: float


def service(code: str, *, edition: int | None = None) -> ServiceRow:
    """The service of that code. Raises Invalid `service.unknown` or `service.retired`.

    With an `edition` (the number of `issues_edition`, another one after every change), what was read
    for the same one is used again.
    """
    return _read(code) if edition is None else _kept(edition, code)


@lru_cache(maxsize=1024)
def _kept(edition: int, code: str) -> ServiceRow:
    return _read(code)


def _read(code: str) -> ServiceRow:
    row = _SERVICE.one({"code": code[:64]}) if "\0" not in code else None
    if row is None:
        raise Invalid("service.unknown", field="service")
    if not row.is_active:
        raise Invalid("service.retired", field="service")
    return _value(row)


def services(*, theme: str | None = None) -> list[ServiceRow]:
    """Every active service by name, without questions; of one theme if given."""
    return [_value(r) for r in _LIST.rows({"theme": theme})]


def services_with_questions() -> frozenset[int]:
    """Ids of the services that ask something."""
    from .models import Question

    return frozenset(Question.objects.order_by().values_list("service_id", flat=True).distinct())


def open311_types() -> dict[str, str]:
    """The services of which a program is told no number at once, by code: `batch` or `blackbox`."""
    rows = Service.objects.filter(is_active=True).exclude(open311_type="realtime").order_by("code")
    return dict(rows.values_list("code", "open311_type"))


def themes() -> list[ThemeRow]:
    """Themes that have active services, in order."""
    from django.db.models import Count, Q

    from .models import Theme

    counted = Theme.objects.annotate(n=Count("services", filter=Q(services__is_active=True)))
    return [
        ThemeRow(t.slug, t.name, t.icon, t.n) for t in counted.filter(n__gt=0).order_by("position", "name")
    ]


def search(text: str, limit: int = 5) -> list[Suggestion]:
    """The services that the words ask for, best first. Forgives typos and missing accents.

    Raises Invalid `field.too_long` (field `q`) beyond 200 characters.
    """
    if len(text) > SEARCH_LIMIT:
        raise Invalid("field.too_long", field="q", limit=SEARCH_LIMIT)
    question = asked(text)
    if question is None:
        return []
    return [Suggestion(*row) for row in _SEARCH.rows({**asdict(question), "limit": max(limit, 0)})]


def popular(limit: int = 6) -> list[Suggestion]:
    """The service most asked for of each theme, for somebody who has written no words; `score` is 0."""
    from .models import Service

    best = Service.objects.filter(is_active=True, geolocated=True).order_by("theme_id", "-popularity", "name")
    offered = Service.objects.filter(pk__in=best.distinct("theme_id").values("pk")).select_related("theme")
    return [
        Suggestion(s.code, s.name, s.description, s.theme.slug, s.theme.name, s.geolocated, 0.0)
        for s in offered.order_by("-popularity", "name")[:limit]
    ]


def process_of(service_id: int, *, edition: int | None = None) -> Process | None:
    """What a request of that service, opened now, goes through; None if the city wrote no process for it.

    With an `edition`, as in `service`, no statement where it is at hand.
    """
    return _process_of(service_id) if edition is None else _kept_process_of(edition, service_id)


@lru_cache(maxsize=1024)
def _kept_process_of(edition: int, service_id: int) -> Process | None:
    return _process_of(service_id)


def _process_of(service_id: int) -> Process | None:
    row = _PROCESS_OF.one({"service": service_id})
    return _process(row) if row else None


@lru_cache(maxsize=1024)
def process_version(version_id: int) -> Process:
    """The process as that version has it: it never changes. Raises NotFound `process.unknown`."""
    row = _PROCESS_VERSION.one({"id": version_id})
    if row is None:
        raise NotFound("process.unknown")
    return _process(row)


def services_without_process() -> list[str]:
    """The codes of active services that go by no process, in order."""
    from .models import Service

    orphans = Service.objects.filter(is_active=True, process__current__isnull=True)
    return list(orphans.order_by("code").values_list("code", flat=True))


def _process(row: Any) -> Process:
    return restored(row.definition, id=row.id, code=row.code, version=row.version)


def _value(row: Any) -> ServiceRow:
    fields = row._asdict()
    fields["channels"] = tuple(fields["channels"])
    fields["keywords"] = tuple(fields["keywords"])
    fields["questions"] = tuple(
        QuestionRow(**{**q, "values": tuple((k, n) for k, n in q["values"])})
        for q in fields.get("questions") or ()
    )
    return ServiceRow(**fields)
