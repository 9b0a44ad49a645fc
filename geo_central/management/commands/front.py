"""Join pages and streams at one address: nginx, without root, on the sockets that they listen on."""

import os
import resource
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from geo_central.management.serving import CONNECTIONS, configuration, find_nginx
from geo_central.settings.env import VAR, env


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="0.0.0.0")  # noqa: S104
        parser.add_argument("--port", type=int, default=env.port)
        parser.add_argument("--run", type=Path, default=VAR / "run", help="Where the sockets are.")
        parser.add_argument(
            "--trust", action="store_true", help="Another proxy of ours stands before this one."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        nginx = find_nginx()
        if nginx is None:
            raise CommandError("There is no nginx here. Run: sh deploy/system-packages.sh")
        run: Path = options["run"]
        text = configuration(host=options["host"], port=options["port"], trust=options["trust"])
        (run / "front.conf").write_text(text)
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        # Two open files a stream, its reader's and its writer's.
        enough = CONNECTIONS if most == resource.RLIM_INFINITY else min(most, CONNECTIONS)
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, most))
        os.chdir(run)
        os.execv(nginx, [nginx, "-p", str(run), "-c", "front.conf", "-e", "stderr"])  # noqa: S606
