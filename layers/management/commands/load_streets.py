"""`manage.py load_streets FILE [--publish]`: a register of streets. See docs/loading-a-layer.md."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from geo_central.kernel import clock
from layers.importing.loading import StreetSource, load_streets
from layers.importing.streets import StreetColumns
from layers.management.files import add_file_arguments, load_file

COLUMNS = {
    "--name-field": ("NOME", "o nome"),
    "--category-field": ("CATEGORIA", "o tipo: AV, R, Avenida"),
    "--preposition-field": ("PREPOSICAO", "a preposição"),
    "--postcode-field": ("CEP", "o CEP"),
    "--odd-from-field": ("SMF_I_I", "o primeiro número ímpar do trecho"),
    "--odd-to-field": ("SMF_I_F", "o último ímpar"),
    "--even-from-field": ("SMF_P_I", "o primeiro par"),
    "--even-to-field": ("SMF_P_F", "o último par"),
}


class Command(BaseCommand):
    help = "Carrega um cadastro de logradouros (trechos com faixas de numeração) como nova versão de camada."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_file_arguments(parser, layer="streets", columns=COLUMNS)

    def handle(self, *args: Any, **options: Any) -> None:
        source = StreetSource(
            path=options["file"],
            layer=options["layer"],
            columns=StreetColumns(
                category=options["category_field"],
                preposition=options["preposition_field"],
                name=options["name_field"],
                postcode=options["postcode_field"],
                odd=(options["odd_from_field"], options["odd_to_field"]),
                even=(options["even_from_field"], options["even_to_field"]),
            ),
            title=options["layer_title"],
            **{name: options[name] for name in ("where", "crs", "encoding", "source_layer")},
        )
        load_file(self, options, lambda: load_streets(source, clock.now()))
