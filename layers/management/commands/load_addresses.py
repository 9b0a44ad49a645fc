"""`manage.py load_addresses FILE [--publish]`: house numbers. See docs/loading-a-layer.md."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from geo_central.kernel import clock
from layers.importing.loading import Source, load
from layers.management.files import add_file_arguments, load_file

COLUMNS = {
    "--street-field": ("logradouro", "o nome da rua"),
    "--number-field": ("numero", "o número"),
    "--postcode-field": ("", "o CEP"),
    "--x-field": ("", "a longitude (ou leste), numa tabela"),
    "--y-field": ("", "a latitude (ou norte), numa tabela"),
}


class Command(BaseCommand):
    help = "Carrega números de porta com as suas coordenadas como nova versão de uma camada de endereços."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_file_arguments(parser, layer="addresses", columns=COLUMNS)

    def handle(self, *args: Any, **options: Any) -> None:
        source = Source(
            path=options["file"], layer=options["layer"], kind="address", name_field=options["street_field"],
            title=options["layer_title"],
            **{
                name: options[name]
                for name in (
                    "number_field", "postcode_field", "x_field", "y_field", "where", "crs", "encoding",
                    "source_layer",
                )
            },
        )  # fmt: skip
        load_file(self, options, lambda: load(source, clock.now()))
