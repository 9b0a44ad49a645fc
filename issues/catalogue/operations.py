"""The Carta de Serviços: writes. Loading is repeatable: rows are known by their code."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from geo_central.kernel.errors import Invalid
from geo_central.kernel.sql import Query
from issues.teams.models import Department, Team

from . import process_choice, process_files, words
from .models import Process, ProcessVersion, Question, Service, Theme
from .process_choice import Given, Subject
from .processes import Process as Definition

_INDEX = Query(__file__, "index_search")
_SETTLE = Query(__file__, "settle_search")
_GIVE = Query(__file__, "give_processes")


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
                proof_distance_m=row["proof_distance_m"],
                open311_type=row["open311_type"],
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
            "channels", "precision", "moderation", "duplicate_radius_m", "proof_distance_m",
            "open311_type", "keywords", "popularity", "is_active",
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


def load_processes(processes: Iterable[Definition], given: Iterable[Given], *, now: datetime) -> int:
    """Publish processes, and give every active service the one that the table `given` says; how many.

    What a process says anew is a new version, for requests opened from now on; what it has said
    before is that version again. Those no longer given are retired. Raises Invalid `process.*`.
    """
    definitions = list(processes)
    teams = list(Team.objects.filter(is_active=True).order_by("pk"))
    departments = set(Department.objects.order_by("pk").values_list("code", flat=True))
    for definition in definitions:
        process_files.check_references(
            definition,
            departments=departments,
            teams={t.slug for t in teams},
            layers={t.territory_layer for t in teams if t.territory_layer},
        )
    Process.objects.exclude(code__in=[d.code for d in definitions]).update(is_active=False)
    ids = {d.code: _publish(d, now) for d in definitions}
    services = list(
        Service.objects.filter(is_active=True).select_related("theme", "department").order_by("pk")
    )
    subjects = [Subject(s.code, s.theme.slug, s.department.code, s.geolocated) for s in services]
    chosen = process_choice.choose(subjects, list(given), processes=ids.keys())
    _GIVE.value({"services": [s.pk for s in services], "processes": [ids[code] for code in chosen]})
    return len(definitions)


def _publish(definition: Definition, now: datetime) -> int:
    """Make that content the current version of its process; the id of the process."""
    told = {"name": definition.name, "summary": definition.summary, "is_active": True}
    process, _ = Process.objects.update_or_create(code=definition.code, defaults=told)
    digest = process_files.digest(definition)
    version = process.versions.filter(digest=digest).first()
    if version is None:
        last = process.versions.order_by("-number").first()
        version = ProcessVersion.objects.create(
            process=process,
            number=last.number + 1 if last else 1,
            digest=digest,
            definition=process_files.definition(definition),
            published_at=now,
        )
    if process.current_id != version.pk:
        process.current = version
        process.save(update_fields=["current"])
    return process.pk
