"""What is wrong with this installation, and how to mend it.

A check is a function: its docstring is its title, its decorator holds the remedy, and it raises
Sick with what it saw. They run in order, and all of them run.
"""

import base64
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from geo_central.kernel import clock
from geo_central.settings.env import VAR, env


class Sick(Exception):
    """What a check saw."""


@dataclass(frozen=True)
class Finding:
    """The outcome of one check; `problem` is empty when all is well."""

    title: str
    problem: str
    remedy: str


_CHECKS: list[tuple[Callable[[], None], str]] = []


def check(remedy: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a check with what to do when it fails."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        _CHECKS.append((function, remedy))
        return function

    return register


def examine() -> Iterator[Finding]:
    """Run every check."""
    for function, remedy in _CHECKS:
        title = (function.__doc__ or function.__name__).strip().rstrip(".")
        try:
            function()
        except Sick as seen:
            yield Finding(title, str(seen), remedy)
        except OperationalError as error:
            yield Finding(title, f"the database did not answer: {str(error).splitlines()[0]}", remedy)
        else:
            yield Finding(title, "", remedy)


def _value(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return row[0] if row else None


@check("Run `make up`, which starts the embedded PostGIS, or set DATABASE_URL to a server that runs.")
def database_answers() -> None:
    """The database answers."""
    _value("SELECT 1")


@check("Install PostGIS 3 on that server (`apt install postgresql-15-postgis-3`), then `make up`.")
def postgis_is_there() -> None:
    """PostGIS 3 and the text extensions are there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname, extversion FROM pg_extension")
        found = dict(cursor.fetchall())
    missing = {"postgis", "pg_trgm", "unaccent", "btree_gist"} - set(found)
    if missing:
        raise Sick(f"missing extensions: {', '.join(sorted(missing))}")
    if int(found["postgis"].split(".")[0]) < 3:
        raise Sick(f"PostGIS {found['postgis']} is too old")


@check("Run `.venv/bin/python manage.py migrate`.")
def migrations_are_applied() -> None:
    """Every migration is applied."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        raise Sick(f"{len(plan)} migrations wait, first {plan[0][0]}")


@check("Run `manage.py load_demo_territory`, or `manage.py load_layer … --publish` with your own files.")
def territory_is_published() -> None:
    """The layers that the city file names are published."""
    from layers.queries import published_versions

    published = published_versions()
    city = settings.CITY
    named = (city.boundary_layer, city.district_layer, city.neighbourhood_layer)
    if missing := [layer for layer in named if layer not in published]:
        raise Sick(f"not published: {', '.join(missing)}")


@check("Run `manage.py load_city`; check the row of fixtures/ that is named.")
def services_have_teams() -> None:
    """Every service has a department with a triage team."""
    from issues.catalogue.models import Service

    services = Service.objects.filter(is_active=True)
    if not services.exists():
        raise Sick("the catalogue is empty")
    orphans = services.exclude(department__teams__is_triage=True, department__teams__is_active=True)
    if names := list(orphans.order_by("code").values_list("code", flat=True)[:5]):
        raise Sick(f"without a triage team: {', '.join(names)}")


@check("Give it a row in fixtures/processes/services.csv, then `manage.py load_city`.")
def services_have_processes() -> None:
    """Every service has a process."""
    from issues.catalogue.queries import services_without_process

    if codes := services_without_process():
        raise Sick(f"{len(codes)} without a process: {', '.join(codes[:5])}")


@check(
    "Mend the rule in fixtures/rules.csv (or publish the layer that it names), then `manage.py load_city`."
)
def rules_can_be_evaluated() -> None:
    """Every routing rule can be evaluated."""
    from issues.routing.checking import broken_rules

    if broken := broken_rules(clock.now()):
        raise Sick("; ".join(broken[:5]))


@check("See that the worker runs (`make up` starts it); /gestao/avisos/ says what failed.")
def notices_go_out() -> None:
    """No message has waited for long."""
    from issues.conversations.alerts.queries import stuck as late_letters
    from issues.conversations.queries import stuck

    found = stuck(clock.now())
    if found.outbox or found.messages:
        oldest = f", the oldest since {found.oldest:%Y-%m-%d %H:%M} UTC" if found.oldest else ""
        raise Sick(f"{found.outbox} events and {found.messages} messages wait{oldest}")
    if letters := late_letters(clock.now()):
        raise Sick(f"{letters} letters of alerts have waited for over an hour")


@check("See /gestao/parceiros/, which says what failed and offers what can be done.")
def partners_are_told() -> None:
    """Systems of departments have what is theirs."""
    from issues.partners.queries import stuck

    for_somebody, waiting = stuck(clock.now())
    if for_somebody or waiting:
        raise Sick(f"{for_somebody} messages need a person, {waiting} have waited for long")


@check("Make the folder writable by the user who runs the server, or set MEDIA_ROOT.")
def photos_can_be_kept() -> None:
    """Photos can be kept and there is room for them."""
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    probe = settings.MEDIA_ROOT / ".probe"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise Sick(f"{settings.MEDIA_ROOT}: {error.strerror}") from error
    free = shutil.disk_usage(settings.MEDIA_ROOT).free
    if free < 1 << 30:
        raise Sick(f"{free >> 20} MB free")


@check("Run `make up`, which writes var/secrets.env, or set SECRET_KEY and PERSONAL_DATA_KEY.")
def keys_are_set() -> None:
    """The keys of this installation are set."""
    missing = [n for n in ("secret_key", "personal_data_key") if not getattr(env, n)]
    if missing:
        raise Sick(f"not set: {', '.join(missing).upper()}")
    if len(base64.b64decode(env.personal_data_key)) < 32:
        raise Sick("PERSONAL_DATA_KEY is shorter than 32 bytes")


@check("Run `make up`, which fetches the front-end libraries and collects the static files.")
def static_files_are_collected() -> None:
    """The static files are collected."""
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        raise Sick(f"no manifest in {settings.STATIC_ROOT.relative_to(VAR.parent)}")


@check("Run `sh deploy/system-packages.sh`; until then pages ask every few seconds what is new.")
def streams_reach_browsers() -> None:
    """Live streams reach browsers."""
    from geo_central.management.serving import find_nginx

    if not settings.PUBLIC_URL and find_nginx() is None:
        raise Sick("there is no nginx to join them with the pages at one address")
