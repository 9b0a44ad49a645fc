"""`manage.py load_layer FILE --layer bairros --name-field NOME [--publish]`: see docs/loading-a-layer.md."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from layers import operations
from layers.importing.loading import Source, load
from layers.importing.progress import Progress
from layers.importing.words import describe
from layers.management.reporting import tell_comparison, tell_report

TEXT_OPTIONS = (
    ("--name-field", "coluna com o nome (para endereços, a rua)"),
    ("--code-field", "coluna com o código; sem ela, o código vem do nome"),
    ("--number-field", "endereços: coluna com o número"),
    ("--postcode-field", "endereços: coluna com o CEP"),
    ("--layer-title", "nome da camada para as pessoas"),
    ("--where", "condição OGR SQL: lê só as linhas que a cumprem"),
    ("--crs", "sistema de coordenadas, quando o arquivo não diz ou diz errado"),
    ("--x-field", "tabelas: coluna da longitude (ou leste)"),
    ("--y-field", "tabelas: coluna da latitude (ou norte)"),
    ("--encoding", "codificação do texto, quando o arquivo não diz"),
    ("--source-layer", "camada dentro do arquivo, quando há várias"),
)


class Command(BaseCommand):
    help = "Carrega um arquivo geográfico como nova versão de uma camada."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--layer", required=True, help="identificador da camada: bairros, regions…")
        parser.add_argument("--kind", choices=["area", "asset", "address"], default="area")
        for flag, text in TEXT_OPTIONS:
            parser.add_argument(flag, default="", help=text, required=flag == "--name-field")
        parser.add_argument("--near", type=int, dest="near_m", help="pontos: até quantos metros é perto")
        parser.add_argument("--title-case", action="store_true", help="NOMES ASSIM viram Nomes Assim")
        parser.add_argument("--publish", action="store_true", help="publica a versão carregada")
        parser.add_argument("--strict", action="store_true", help="não carrega nada se algo for recusado")
        parser.add_argument("--dry-run", action="store_true", help="mostra tudo e não grava nada")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["kind"] == "address" and not options["number_field"]:
            raise CommandError(_("Endereços precisam de --number-field."))
        try:
            with transaction.atomic():
                self._load(options)
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except DomainError as error:
            if report := error.data.pop("report", None):
                tell_report(report, self.stderr.write)
            raise CommandError(describe(error)) from error

    def _load(self, options: dict[str, Any]) -> None:
        now = clock.now()
        loaded = load(_source(options), now, Progress(options["layer"], self.stderr.write))
        tell_report(loaded.report, self.stdout.write)
        if options["strict"] and loaded.report.refused:
            raise CommandError(_("Nada foi gravado: com --strict, nenhuma linha pode ser recusada."))
        if options["kind"] != "address":
            tell_comparison(operations.compare(loaded.version.pk), self.stdout.write)
        facts = {
            "layer": options["layer"],
            "version": loaded.version.pk,
            "count": loaded.version.feature_count,
        }
        if options["dry_run"]:
            self.stdout.write(_("Ensaio: nada foi gravado (%(count)d feições lidas).") % facts)
        elif options["publish"]:
            operations.publish(loaded.version.pk, now)
            self.stdout.write(_("%(layer)s: versão %(version)d publicada com %(count)d feições.") % facts)
        else:
            self.stdout.write(
                _("%(layer)s: versão %(version)d guardada como rascunho, %(count)d feições. "
                  "Para publicar: manage.py publish_layer %(version)d") % facts
            )  # fmt: skip


def _source(options: dict[str, Any]) -> Source:
    return Source(
        path=options["file"],
        layer=options["layer"],
        title=options["layer_title"],
        recase=options["title_case"],
        **{
            name: options[name]
            for name in (
                "kind", "name_field", "code_field", "number_field", "postcode_field", "where", "crs",
                "x_field", "y_field", "encoding", "source_layer", "near_m",
            )
        },
    )  # fmt: skip
