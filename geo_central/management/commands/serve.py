"""Serve pages and API: granian, WSGI, a few processes with a pool of connections each."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from geo_central.settings.env import env

# One interpreter lock a process: more threads than this wait for one another, not for the database.
THREADS = 4


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="0.0.0.0")  # noqa: S104
        parser.add_argument("--port", type=int, default=env.port)
        parser.add_argument("--socket", default="", help="A unix socket to listen on instead of a port.")
        parser.add_argument("--workers", type=int, default=env.workers)

    def handle(self, *args: Any, **options: Any) -> None:
        if not env.database_pool:
            os.environ["DATABASE_KEEP"] = "true"
        where = ["--host", options["host"], "--port", str(options["port"])]
        if options["socket"]:
            where = ["--uds", options["socket"]]
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", *where,
            "--workers", str(options["workers"]),
            "--blocking-threads", str(THREADS), "--blocking-threads-idle-timeout", "600",
            "--backlog", "512", "--respawn-failed-workers",
            "--no-ws", "--log-level", "warning", "geo_central.wsgi:application",
        ]  # fmt: skip
        os.execv(sys.executable, command)  # noqa: S606
