"""`manage.py import_requests FILE --mapping MAPPING.toml`: see docs/importing-requests.md."""

import time
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _
from procrastinate.exceptions import AlreadyEnqueued

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from issues.intake.importing.faults import ImportFault
from issues.intake.importing.mapping import read_mapping
from issues.intake.importing.running import BATCH, WRITERS, Job, run
from issues.intake.importing.suggesting import suggest
from issues.interfaces.tasks import look_at_data
from issues.management.words import describe
from layers.importing.progress import Progress


class Command(BaseCommand):
    help = "Importa pedidos de outro sistema."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, help="TOML: o que dizem as colunas e os valores")
        parser.add_argument("--dry-run", action="store_true", help="mostra tudo e não grava nada")
        parser.add_argument("--resume", action="store_true", help="continua onde a última parou")
        parser.add_argument("--suggest", action="store_true", help="propõe um mapeamento e para")
        parser.add_argument("--report", type=Path, help="CSV das linhas recusadas")
        parser.add_argument("--batch", type=int, default=BATCH, help="linhas por transação")
        parser.add_argument("--writers", type=int, default=WRITERS, help="conexões que gravam; 0: a mesma")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if options["batch"] < 1 or options["writers"] < 0:
            raise CommandError(_("--batch precisa ser 1 ou mais, e --writers 0 ou mais."))
        try:
            if options["suggest"]:
                self.stdout.write(suggest(path, clock.now()))
                return
            if options["mapping"] is None:
                raise CommandError(_("Falta --mapping; --suggest propõe um."))
            self._import(path, options)
        except ImportFault as fault:
            raise CommandError(str(fault)) from fault
        except DomainError as error:
            raise CommandError(describe(error)) from error

    def _import(self, path: Path, options: dict[str, Any]) -> None:
        mapping = read_mapping(options["mapping"])
        report = options["report"] or settings.BASE_DIR / "var" / "imports" / f"{path.name}.refused.csv"
        job = Job(
            path=path,
            mapping=mapping,
            report=report,
            progress=report.parent / f"{path.name}.progress.json",
            now=clock.now(),
            dry_run=options["dry_run"],
            resume=options["resume"],
            batch=options["batch"],
            writers=options["writers"],
        )
        began = time.monotonic()
        totals = run(job, Progress(path.name, self.stderr.write))
        if totals.imported and not job.dry_run:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE issues_issue")
                cursor.execute("ANALYZE issues_event")
            with suppress(AlreadyEnqueued):  # duplicates and other findings, looked for by the workers
                look_at_data.configure().defer(timestamp=int(clock.now().timestamp()))
        took = time.monotonic() - began
        self.stdout.write(
            _(
                "%(read)d lidas = %(imported)d importadas + %(known)d já estavam + %(refused)d recusadas"
                " (%(report)s); %(rate).0f linhas/s"
            )
            % {
                "read": totals.read,
                "imported": totals.imported,
                "known": totals.known,
                "refused": totals.refused,
                "report": job.report,
                "rate": totals.read / max(took, 1e-9),
            }
        )
