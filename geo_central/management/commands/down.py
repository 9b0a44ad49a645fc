"""Stop what `up` started; the database is stopped by its own launcher."""

import os
import signal
import time
from typing import Any

from django.core.management.base import BaseCommand

from .up import RUN


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            pid = int((RUN / "up.pid").read_text())
            os.kill(pid, signal.SIGTERM)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            (RUN / "up.pid").unlink(missing_ok=True)
            return
        for _ in range(150):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                self.stdout.write("Stopped.")
                return
            time.sleep(0.1)
        self.stderr.write(f"Process {pid} does not end; kill it by hand.")
