"""The Carta de Serviços: writes. Loading is repeatable: rows are known by their code."""

from collections.abc import Iterable, Mapping
from typing import Any

from geo_central.kernel.errors import Invalid
from geo_central.kernel.sql import Query
from issues.teams.models import Department

from . import words
from .models import Question, Service, Theme

_INDEX = Query(__file__, "index_search")
_SETTLE = Query(__file__, "settle_search")


def load_themes(rows: Iterable[Mapping[str, Any]]) -> int:
    """Add or update themes (`slug`, `name`, `icon`) in the order given; how many."""
    given = [Theme(slug=r["slug"], name=r["name"], icon=r["icon"], position=n) for n, r in enumerate(rows)]
    Theme.objects.bulk_create(
        given, update_conflicts=True, unique_fields=["slug"], update_fields=["name", "icon", "position"]
    )
    return len(given)


def load_services(rows: Iterable[Mapping[str, Any]], questions: Iterable[Mapping[str, Any]]) -> int:
    """Add or update services with their questions; those no longer given are retired. How many.

    Earlier rows are the more popular ones. Raises Invalid `catalogue.unknown_reference` naming
    the row and what it refers to.
    """
    themes = dict(Theme.objects.order_by("pk").values_list("slug", "pk"))
    departments = dict(Department.objects.order_by("pk").values_list("code", "pk"))
    given = []
    for position, row in enumerate(rows):
        for name, known in (("theme", themes), ("department", departments)):
            if row[name] not in known:
                raise Invalid("catalogue.unknown_reference", field=row["code"], reference=row[name])
        given.append(
            Service(
                code=row["code"],
                name=row["name"],
                description=row["description"],
                theme_id=themes[row["theme"]],
                department_id=departments[row["department"]],
                geolocated=row["geolocated"],
                target=row["target"],
                target_unit=row["target_unit"],
                channels=row["channels"],
                precision=row["precision"],
                moderation=row["moderation"],
                duplicate_radius_m=row["duplicate_radius_m"],
                keywords=row["keywords"],
                popularity=max(0, 10_000 - position),
                is_active=True,
            )
        )
    codes = [s.code for s in given]
    Service.objects.exclude(code__in=codes).update(is_active=False)
    Service.objects.bulk_create(
        given,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[
            "name", "description", "theme", "department", "geolocated", "target", "target_unit",
            "channels", "precision", "moderation", "duplicate_radius_m", "keywords", "popularity",
            "is_active",
        ],
    )  # fmt: skip
    _load_questions(questions)
    _INDEX.run({"fillers": sorted(words.fillers())})
    _SETTLE.run()
    return len(given)


def _load_questions(rows: Iterable[Mapping[str, Any]]) -> None:
    services = dict(Service.objects.order_by("pk").values_list("code", "pk"))
    questions = []
    for row in rows:
        if row["service"] not in services:
            raise Invalid("catalogue.unknown_reference", field=row["code"], reference=row["service"])
        fields = {k: v for k, v in row.items() if k != "service"}
        questions.append(Question(service_id=services[row["service"]], **fields))
    Question.objects.all().delete()
    Question.objects.bulk_create(questions)
