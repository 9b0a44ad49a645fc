"""The cluster's files: made, configured, looked at and removed."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from geo_central.postgis import configuration as conf
from geo_central.postgis import places
from geo_central.postgis.account import Account
from geo_central.postgis.binaries import Binaries
from geo_central.postgis.databases import SUPERUSER
from geo_central.postgis.errors import ClusterError
from geo_central.postgis.state import State

DATA, STATE, LOCK, SOCKET = "data", "state.json", "lock", "socket"
# Where the data goes when the checkout is in a directory the server's user can't enter, such as /root.
OUTSIDE = Path("/var/lib/geo-central")


def data_major(data: Path) -> int | None:
    """The major version that made a data directory; None where there is none.

    Raises ClusterError `foreign_owner` or `unknown_version`.
    """
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise ClusterError(
            "foreign_owner",
            f"You may not read the database files in {data}.",
            "run it as their owner (or as root, if root made them).",
        ) from error
    except ValueError as error:
        raise ClusterError(
            "unknown_version",
            f"{data / 'PG_VERSION'} doesn't hold the number of a PostgreSQL version this launcher knows.",
            "choose another directory with --data; this one has been left as it is.",
        ) from error


def initialise(base: Path, binaries: Binaries, account: Account, state: State) -> None:
    """initdb beside its place, then put there by one rename: a kill half-way leaves no half cluster.

    Raises ClusterError `initdb_failed`.
    """
    for leftover in _half_made(base):
        _remove_path(leftover)
    key = places.path_key(base)
    inside = account.can_write(base)
    if not inside:
        OUTSIDE.mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"init-{key}-", dir=base if inside else OUTSIDE))
    account.give(fresh)
    try:
        _initdb(fresh, binaries, account, state)
        with (fresh / "postgresql.conf").open("a") as file:
            file.write(f"\ninclude_if_exists = '{conf.CONFIGURATION_FILE}'\n")
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    (base / DATA).unlink(missing_ok=True)
    if inside:
        fresh.rename(base / DATA)
    else:
        # Its own name, not only the key: a moved checkout goes on using the one its link names.
        kept = fresh.rename(OUTSIDE / fresh.name.removeprefix("init-"))
        (base / DATA).symlink_to(kept)


def configure(data: Path, binaries: Binaries, account: Account, state: State) -> None:
    """Write the configuration and who may connect; make the directory of the logs."""
    port, socket_directory = state.address()
    text = conf.configuration(
        profile=state.profile,
        port=port,
        socket_directory=socket_directory,
        memory=conf.memory_mb(),
        statement_statistics=binaries.has_extension("pg_stat_statements"),
    )
    for name, content in ((conf.CONFIGURATION_FILE, text), ("pg_hba.conf", conf.HOST_RULES)):
        path = data / name
        path.write_text(content)
        path.chmod(0o600)
        account.give(path)
    log = data / "log"
    log.mkdir(mode=0o700, exist_ok=True)
    account.give(log)


def remove(base: Path) -> list[Path]:
    """Remove what is the cluster's, by name, so that a mistaken directory costs nothing else; what went.

    The caller holds the cluster's lock and has stopped the server.
    """
    data = Path(os.path.realpath(base / DATA))
    ours = [base / SOCKET, *_half_made(base), base / STATE, base / f"{STATE}.new"]
    ours.append(places.socket_directory(base, reachable=False))
    if data_major(data) is not None or (base / DATA).is_symlink():
        ours.insert(0, base / DATA)
    # Keyed by the path: the link of a copied checkout still names the original's data.
    if data.parent == OUTSIDE and data.name.startswith(f"{places.path_key(base)}-"):
        ours.insert(0, data)
    removed = [path for path in ours if _remove_path(path)]
    (base / LOCK).unlink(missing_ok=True)
    if not any(base.iterdir()):
        base.rmdir()
        removed.append(base)
    return removed


def _initdb(fresh: Path, binaries: Binaries, account: Account, state: State) -> None:
    password_file = fresh.with_name(fresh.name + ".pw")
    command = [binaries.program("initdb"), "-D", str(fresh), "-U", SUPERUSER, "--encoding=UTF8"]
    # Sorting for people is done by a column's own collation; for the rest C.UTF-8 is stable and quick.
    command += ["--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password_file}"]
    command += ["--no-sync"] if state.profile == "test" else ["--data-checksums"]
    try:
        handle = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(state.superuser_password + "\n")
        account.give(password_file)
        finished = account.run(command)
    finally:
        password_file.unlink(missing_ok=True)
    if finished.returncode != 0:
        raise ClusterError(
            "initdb_failed",
            f"initdb could not make the database files:\n{finished.stderr.strip()}",
            "mend what it says (most often a full disk, or a directory that can't be written); start again.",
        )


def _half_made(base: Path) -> list[Path]:
    """What an initdb left whose launcher was killed."""
    pattern = f"init-{places.path_key(base)}-*"
    return [*base.glob(pattern), *OUTSIDE.glob(pattern)]


def _remove_path(path: Path) -> bool:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        # An initdb that outlived its launcher may still be writing; it gives up when its files go.
        for _ in range(50):
            shutil.rmtree(path, ignore_errors=True)
            if not path.exists():
                return True
            time.sleep(0.1)
        shutil.rmtree(path)
    else:
        return False
    return True
