"""The tests' database: a template with the demo city, keyed by what it was made from, then cloned."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from geo_central.postgis import Cluster
from geo_central.settings.base import database

ROOT = Path(__file__).resolve().parents[1]
BASE = ROOT / "var" / "test-postgis"
MADE_FROM = (
    "*/migrations/*.py", "fixtures/*", "layers/**/*.py", "issues/*/operations.py",
    "issues/management/**/*.py", "issues/catalogue/sql/*.sql", "requirements-demo.txt",
)  # fmt: skip


def cluster() -> Cluster:
    """The tests' own server: no fsync, may create databases."""
    return Cluster(BASE, profile="test")


@contextmanager
def in_use() -> Iterator[None]:
    """The server runs, and nobody's `stop_if_unused` stops it, until the block ends."""
    with _users().open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        cluster().start()
        yield


def stop_if_unused() -> None:
    """Stop the server unless another run is using it."""
    with _users().open("w") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        server = cluster()
        if server.status().running:
            for name in _leftovers(server):
                server.drop_database(name)
            server.stop()


def _leftovers(server: Cluster) -> list[str]:
    """Clones of runs that were killed."""
    with psycopg.connect(server.url()) as link:
        found = link.execute("SELECT datname FROM pg_database WHERE datname ~ '^(test|own)_'")
        return [name for (name,) in found]


def _users() -> Path:
    BASE.parent.mkdir(parents=True, exist_ok=True)
    return BASE.parent / "test-users.lock"


def template_name() -> str:
    """Changes when anything the template is made from changes."""
    digest = hashlib.sha256()
    for pattern in MADE_FROM:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return f"template_{digest.hexdigest()[:12]}"


@contextmanager
def using(url: str) -> Iterator[None]:
    """Point Django's default connection at another database for a while."""
    before = dict(settings.DATABASES["default"])
    point_at(url)
    try:
        yield
    finally:
        connections.close_all()
        settings.DATABASES["default"].update(before)
        connection.settings_dict.update(before)


def point_at(url: str) -> None:
    """Point Django's default connection at another database."""
    connections.close_all()
    settings.DATABASES["default"].update(database(url))
    connection.settings_dict.update(settings.DATABASES["default"])


def ensure_template() -> str:
    """The name of a database with migrations, the demo territory and the city's tables."""
    server = cluster()
    name = template_name()
    BASE.parent.mkdir(parents=True, exist_ok=True)
    with (BASE.parent / "test-template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        marker = BASE / f"{name}.made"
        if not marker.exists():
            for old in BASE.glob("template_*.made"):
                server.drop_database(old.stem)
                old.unlink()
            server.drop_database(name)
            with using(server.create_database(name)):
                call_command("migrate", verbosity=0)
                call_command("load_demo_territory", verbosity=0)
                call_command("load_city", verbosity=0)
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE")
            marker.touch()
    return name
