"""`manage.py evaluate_addresses FILE --hold-out 10`: see docs/loading-a-layer.md."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from layers.importing.evaluating import ALL, Columns, Outcome, evaluate
from layers.importing.progress import Progress
from layers.importing.reading import read
from layers.importing.words import describe
from layers.management.reporting import tell_report


class Command(BaseCommand):
    help = "Mede a busca de endereços com números de porta que ela não conhece. Não grava nada."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--hold-out", type=int, default=10, help="um em tantos fica de fora e é procurado"
        )
        parser.add_argument("--sample", type=int, default=0, help="procura só tantos (padrão: todos)")
        for flag, default, text in (
            ("--street-field", "logradouro", "o nome da rua"),
            ("--number-field", "numero", "o número"),
            ("--postcode-field", "", "o CEP"),
            ("--group-field", "", "um grupo, para o resultado em separado"),
            ("--x-field", "", "a longitude (ou leste), numa tabela"),
            ("--y-field", "", "a latitude (ou norte), numa tabela"),
            ("--crs", "", "sistema de coordenadas"),
        ):
            parser.add_argument(flag, default=default, help=text)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["hold_out"] < 1 or options["sample"] < 0:
            raise CommandError(_("--hold-out precisa ser 1 ou mais, e --sample 0 ou mais."))
        columns = Columns(*(options[f"{name}_field"] for name in ("street", "number", "postcode", "group")))
        named = (columns.street, columns.number, columns.postcode, columns.group)
        try:
            frame = read(
                options["file"],
                fields=[c for c in named if c],
                crs=options["crs"],
                x_field=options["x_field"],
                y_field=options["y_field"],
            )
            found, report = evaluate(
                frame,
                columns,
                hold_out=options["hold_out"],
                now=clock.now(),
                sample=options["sample"],
                tell=Progress("addresses", self.stderr.write),
            )
        except DomainError as error:
            if report := error.data.pop("report", None):
                tell_report(report, self.stderr.write)
            raise CommandError(describe(error)) from error
        tell_report(report, self.stderr.write)
        facts = {"held": found.held, "loaded": found.loaded}
        self._show(_("Só com as ruas (%(held)d procurados)") % facts, found.streets)
        self._show(_("Com outros %(loaded)d números carregados") % facts, found.both)

    def _show(self, title: str, outcomes: Sequence[Outcome]) -> None:
        self.stdout.write(title)
        for o in outcomes:
            self.stdout.write(
                _(
                    "  %(group)s: %(count)d; erro p50 %(p50).1f m, p90 %(p90).1f m; só a rua %(only).2f %%; "
                    "não achados %(missing).2f %%"
                )
                % {
                    "group": _("todos") if o.group == ALL else o.group,
                    "count": o.count,
                    "p50": o.p50,
                    "p90": o.p90,
                    "only": 100 * o.only_street / max(o.count, 1),
                    "missing": 100 * o.missing / max(o.count, 1),
                }
            )
