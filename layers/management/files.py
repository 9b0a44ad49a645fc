"""What the commands that load a file of streets or house numbers have in common."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from layers import operations
from layers.importing.loading import Loaded
from layers.importing.words import describe
from layers.management.reporting import tell_report


def add_file_arguments(parser: ArgumentParser, *, layer: str, columns: Mapping[str, tuple[str, str]]) -> None:
    """The file, its layer, one flag for each column (its default and what it holds), and what to do."""
    parser.add_argument("file", type=Path)
    parser.add_argument("--layer", default=layer, help="identificador da camada")
    for flag, (default, text) in columns.items():
        parser.add_argument(flag, default=default, help=f"coluna com {text} (padrão: {default or 'nenhuma'})")
    for flag, text in (
        ("--layer-title", "nome da camada para as pessoas"),
        ("--where", "condição OGR SQL: lê só as linhas que a cumprem"),
        ("--crs", "sistema de coordenadas, quando o arquivo não diz ou diz errado"),
        ("--encoding", "codificação do texto, quando o arquivo não diz"),
        ("--source-layer", "camada dentro do arquivo, quando há várias"),
    ):
        parser.add_argument(flag, default="", help=text)
    parser.add_argument("--publish", action="store_true", help="publica a versão carregada")
    parser.add_argument("--dry-run", action="store_true", help="mostra tudo e não grava nada")


def load_file(command: BaseCommand, options: Mapping[str, Any], load: Callable[[], Loaded]) -> None:
    """Load in one transaction, tell what was refused, and publish if asked. Raises CommandError."""
    try:
        with transaction.atomic():
            loaded = load()
            tell_report(loaded.report, command.stdout.write)
            facts = {
                "layer": options["layer"],
                "version": loaded.version.pk,
                "count": loaded.version.feature_count,
            }
            if options["dry_run"]:
                transaction.set_rollback(True)
                text = _("Ensaio: nada foi gravado (%(count)d feições lidas).")
            elif options["publish"]:
                operations.publish(loaded.version.pk, clock.now())
                text = _("%(layer)s: versão %(version)d publicada com %(count)d feições.")
            else:
                text = _(
                    "%(layer)s: versão %(version)d guardada como rascunho, %(count)d feições. "
                    "Para publicar: manage.py publish_layer %(version)d"
                )
            command.stdout.write(text % facts)
    except DomainError as error:
        if report := error.data.pop("report", None):
            tell_report(report, command.stderr.write)
        raise CommandError(describe(error)) from error
