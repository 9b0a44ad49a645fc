"""Load the city's tables from fixtures: departments, teams, services, rules, holidays."""

import csv
from argparse import ArgumentParser
from datetime import date, time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from issues.catalogue import operations as catalogue
from issues.catalogue import process_choice, process_files
from issues.catalogue.models import PROOF_DISTANCE_M
from issues.crew.day.operations import load_work_minutes
from issues.lifecycle.operations import load_holidays, load_reasons
from issues.lifecycle.ratings.operations import load_baselines
from issues.management.words import describe
from issues.routing import operations as routing
from issues.teams import operations as teams


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="folder", type=Path, default=settings.FIXTURES_DIR)

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            with transaction.atomic():
                counts = {
                    "departments": teams.load_departments(
                        map(_department, _read(folder / "departments.csv"))
                    ),
                    "teams": teams.load_teams(map(_team, _read(folder / "teams.csv"))),
                    "themes": catalogue.load_themes(_read(folder / "themes.csv")),
                    "services": catalogue.load_services(
                        map(_service, _read(folder / "services.csv")),
                        map(_question, _read(folder / "questions.csv")),
                    ),
                    "work times": _work_minutes(folder / "work_minutes.csv"),
                    "processes": _processes(folder / "processes"),
                    "rules": routing.load_rules(map(_rule, _read(folder / "rules.csv"))),
                    "holidays": load_holidays(
                        (date.fromisoformat(r["on"]), r["name"]) for r in _read(folder / "holidays.csv")
                    ),
                    "reasons": load_reasons(_read(_own_or_usual(folder, "reasons.csv"))),
                    "published scores": sum(map(_baselines, sorted(folder.glob("ratings_????.csv")))),
                }
        except FileNotFoundError as error:
            raise CommandError(f"{error.filename}: no such file") from error
        except (KeyError, ValueError) as error:
            raise CommandError(f"a column is missing or wrong: {error}") from error
        except DomainError as error:
            raise CommandError(describe(error)) from error
        self.stdout.write(", ".join(f"{n} {what}" for what, n in counts.items()))


Row = dict[str, Any]


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _own_or_usual(folder: Path, name: str) -> Path:
    """The city's own file, or the one that comes with the house."""
    own = folder / name
    return own if own.is_file() else Path(settings.FIXTURES_DIR) / name


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _department(row: Row) -> Row:
    """Hours and weekdays may be left out: then they are the usual ones."""
    given = {k: v for k, v in row.items() if v}
    for name in {"day_starts", "day_ends"} & given.keys():
        given[name] = time.fromisoformat(given[name])
    if "weekdays" in given:
        given["weekdays"] = sorted({int(day) for day in _list(given["weekdays"])})
    return given


def _team(row: Row) -> Row:
    return {**row, "is_triage": row["is_triage"] == "yes", "territory_codes": _list(row["territory_codes"])}


def _service(row: Row) -> Row:
    return {
        **row,
        "geolocated": row["geolocated"] == "yes",
        "target": int(row["target"]),
        "duplicate_radius_m": int(row["duplicate_radius_m"]),
        "proof_distance_m": int(row.get("proof_distance_m") or PROOF_DISTANCE_M),
        "open311_type": row.get("open311_type") or "realtime",
        "channels": _list(row["channels"]),
        "keywords": _list(row["keywords"]),
    }


def _question(row: Row) -> Row:
    values = [pair.split(":", 1) for pair in row["values"].split("|") if pair]
    return {**row, "order": int(row["order"]), "required": row["required"] == "yes", "values": values}


def _processes(folder: Path) -> int:
    """Processes and the table of which service goes by which; a city may have none."""
    if not folder.is_dir():
        return 0
    return catalogue.load_processes(
        process_files.read_folder(folder), process_choice.read(folder / "services.csv"), now=clock.now()
    )


def _work_minutes(path: Path) -> int:
    """How long work takes; a city may not say."""
    return load_work_minutes(_read(path)) if path.is_file() else 0


def _baselines(path: Path) -> int:
    rows = [{**r, "score": float(r["score"])} for r in _read(path)]
    return load_baselines(rows, year=int(path.stem.removeprefix("ratings_")))


def _rule(row: Row) -> Row:
    return {
        **row,
        "priority": int(row["priority"]),
        "where_codes": _list(row["where_codes"]),
        "distance_m": int(row["distance_m"]) if row["distance_m"] else None,
    }
