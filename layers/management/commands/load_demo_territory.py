"""`manage.py load_demo_territory`: the demo city's bairros, regions, boundary and streets."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from layers import operations
from layers.importing import territory
from layers.importing.words import describe
from layers.models import Layer, LayerVersion
from layers.operations import StagedFeature


class Command(BaseCommand):
    help = "Carrega e publica o território da cidade de demonstração (bairros, regiões, limite, ruas)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="carrega de novo o que já está publicado")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            with transaction.atomic():
                loaded = self._load(force=options["force"], now=clock.now())
        except DomainError as error:
            raise CommandError(describe(error)) from error
        if loaded:
            self.stdout.write(_("Território carregado em %.1f s.") % (time.monotonic() - began))
        else:
            self.stdout.write(_("O território já está carregado."))

    def _load(self, *, force: bool, now: datetime) -> int:
        missing = [s for s in ("bairros", "regions", "municipality") if force or not _is_loaded(s)]
        areas = territory.read_bairros() if missing else None
        makers: dict[str, tuple[str, int, Callable[[Any], list[StagedFeature]]]] = {
            "bairros": (_("Bairros"), 10, territory.bairros_of),
            "regions": (_("Regiões"), 20, territory.regions_of),
            "municipality": (_("Município"), 30, territory.municipality_of),
        }
        for slug in missing:
            title, position, make = makers[slug]
            version = operations.stage(
                slug=slug, title=title, kind=Layer.Kind.AREA, position=position,
                source=territory.source_of(slug), features=make(areas), now=now,
            )  # fmt: skip
            self._publish(version, now)
        if force or not _is_loaded("streets"):
            missing.append("streets")
            version = operations.stage_streets(
                slug="streets", title=_("Ruas"), source=territory.source_of("streets"),
                streets=territory.read_streets(), now=now,
            )  # fmt: skip
            self._publish(version, now)
        if force or not _is_loaded("viaducts"):
            missing.append("viaducts")
            version = operations.stage(
                slug="viaducts", title=_("Viadutos e túneis"), kind=Layer.Kind.ASSET, near_m=60, position=40,
                source=territory.source_of("viaducts"),
                features=territory.viaducts_of(territory.read_streets()), now=now,
            )  # fmt: skip
            self._publish(version, now)
        return len(missing)

    def _publish(self, version: LayerVersion, now: datetime) -> None:
        operations.publish(version.pk, now)
        self.stdout.write(f"{version.layer.slug}: {version.feature_count}")


def _is_loaded(slug: str) -> bool:
    return LayerVersion.objects.filter(
        layer__slug=slug, state=LayerVersion.State.ACTIVE, source=territory.source_of(slug)
    ).exists()
