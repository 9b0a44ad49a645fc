"""A real web server for tests that go through HTTP: granian, as in `make up`."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import global_settings, settings
from django.core.management import call_command
from django.test import override_settings

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "uma-senha-de-teste-longa"


@dataclass(frozen=True)
class LiveCity:
    """Where the server listens, its database, and the password of every demo login."""

    url: str
    database_url: str
    password: str = PASSWORD


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def live_server(database_url: str, *, seed: int = 300, workers: int = 1, **env: str) -> Iterator[LiveCity]:
    """Seed `seed` requests and staff into the database, and serve it until the end of the block."""
    with override_settings(PASSWORD_HASHERS=global_settings.PASSWORD_HASHERS):  # as the server has them
        call_command("seed_demo", issues=seed, password=PASSWORD, verbosity=0)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", str(workers)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "geo_central.settings.dev",
            "DATABASE_URL": database_url,
            "RATE_LIMIT_FACTOR": "0",
            "SECRET_KEY": settings.SECRET_KEY,
            "PERSONAL_DATA_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "MEDIA_ROOT": str(ROOT / "var" / "test-media"),
            "LOG_LEVEL": "WARNING",
            **env,
        },
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process)
        yield LiveCity(url, database_url)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/saude/", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("the server did not answer in 30 s")
