"""Bring the city up: database, migrations, demo city, workers and web server; stop with Ctrl-C."""

import base64
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from argparse import ArgumentParser
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime
from procrastinate.exceptions import AlreadyEnqueued

from geo_central.kernel import clock
from geo_central.management import serving
from geo_central.postgis import Cluster, ClusterError
from geo_central.settings.base import database
from geo_central.settings.env import ROOT, VAR, env
from maps.analytics.tasks import refresh_hotspots
from maps.opendata.tasks import export_data

RUN = VAR / "run"
SECRETS = VAR / "secrets.env"
LOGINS = VAR / "demo-logins.json"
# A pin on a street of the demo city, and an id that makes filing it again give the same receipt.
SAMPLE = {
    "client_id": str(uuid.uuid5(uuid.NAMESPACE_URL, "geo-central/first-report")),
    "service": "tapa-buracos",
    "lat": -30.0391,
    "lng": -51.2203,
    "description": "Buraco fundo na pista, perto da faixa de pedestres.",
    "channel": "web",
}


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=env.port)
        parser.add_argument("--issues", type=int, default=20_000, help="Demo requests to make.")
        parser.add_argument("--check", action="store_true", help="Stop once everything has answered.")

    def handle(self, *args: Any, **options: Any) -> None:
        port = options["port"]
        _refuse_busy(port)
        made = write_secrets()
        os.environ.update(made)
        url = self._database()
        call_command("migrate", verbosity=0)
        call_command("load_demo_territory", stdout=self.stdout)
        call_command("load_city", stdout=self.stdout)
        logins = self._demo(options["issues"])
        connections.close_all()
        processes = start(port, url)
        try:
            self._show(port, logins, processes)
            if not options["check"]:
                self._wait(processes)
        except KeyboardInterrupt:
            self.stdout.write("")
        finally:
            stop(processes)

    def _database(self) -> str:
        if env.database_url:
            self.stdout.write("Database: the one that DATABASE_URL names.")
            return env.database_url
        try:
            url = Cluster(VAR / "postgis").start()
        except ClusterError as error:
            raise CommandError(f"{error}") from error
        settings.DATABASES["default"].update(database(url))
        connection.settings_dict.update(settings.DATABASES["default"])
        return url

    def _demo(self, issues: int) -> list[list[str]]:
        if not LOGINS.exists():
            password = secrets.token_urlsafe(9)
            call_command("seed_demo", issues=issues, password=password, stdout=self.stdout)
            users = [["admin", "administração"], ["gestora", "gestão"], ["planejador", "planejamento"],
                     ["atendente", "atendimento"], ["chefe", "chefia de equipe"],
                     ["equipe", "equipe de campo"]]  # fmt: skip
            _derived_soon()
            LOGINS.write_text(json.dumps([[u, password, r] for u, r in users], ensure_ascii=False))
            LOGINS.chmod(0o600)
        logins: list[list[str]] = json.loads(LOGINS.read_text())
        return logins

    def _show(self, port: int, logins: list[list[str]], processes: list[subprocess.Popen[bytes]]) -> None:
        home = f"http://127.0.0.1:{port}"
        receipt = _first_report(home, processes)
        due = localtime(parse_datetime(receipt["due_at"]))
        say = self.stdout.write
        say("")
        say(self.style.SUCCESS(f"{settings.CITY.service_name} de {settings.CITY.name} está no ar."))
        say(f"  Cidadão     {home}/")
        say(f"  Mapa        {home}/mapa/")
        say(f"  Equipe      {home}/equipe/")
        say(f"  Gestão      {home}/gestao/")
        say(f"  Planos      {home}/planejamento/")
        say(f"  API         {home}/api/v1/docs/")
        say(f"  Open311     {home}/open311/")
        if not env.database_url:
            say("  PostGIS     python3 -m geo_central.postgis url --tcp   (QGIS, psql)")
        say("\nEntradas de demonstração:")
        for user, password, role in logins:
            say(f"  {user:12} {password}   {role}")
        say("\nUm chamado foi aberto pela porta HTTP:")
        say(f"  Protocolo   {receipt['protocol']}   {home}/s/{receipt['token']}/")
        say(f"  Serviço     {receipt['service_name']}")
        say(f"  Local       {receipt['address']}")
        say(f"  Equipe      {receipt['team']} ({receipt['department']})")
        say(f"  Prazo       {due:%d/%m/%Y %H:%M}")
        for reason in receipt["reasons"]:
            say(f"  Porque      {reason}")
        say("\nCtrl-C ou `make down` param tudo.")
        self.stdout.flush()

    def _wait(self, processes: list[subprocess.Popen[bytes]]) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        while all(p.poll() is None for p in processes):
            time.sleep(0.5)
        raise CommandError("A process has ended; the messages above say why.")


