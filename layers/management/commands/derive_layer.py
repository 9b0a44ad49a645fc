"""`manage.py derive_layer regions --from bairros --table FILE [--publish]`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from layers import operations
from layers.importing.deriving import Whole, derive, read_table
from layers.importing.words import describe
from layers.management.reporting import tell_comparison
from layers.models import Layer


class Command(BaseCommand):
    help = "Une as áreas publicadas de uma camada em áreas maiores, por uma tabela."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("layer", help="camada a criar: regions")
        parser.add_argument("--from", dest="parts", required=True, help="camada das partes: bairros")
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--table", type=Path, help="CSV com code ou name, region e region_name")
        how.add_argument("--into", nargs=2, metavar=("CODE", "NAME"), help="une tudo em uma só área")
        parser.add_argument("--layer-title", default="", help="nome da camada para as pessoas")
        parser.add_argument("--publish", action="store_true", help="publica a versão criada")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        try:
            with transaction.atomic():
                table = Whole(*options["into"]) if options["into"] else read_table(options["table"])
                version = operations.stage(
                    slug=options["layer"],
                    title=options["layer_title"],
                    kind=Layer.Kind.AREA,
                    source=f"{options['parts']} / {options['table'] or options['into'][0]}",
                    features=derive(options["parts"], table),
                    now=now,
                )
                tell_comparison(operations.compare(version.pk), self.stdout.write)
                if options["publish"]:
                    operations.publish(version.pk, now)
        except DomainError as error:
            raise CommandError(describe(error)) from error
        state = _("publicada") if options["publish"] else _("guardada como rascunho")
        self.stdout.write(
            _("%(layer)s: versão %(version)d %(state)s, %(count)d áreas.")
            % {
                "layer": options["layer"],
                "version": version.pk,
                "state": state,
                "count": version.feature_count,
            }
        )
