"""`manage.py reroute`: open requests follow the rules and maps of now. See docs/writing-routing-rules.md."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from issues.lifecycle.rerouting.operations import BATCH, preview, reroute
from issues.management.words import describe
from layers.importing.progress import Progress


class Command(BaseCommand):
    help = "Reencaminha os chamados abertos pelas regras e pelos mapas em vigor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="mostra o que mudaria e não grava nada")
        parser.add_argument("--batch", type=int, default=BATCH, help="chamados por transação")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError(_("--batch precisa ser 1 ou mais."))
        tell = Progress("reroute", self.stderr.write)
        try:
            if options["dry_run"]:
                found = preview(batch=options["batch"], tell=tell)
            else:
                found = reroute(by=None, now=clock.now(), batch=options["batch"], tell=tell)
        except DomainError as error:
            raise CommandError(describe(error)) from error
        for flow in found.flows:
            self.stdout.write(f"{flow.count}\t{flow.team_before} → {flow.team_after}")
        text = _(
            "%(looked)d abertos vistos, %(moved)d mudam de equipe, %(overtaken)d mudados por alguém nesse "
            "meio tempo, %(outside)d fora da cidade"
        )
        self.stdout.write(text % {n: getattr(found, n) for n in ("looked", "moved", "overtaken", "outside")})
