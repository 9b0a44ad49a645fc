"""`manage.py coverage`: services and areas without a team of their own. See docs/writing-routing-rules.md."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from issues.management.words import describe
from issues.routing.coverage import coverage, write_csv


class Command(BaseCommand):
    help = "Mostra os serviços e as áreas que só têm a triagem."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--layer", default=settings.CITY.district_layer, help="camada das áreas")
        parser.add_argument("--csv", type=Path, help="grava a lista inteira neste arquivo")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = coverage(layer=options["layer"], at=clock.now())
        except DomainError as error:
            raise CommandError(describe(error)) from error
        if options["csv"]:
            options["csv"].write_text(write_csv(found), encoding="utf-8")
        for gap in found.gaps[:50] if not options["csv"] else ():
            where = gap.area_name if gap.whole else _("parte de %(area)s") % {"area": gap.area_name}
            self.stdout.write(f"{gap.department}\t{gap.service_name}\t{where}")
        self.stdout.write(
            _("%(services)d serviços × %(areas)d áreas: %(gaps)d sem equipe própria")
            % {"services": found.services, "areas": found.areas, "gaps": len(found.gaps)}
        )
