"""Where this machine keeps its PostgreSQL server, and which major it is."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from geo_central.postgis.errors import ClusterError

DEBIAN_ROOT = Path("/usr/lib/postgresql")
NEEDED = ("initdb", "pg_ctl", "postgres", "psql")
OLDEST_MAJOR = 13

_VERSION = re.compile(r"\bPostgreSQL\)?\s+(\d+)")


@dataclass(frozen=True)
class Binaries:
    """One installed server: the directory of its programs and its major version."""

    directory: Path
    major: int

    def program(self, name: str) -> str:
        """The full path of one of the server's programs."""
        return str(self.directory / name)

    @property
    def has_postgis(self) -> bool:
        """Whether PostGIS is installed for this server (true when it can't be told)."""
        return self.has_extension("postgis")

    def has_extension(self, name: str) -> bool:
        """Whether an extension's control file is there (true when its directory isn't where we look)."""
        known = [share for share in self._extension_directories() if share.is_dir()]
        return not known or any((share / f"{name}.control").is_file() for share in known)

    def require_postgis(self) -> None:
        """Raise ClusterError `no_postgis` if this server has no PostGIS."""
        if not self.has_postgis:
            raise ClusterError(
                "no_postgis",
                f"PostgreSQL {self.major} is installed, but PostGIS for it isn't.",
                f"run `sh deploy/system-packages.sh`, or apt-get install postgresql-{self.major}-postgis-3.",
            )

    def _extension_directories(self) -> Iterator[Path]:
        yield Path("/usr/share/postgresql") / str(self.major) / "extension"
        prefix = self.directory.resolve().parent
        yield prefix / "share" / "postgresql" / "extension"
        yield prefix / "share" / "extension"


def parse_major(text: str) -> int | None:
    """The major version in `postgres --version`'s line; None where there is none.

    >>> parse_major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)")
    15
    """
    found = _VERSION.search(text)
    return int(found.group(1)) if found else None


def find_binaries(
    major: int | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    debian_root: Path = DEBIAN_ROOT,
) -> Binaries:
    """The server to use: that of `major` if given, else the newest, those with PostGIS first.

    `PG_BIN`, where set, is the only place looked in. Otherwise Debian's directory of each version, then PATH.
    Raises ClusterError `no_server`, `pg_bin_wrong` or `wrong_major`.
    """
    environ = os.environ if environ is None else environ
    installed = list(_installed(environ, debian_root))
    if not installed:
        raise _nothing_found(environ)
    if major is None:
        return max(installed, key=lambda server: (server.has_postgis, server.major))
    for server in installed:
        if server.major == major:
            return server
    raise wrong_major(major, max(server.major for server in installed))


def wrong_major(data: int, installed: int) -> ClusterError:
    """The refusal to open a data directory of a major version that isn't installed."""
    return ClusterError(
        "wrong_major",
        f"The database files were made by PostgreSQL {data}, and this machine has PostgreSQL {installed}. "
        "They have been left as they are.",
        f"install that version (apt-get install postgresql-{data} postgresql-{data}-postgis-3), which is "
        f"used if it's there; or dump the database with PostgreSQL {data} (pg_dump), run `make clean`, "
        "`make up`, and restore the dump.",
    )


def _installed(environ: Mapping[str, str], debian_root: Path) -> Iterator[Binaries]:
    chosen = environ.get("PG_BIN")
    if chosen:
        yield from _server_in(Path(chosen))
        return
    if debian_root.is_dir():
        versions = [entry for entry in debian_root.iterdir() if entry.name.isdigit()]
        for entry in sorted(versions, key=lambda entry: int(entry.name), reverse=True):
            # The directory's name tells the version, which saves starting the program to ask.
            if int(entry.name) >= OLDEST_MAJOR and _is_complete(entry / "bin"):
                yield Binaries(entry / "bin", int(entry.name))
    for directory in environ.get("PATH", "").split(os.pathsep):
        if directory:
            yield from _server_in(Path(directory))


def _server_in(directory: Path) -> Iterator[Binaries]:
    if not _is_complete(directory):
        return
    command = [str(directory / "postgres"), "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    major = parse_major(answer.stdout)
    if major is not None and major >= OLDEST_MAJOR:
        yield Binaries(directory, major)


def _is_complete(directory: Path) -> bool:
    return all(os.access(directory / name, os.X_OK) for name in NEEDED)


def _nothing_found(environ: Mapping[str, str]) -> ClusterError:
    if environ.get("PG_BIN"):
        return ClusterError(
            "pg_bin_wrong",
            f"PG_BIN is {environ['PG_BIN']}, where there is no PostgreSQL {OLDEST_MAJOR} or newer "
            f"with {', '.join(NEEDED)}.",
            "set PG_BIN to the directory that holds them, or unset it to have one looked for.",
        )
    return ClusterError(
        "no_server",
        f"No PostgreSQL server ({OLDEST_MAJOR} or newer) was found on this machine.",
        "run `sh deploy/system-packages.sh`, or set DATABASE_URL to a server that already has PostGIS.",
    )
