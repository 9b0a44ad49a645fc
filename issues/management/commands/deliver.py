"""Send the notices that are due: one sweep, or a watch that wakes whenever something happens."""

import signal
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

import psycopg
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from geo_central.kernel import clock
from issues.conversations.operations import Swept, deliver
from issues.conversations.queries import next_due

CHANNEL = "issue_events"
LONGEST_WAIT = 15.0
SHORTEST_WAIT = 0.2
DJANGOS = {"cursor_factory", "context", "prepare_threshold", "options"}  # not for one that only waits


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="Go on until told to stop.")
        parser.add_argument("--limit", type=int, default=1000, help="Messages a sweep.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["watch"]:
            swept = deliver(now=clock.now, limit=options["limit"])
            self.stdout.write(f"{swept.spread} events, {swept.sent} sent, {swept.failed} failed")
            return
        self.running = True
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        while self.running:
            try:
                self._watch(options["limit"])
            except (OperationalError, psycopg.OperationalError) as error:
                self.stderr.write(f"The database does not answer: {str(error).splitlines()[0]}")
                connection.close()
                time.sleep(2)

    def _watch(self, limit: int) -> None:
        """Sweep, wait for news or for what is due next, sweep again."""
        with _listener() as listener:
            listener.execute(f"LISTEN {CHANNEL}")
            while self.running:
                if _is_more_to_do(deliver(now=clock.now, limit=limit)):
                    continue
                self._wait(listener)

    def _wait(self, listener: psycopg.Connection[Any]) -> None:
        """Until something happens or is due; looks up now and then, to be stopped soon."""
        end = time.monotonic() + _patience()
        while self.running and (left := end - time.monotonic()) > 0:
            if list(listener.notifies(timeout=min(left, 1.0), stop_after=1)):
                return

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """The message in hand is finished first."""
        self.running = False


def _is_more_to_do(swept: Swept) -> bool:
    return bool(swept.spread or swept.sent)


def _patience() -> float:
    """Seconds until something is due, within reason: what another worker holds is not ours to wait for."""
    due = next_due()
    wait = LONGEST_WAIT if due is None else (due - clock.now()).total_seconds()
    return min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)


def _listener() -> psycopg.Connection[Any]:
    """A connection as Django's own (certificates, timeouts), which does nothing but wait."""
    given = {k: v for k, v in connection.get_connection_params().items() if k not in DJANGOS}
    return psycopg.connect(**given, autocommit=True)
