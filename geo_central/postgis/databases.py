"""The role, the databases and the extensions, made by the superuser through psql."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from geo_central.postgis.account import Account
from geo_central.postgis.binaries import Binaries
from geo_central.postgis.errors import ClusterError

ROLE = "geo_central"
DATABASE = "geo_central"
SUPERUSER = "postgres"
EXTENSIONS = ("postgis", "pg_trgm", "unaccent", "btree_gist")
# A psql whose launcher was killed goes on: IF NOT EXISTS alone doesn't keep two of them apart.
ONE_AT_A_TIME = "SELECT pg_advisory_lock(1) \\g /dev/null\n"

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Superuser:
    """A way to speak to the running server as its superuser."""

    binaries: Binaries
    account: Account
    socket_directory: Path
    port: int
    password: str

    def run(self, sql: str, database: str = "postgres") -> str:
        """Run statements (on standard input, so that no secret is in a process list); what they print.

        Raises ClusterError `sql_failed`.
        """
        command = [self.binaries.program("psql"), "-X", "-w", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        command += ["-h", str(self.socket_directory), "-p", str(self.port), "-U", SUPERUSER, "-d", database]
        environment = {"PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "10"}
        finished = self.account.run(command, stdin=sql, extra_env=environment)
        if finished.returncode != 0:
            raise ClusterError(
                "sql_failed",
                f"The database refused: {finished.stderr.strip()}",
                "see its log (`python3 -m geo_central.postgis log`).",
            )
        return finished.stdout.strip()

    def prepare(self, password: str, *, may_create_databases: bool, statement_statistics: bool) -> None:
        """Make the role, the extensions and the database, each unless it's there."""
        # In template1: the databases the role creates then have PostGIS, which only a superuser may add.
        extensions = [*EXTENSIONS, *(["pg_stat_statements"] if statement_statistics else [])]
        self.run(
            ONE_AT_A_TIME + "".join(f"CREATE EXTENSION IF NOT EXISTS {e};\n" for e in extensions), "template1"
        )
        abilities = "LOGIN NOSUPERUSER NOCREATEROLE " + ("CREATEDB" if may_create_databases else "NOCREATEDB")
        # For imports, which check references once a batch; PostgreSQL before 15 keeps it for superusers.
        may_import = f"GRANT SET ON PARAMETER session_replication_role TO {ROLE};\n"
        self.run(
            f"{ONE_AT_A_TIME}"
            f"SELECT 'CREATE ROLE {ROLE}' WHERE NOT EXISTS"
            f" (SELECT FROM pg_roles WHERE rolname = '{ROLE}') \\gexec\n"
            f"ALTER ROLE {ROLE} {abilities} PASSWORD '{password}';\n"
            f"{may_import if self.binaries.major >= 15 else ''}"
            f"SELECT 'CREATE DATABASE {DATABASE} OWNER {ROLE}' WHERE NOT EXISTS"
            f" (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec\n"
        )

    def create_database(self, name: str, template: str | None) -> None:
        """A database of the role's, copied from a template of nobody's use at the moment.

        Raises ClusterError `database_exists`, `template_in_use`, `bad_name` or `sql_failed`.
        """
        checked_name(name)
        source = checked_name(template) if template else "template1"
        # FILE_COPY doesn't write the copy to the WAL page by page.
        strategy = " STRATEGY file_copy" if self.binaries.major >= 15 and template else ""
        try:
            self.run(f'CREATE DATABASE "{name}" OWNER {ROLE} TEMPLATE "{source}"{strategy};')
        except ClusterError as error:
            if "already exists" in error.message:
                raise ClusterError(
                    "database_exists",
                    f"There is already a database named {name}.",
                    "drop it, or take another name.",
                ) from error
            if "being accessed by other users" in error.message:
                raise ClusterError(
                    "template_in_use",
                    f"The database {source} can't be copied while somebody is connected to it.",
                    "close those connections and try again.",
                ) from error
            raise

    def drop_database(self, name: str) -> None:
        """Remove a database if it's there, ending whatever is connected to it."""
        self.run(f'DROP DATABASE IF EXISTS "{checked_name(name)}" WITH (FORCE);')


def checked_name(name: str) -> str:
    """The name, if it is a plain lower-case SQL name of at most 63 characters. Raises `bad_name`."""
    if not _NAME.fullmatch(name):
        raise ClusterError(
            "bad_name",
            f"{name!r} can't be the name of a database here.",
            "use lower-case letters, digits and _, not beginning with a digit, at most 63 characters.",
        )
    return name
