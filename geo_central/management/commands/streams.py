"""Serve the live streams: granian, ASGI, one process with one connection that listens."""

import os
import resource
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from geo_central.settings.env import env


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=env.port + 1)
        parser.add_argument("--socket", default="", help="A unix socket to listen on instead of a port.")

    def handle(self, *args: Any, **options: Any) -> None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # one open file a stream
        where = ["--host", options["host"], "--port", str(options["port"])]
        if options["socket"]:
            where = ["--uds", options["socket"]]
        command = [
            sys.executable, "-m", "granian", "--interface", "asgi", *where, "--workers", "1",
            "--http", "1", "--backlog", "4096", "--backpressure", "20000", "--no-ws",
            "--workers-kill-timeout", "5", "--respawn-failed-workers", "--log-level", "warning",
            "geo_central.asgi:application",
        ]  # fmt: skip
        os.execv(sys.executable, command)  # noqa: S606
