"""Write the map report to one HTML file that opens anywhere, without a server or a network."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from maps.filters import STATES, parse_filters


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, help="The file to write.")
        parser.add_argument("--from", default="", metavar="YYYY-MM-DD", help="First day of opening.")
        parser.add_argument("--to", default="", metavar="YYYY-MM-DD", help="Last day of opening.")
        parser.add_argument("--service", default="", metavar="CODE[,CODE]", help="Only these services.")
        parser.add_argument("--theme", default="", metavar="SLUG[,SLUG]", help="Only these themes.")
        parser.add_argument("--state", default="all", choices=STATES)

    def handle(self, *args: Any, **options: Any) -> None:
        from maps.analytics.folium_map import report

        asked = {name: options[name] for name in ("from", "to", "service", "theme", "state")}
        try:
            page = report(parse_filters(asked), now=clock.now())
        except DomainError as refused:
            raise CommandError(f"--{refused.field}: {refused}" if refused.field else str(refused)) from None
        out: Path = options["out"]
        try:
            out.write_text(page, encoding="utf-8")
        except OSError as failed:
            raise CommandError(f"{out}: {failed.strerror}") from None
        self.stdout.write(f"{out}: {len(page) // 1024} KiB; needs nothing but a browser")
