"""One private PostgreSQL cluster with PostGIS, in a directory of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from geo_central.postgis import configuration as conf
from geo_central.postgis import files, places, postmaster
from geo_central.postgis.account import Account, account_for
from geo_central.postgis.binaries import Binaries, find_binaries
from geo_central.postgis.databases import DATABASE, ROLE, Superuser, checked_name
from geo_central.postgis.errors import ClusterError
from geo_central.postgis.state import PREPARED, State, locked, read_state, write_state

DEFAULT_BASE = Path("var/postgis")


@dataclass(frozen=True)
class Status:
    """What a cluster is doing. `condition`: absent, stopped, starting or running."""

    condition: str
    data: Path
    major: int | None = None
    profile: str | None = None
    pid: int | None = None
    port: int | None = None
    socket_directory: Path | None = None

    @property
    def running(self) -> bool:
        """Whether the server takes connections."""
        return self.condition == "running"


class Cluster:
    """A PostGIS server of one's own: files, socket, port, passwords and life, all under one directory.

    `base` holds `data` (the server's files and logs), `state.json` (passwords, readable by the owner alone)
    and the socket. `profile` is fixed when the cluster is made: `durable` keeps every committed row through a
    power cut; `test` gives that up for speed and lets the role create databases. Every method raises
    ClusterError, and may be called by several processes at once.
    """

    def __init__(self, base: Path | str = DEFAULT_BASE, profile: str | None = None) -> None:
        if profile is not None and profile not in conf.PROFILES:
            raise ClusterError(
                "bad_profile",
                f"There is no profile {profile!r}.",
                f"choose one of {', '.join(conf.PROFILES)}.",
            )
        self.base = Path(base).absolute()
        self._profile = profile
        self._data_link = self.base / files.DATA
        self._state_file = self.base / files.STATE
        self._lock = self.base / files.LOCK

    # ---- life

    def start(self) -> str:
        """Make the cluster if need be, start it unless it runs, and return the URL of its main database."""
        state = read_state(self._state_file)
        if state is None or not self._serves(state):
            with self._locked():
                state = self._start_locked()
        self._check_profile(state)
        return self._url(state, DATABASE, tcp=False)

    def stop(self) -> bool:
        """Shut down fast and wait until it's done; False if it wasn't running."""
        if not self.base.is_dir():
            return False
        with self._locked():
            return postmaster.end(self._data)

    def destroy(self) -> list[Path]:
        """Stop the server and remove everything of the cluster for good; the paths removed."""
        if not self.base.is_dir():
            return []
        with self._locked():
            postmaster.end(self._data)
            return files.remove(self.base)

    def status(self) -> Status:
        """What the cluster is doing, changing nothing."""
        state = read_state(self._state_file)
        major = files.data_major(self._data)
        if major is None or state is None:
            return Status("absent", self._data_link)
        found = postmaster.find_postmaster(self._data)
        condition = "stopped" if found is None else "running" if found.ready else "starting"
        return Status(
            condition,
            self._data_link,
            major,
            state.profile,
            found.pid if found else None,
            state.port,
            Path(state.socket_directory) if state.socket_directory else None,
        )

    # ---- databases

    def url(self, database: str = DATABASE, *, tcp: bool = False) -> str:
        """The role's URL for a database: the one place a password leaves the state file.

        `postgresql://geo_central:PASSWORD@/DATABASE?host=SOCKET_DIRECTORY&port=PORT`, or with `tcp`
        `postgresql://geo_central:PASSWORD@127.0.0.1:PORT/DATABASE`. libpq reads both as they are;
        `urllib.parse.urlsplit` gives user, password and path; `parse_qs` of its query gives host and port.
        Raises `not_made` before the first start.
        """
        state = read_state(self._state_file)
        if state is None or state.port is None:
            raise self._not_made()
        return self._url(state, database, tcp=tcp)

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database with the extensions (or copy a template); its URL.

        Raises `database_exists`, `template_in_use`, `bad_name`, `not_running`.
        """
        self._superuser().create_database(name, template)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database if it's there, ending whatever is connected to it. Raises `not_running`."""
        self._superuser().drop_database(name)

    def log(self, lines: int = 40) -> list[str]:
        """The last lines of the server's log."""
        return postmaster.tail(self._data, lines)

    # ---- inside

    @property
    def _data(self) -> Path:
        return Path(os.path.realpath(self._data_link))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the cluster's lock; what the system refuses meanwhile (a full disk, a right) is worded."""
        try:
            with locked(self._lock):
                yield
        except OSError as error:
            raise ClusterError(
                "system_refused",
                f"The system refused something the database needs: {error}.",
                "mend what it says (a full disk, a missing right), and try again.",
            ) from error

    def _serves(self, state: State) -> bool:
        """Whether it runs, is prepared and answers: by files and one connection, to be quick."""
        if state.prepared != PREPARED:
            return False
        found = postmaster.find_postmaster(self._data)
        return found is not None and found.ready and _answers(state)

    def _start_locked(self) -> State:
        state = read_state(self._state_file)
        if state is not None and self._serves(state):
            return state
        existing = files.data_major(self._data)
        binaries = find_binaries(existing)
        binaries.require_postgis()
        account = account_for(self.base, self._data)
        if existing is None and self._data_link.exists():
            raise ClusterError(
                "not_ours",
                f"{self._data_link} is there, but isn't a PostgreSQL data directory.",
                "move it away, or choose another directory with --data.",
            )
        if existing is not None and state is None:
            raise ClusterError(
                "state_lost",
                f"{self._state_file}, which holds the passwords of the database in {self.base}, is gone.",
                "put it back if you have a copy; otherwise `make clean` starts again with an empty database.",
            )
        state = state or State(profile=self._profile or "durable")
        self._check_profile(state)
        self._give_base(account)
        if existing is None:
            state = state.but(prepared=0)
            write_state(self._state_file, state, account)
            files.initialise(self.base, binaries, account, state)
        state = self._run(binaries, account, state)
        if state.prepared != PREPARED:
            self._prepare(binaries, account, state)
            state = state.but(prepared=PREPARED)
            write_state(self._state_file, state, account)
        return state

    def _run(self, binaries: Binaries, account: Account, state: State) -> State:
        """Start the server; where it is half up, wait for it, and where it doesn't answer, start it anew."""
        data = self._data
        socket_directory = places.socket_directory(self.base, reachable=account.can_write(self.base))
        if postmaster.wait_until_ready(data):
            if _answers(state):
                return state
            postmaster.end(data)
        key = places.path_key(self.base)
        kept = state.port
        for attempt in range(3):
            port = places.choose_port(key, kept)
            state = state.but(port=port, socket_directory=str(socket_directory))
            write_state(self._state_file, state, account)
            places.prepare_socket_directory(socket_directory, account)
            # A lock file of the socket's may name a process number that is now another program's.
            places.socket_file(socket_directory, port).with_name(f".s.PGSQL.{port}.lock").unlink(
                missing_ok=True
            )
            files.configure(self._data, binaries, account, state)
            try:
                postmaster.launch(binaries, account, data, f"geo-central-{key}")
                return state
            except ClusterError as error:
                if error.code != "port_taken" or attempt == 2:
                    raise
                key = f"{int(key, 16) + 97 * (attempt + 1):x}"
                kept = None
        raise AssertionError("the last attempt returns or raises")

    def _prepare(self, binaries: Binaries, account: Account, state: State) -> None:
        test = state.profile == "test"
        statistics = not test and binaries.has_extension("pg_stat_statements")
        server = _superuser(binaries, account, state)
        server.prepare(state.password, may_create_databases=test, statement_statistics=statistics)

    def _superuser(self) -> Superuser:
        state = read_state(self._state_file)
        if state is None or state.port is None:
            raise self._not_made()
        if not self._serves(state):
            raise ClusterError(
                "not_running", f"The database in {self.base} isn't running.", "start it first."
            )
        data = self._data
        return _superuser(find_binaries(files.data_major(data)), account_for(self.base, data), state)

    def _check_profile(self, state: State) -> None:
        if self._profile is not None and self._profile != state.profile:
            raise ClusterError(
                "other_profile",
                f"The database in {self.base} has the profile {state.profile}, not {self._profile}.",
                "start it with that profile, choose another directory with --data, or destroy it first.",
            )

    def _give_base(self, account: Account) -> None:
        # Only what we made (it holds nothing but our lock): a directory of somebody's keeps its owner.
        account.give(self._lock)
        if not self._state_file.exists() and [entry.name for entry in self.base.iterdir()] == [
            self._lock.name
        ]:
            self.base.chmod(0o700)
            account.give(self.base)

    def _url(self, state: State, database: str, *, tcp: bool) -> str:
        port, directory = state.address()
        user = f"postgresql://{ROLE}:{state.password}"
        checked_name(database)
        if tcp:
            return f"{user}@127.0.0.1:{port}/{database}"
        return f"{user}@/{database}?host={quote(str(directory), safe='')}&port={port}"

    def _not_made(self) -> ClusterError:
        return ClusterError(
            "not_made",
            f"There is no database in {self.base} yet.",
            "start it first: `make up`, or `python3 -m geo_central.postgis start`.",
        )


def _answers(state: State) -> bool:
    if state.port is None or state.socket_directory is None:
        return False
    return places.answers(Path(state.socket_directory), state.port)


def _superuser(binaries: Binaries, account: Account, state: State) -> Superuser:
    port, directory = state.address()
    return Superuser(binaries, account, directory, port, state.superuser_password)