def _derived_soon() -> None:
    """The worker works out hotspots and makes the open data once the city is up, and then every night."""
    now = int(clock.now().timestamp())
    for task, seconds in ((refresh_hotspots, 30), (export_data, 60)):
        with contextlib.suppress(AlreadyEnqueued):
            task.configure(schedule_in={"seconds": seconds}, priority=-10).defer(timestamp=now)


def write_secrets() -> dict[str, str]:
    """Keys of this machine, made once and kept in var/secrets.env, readable by the owner alone."""
    SECRETS.parent.mkdir(parents=True, exist_ok=True)
    known = SECRETS.read_text() if SECRETS.exists() else ""
    named = {line.partition("=")[0] for line in known.splitlines()}
    made = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "PERSONAL_DATA_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "VAPID_PRIVATE_KEY": _vapid_key(),
    }
    made = {name: value for name, value in made.items() if name not in named | os.environ.keys()}
    if made:
        with os.fdopen(os.open(SECRETS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
            file.write("\n" if known and not known.endswith("\n") else "")
            file.writelines(f"{k}={v}\n" for k, v in made.items())
    for name, value in made.items():
        setattr(settings, name, value)
    return made


def _vapid_key() -> str:
    """A P-256 private key as base64url of its 32 bytes."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()


def start(port: int, url: str) -> list[subprocess.Popen[bytes]]:
    """Pages, live streams, a worker of the queue and one that delivers notices, as children of ours."""
    RUN.mkdir(parents=True, exist_ok=True)
    served, said = serving.commands(port, RUN)
    environment = {**os.environ, "DATABASE_URL": url, **said}
    manage = [sys.executable, str(ROOT / "manage.py")]
    commands = (
        *served,
        [*manage, "procrastinate", "worker", "--concurrency", "2"],
        [*manage, "deliver", "--watch"],
    )
    processes = [subprocess.Popen(c, cwd=ROOT, env=environment) for c in commands]  # noqa: S603
    (RUN / "up.pid").write_text(str(os.getpid()))
    return processes


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """End the children, gently first."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
    (RUN / "up.pid").unlink(missing_ok=True)


def _refuse_busy(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104
        except OSError as error:
            raise CommandError(
                f"Port {port} is in use by another program. Choose another one: make up PORT={port + 1}"
            ) from error


def _first_report(home: str, processes: list[subprocess.Popen[bytes]]) -> dict[str, Any]:
    """File the sample through the HTTP door as soon as the server answers."""
    request = urllib.request.Request(  # noqa: S310
        f"{home}/api/v1/issues", json.dumps(SAMPLE).encode(), {"Content-Type": "application/json"}
    )
    deadline = time.monotonic() + 30
    while True:
        if any(p.poll() is not None for p in processes):
            raise CommandError("A process did not start; the messages above say why.")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                receipt: dict[str, Any] = json.load(answer)
                return receipt
        except urllib.error.HTTPError as error:
            if error.code in (502, 503) and time.monotonic() < deadline:  # the front is up, not yet the pages
                time.sleep(0.1)
                continue
            raise CommandError(f"The first report was refused: {error.read().decode()}") from error
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if time.monotonic() > deadline:
                raise CommandError("The web server did not answer within 30 s.") from None
            time.sleep(0.1)
