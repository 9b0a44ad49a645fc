"""Make the files of the open data now, as the nightly job does."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from geo_central.kernel import clock
from maps.opendata.collections import COLLECTIONS


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dataset", choices=list(COLLECTIONS), action="append", help="Only this one.")
        parser.add_argument("--month", default="", help="YYYY-MM: keep the other months as they stand.")
        parser.add_argument("--watch-progress", action="store_true", help="One line for each part of rows.")

    def handle(self, *args: Any, **options: Any) -> None:
        from maps.opendata.files import shelf
        from maps.opendata.files.datasets import is_month
        from maps.opendata.files.exporting import export

        if options["month"] and not is_month(options["month"]):
            raise CommandError("--month is a year and a month: 2026-01.")
        begun = time.monotonic()

        def tell(what: str, rows: int) -> None:
            if options["watch_progress"]:
                rate = f": {rows} rows, {rows / max(time.monotonic() - begun, 0.001):,.0f} a second"
                self.stdout.write(f"  {what}{rate if rows else '...'}")

        for slug in options["dataset"] or COLLECTIONS:
            begun = time.monotonic()
            try:
                made = export(COLLECTIONS[slug], now=clock.now(), tell=tell, only=options["month"])
            except shelf.Busy:
                raise CommandError(f"{slug} is being exported already.") from None
            megabytes = sum(f.bytes for p in made.parts for f in p.files) / 1e6
            self.stdout.write(
                f"{slug}: {made.whole.rows} rows, {len(made.months)} months, {megabytes:.1f} MB,"
                f" edition {made.name}, {time.monotonic() - begun:.1f} s"
            )
