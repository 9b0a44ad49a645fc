"""The heat store: build it anew, compare it with the database, say how it is."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from geo_central.kernel import clock


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("rebuild", help="Read every request anew; tiles use the result at once.")
        what.add_parser("status", help="The version in service and what happened since.")
        verify = what.add_parser("verify", help="Compare random tiles with PostgreSQL.")
        verify.add_argument("--tiles", type=int, default=200)
        verify.add_argument("--seed", type=int, default=0, help="Other tiles.")

    def handle(self, *args: Any, **options: Any) -> None:
        {"rebuild": self._rebuild, "status": self._status, "verify": self._verify}[options["what"]](options)

    def _rebuild(self, options: dict[str, Any]) -> None:
        from maps.tiles.engine.building import rebuild
        from maps.tiles.engine.store import Busy
        from maps.tiles.engine.warming import run

        try:
            facts = rebuild(now=clock.now, tell=lambda said: self.stdout.write(f"{said}..."))
        except Busy:
            raise CommandError("A build is running already.") from None
        run()
        self.stdout.write(f"{facts.name}: {facts.rows} rows in {facts.seconds:.1f} s; in service")

    def _status(self, options: dict[str, Any]) -> None:
        from maps.tiles.engine.upkeep import status

        seen = status(now=clock.now())
        if seen.facts is None:
            self.stdout.write("No version is built: PostgreSQL answers. `manage.py heat rebuild` builds one.")
            return
        self.stdout.write(
            f"{seen.facts.name}: {seen.facts.rows} rows, {seen.bytes / 1e6:.1f} MB,"
            f" built {seen.facts.built_at} in {seen.facts.seconds:.1f} s\n"
            f"{seen.tail} events since" + (f"; a new version is due: {seen.due}" if seen.due else "")
        )

    def _verify(self, options: dict[str, Any]) -> None:
        from maps.tiles.engine.upkeep import Absent, verify

        asked = wrong = 0
        try:
            for found in verify(options["tiles"], seed=options["seed"]):
                asked += 1
                if found is None:
                    continue
                wrong += 1
                tile, seen_by = found.tile, "staff" if found.staff else "public"
                self.stdout.write(
                    f"{tile.z}/{tile.x}/{tile.y} {seen_by} ?{found.filters.query()}: {found.cells} cells"
                    f" differ, {found.store} requests in the store, {found.sql} in PostgreSQL"
                )
        except Absent:
            raise CommandError("There is no store to ask, or a newer one is due: `heat status`.") from None
        if wrong:
            raise CommandError(f"{wrong} of {asked} tiles differ. `manage.py heat rebuild` mends the store.")
        self.stdout.write(f"{asked} tiles agree, every cell")
