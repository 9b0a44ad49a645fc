"""`manage.py publish_layer VERSION`: everybody reads this version from now on."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from layers import operations
from layers.importing.words import describe
from layers.management.reporting import tell_comparison


class Command(BaseCommand):
    help = "Publica uma versão guardada de uma camada (ou volta a uma versão antiga)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tell_comparison(operations.compare(options["version"]), self.stdout.write)
            version = operations.publish(options["version"], clock.now())
        except DomainError as error:
            raise CommandError(describe(error)) from error
        self.stdout.write(_("%s publicada.") % version)
