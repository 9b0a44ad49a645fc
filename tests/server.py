"""A real web server for tests that go through HTTP: granian, as in `make up`."""

import os
import socket
import subprocess
import sys
import tempfile
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

from geo_central.management import serving

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
def live_server(
    database_url: str, *, seed: int = 300, workers: int = 1, streams: bool = False, **env: str
) -> Iterator[LiveCity]:
    """Seed `seed` requests and staff into the database, and serve it until the end of the block.

    With `streams`, as `make up` does: the live streams beside the pages, behind one front.
    """
    with override_settings(PASSWORD_HASHERS=global_settings.PASSWORD_HASHERS):  # as the server has them
        call_command("seed_demo", issues=seed, password=PASSWORD, verbosity=0)
    port = free_port()
    commands = [serve_command(port, workers)]
    with tempfile.TemporaryDirectory() as run:
        if streams:
            commands, said = serving.commands(port, Path(run), "--workers", str(workers))
            env = {**env, **said}
        with running(commands, DATABASE_URL=database_url, **env) as processes:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/saude/", processes)
            if len(processes) > 1:
                wait_for(f"{url}/fluxo/saude", processes)
            yield LiveCity(url, database_url)


def serve_command(port: int, workers: int = 1) -> list[str]:
    """The server of pages and API at that port."""
    return [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", str(workers)]


@contextmanager
def running(commands: list[list[str]], **env: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes of the project until the end of the block."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "geo_central.settings.dev",
        "RATE_LIMIT_FACTOR": "0",
        "SECRET_KEY": settings.SECRET_KEY,
        "PERSONAL_DATA_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "MEDIA_ROOT": str(ROOT / "var" / "test-media"),
        "DADOS_ROOT": str(ROOT / "var" / "test-dados"),
        "LOG_LEVEL": "WARNING",
        **env,
    }
    processes = [subprocess.Popen(c, cwd=ROOT, env=environment) for c in commands]
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def live_streams(database_url: str, **env: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The process of the live streams alone; its address."""
    port = free_port()
    command = [sys.executable, "manage.py", "streams", "--port", str(port)]
    with running([command], DATABASE_URL=database_url, **env) as (process,):
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/fluxo/saude", [process])
        yield url, process


def wait_for(url: str, processes: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if ended := [p.returncode for p in processes if p.poll() is not None]:
            raise RuntimeError(f"a server ended with code {ended[0]}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer in 30 s")
