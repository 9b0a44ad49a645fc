"""The server's main process: found, started and ended."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from geo_central.postgis.account import Account
from geo_central.postgis.binaries import Binaries
from geo_central.postgis.errors import ClusterError

START_TIMEOUT = 120
STOP_TIMEOUT = 60
PID_FILE = "postmaster.pid"
START_LOG = "log/start.log"


@dataclass(frozen=True)
class Postmaster:
    """A live server, as its pid file tells it. `ready`: it has finished recovery and takes connections."""

    pid: int
    ready: bool


def find_postmaster(data: Path) -> Postmaster | None:
    """The live server of a data directory; None where the pid file is absent, or left by one that died.

    Raises ClusterError `moved` if the directory was moved under a running server.
    """
    lines = _pid_lines(data)
    try:
        pid = int(lines[0])
        os.kill(pid, 0)
    except (IndexError, ValueError, ProcessLookupError):
        return None
    except PermissionError:
        pass
    arguments = _command_line(pid)
    if arguments is not None:
        # After a restart of the machine or the container, the number may be another program's.
        if "-D" not in arguments[:-1] or not os.path.basename(arguments[0]).startswith("postgres"):
            return None
        served = Path(arguments[arguments.index("-D") + 1])
        if not served.exists():
            raise ClusterError(
                "moved",
                f"The database files were moved from {served} while their server (process {pid}) ran.",
                f"end it with `kill -INT {pid}`, then start again.",
            )
        if not served.samefile(data):
            return None
    return Postmaster(pid, ready=len(lines) > 7 and lines[7].strip() == "ready")


def launch(binaries: Binaries, account: Account, data: Path, name: str) -> None:
    """Start the server in a session of its own and wait until it takes connections.

    Raises ClusterError `port_taken`, `shared_memory_held` or `did_not_start`.
    """
    _remove_leftovers(data, name)
    start_log = data / START_LOG
    start_log.unlink(missing_ok=True)
    command = [binaries.program("pg_ctl"), "start", "-D", str(data), "-l", str(start_log)]
    command += ["-s", "-w", "-t", str(START_TIMEOUT), "-o", f"-c cluster_name={name}"]
    finished = account.run(command)
    if finished.returncode == 0:
        return
    said = "\n".join([finished.stderr.strip(), *tail(data, 15)]).strip()
    if "could not bind" in said or "could not create any TCP/IP sockets" in said:
        raise ClusterError(
            "port_taken", f"The database's TCP port was taken by another program.\n{said}", "try again."
        )
    if "shared memory block" in said:
        raise ClusterError(
            "shared_memory_held",
            f"Processes of a server that died still hold its memory.\n{said}",
            "wait a moment and start again; `ps -C postgres` shows them.",
        )
    raise ClusterError(
        "did_not_start",
        f"PostgreSQL did not start:\n{said}",
        f"mend what it says; its logs are in {data / 'log'}.",
    )


def wait_until_ready(data: Path, timeout: float = START_TIMEOUT) -> bool:
    """Wait for a server that somebody else started; False if it died meanwhile or takes too long."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        found = find_postmaster(data)
        if found is None:
            return False
        if found.ready:
            return True
        time.sleep(0.05)
    return False


def end(data: Path, timeout: float = STOP_TIMEOUT) -> bool:
    """Fast shutdown: open transactions are rolled back, everything is on disk when this returns.

    False if no server ran. Raises ClusterError `not_yours` or `stop_timeout`.
    """
    found = find_postmaster(data)
    if found is None:
        return False
    try:
        os.kill(found.pid, signal.SIGINT)
    except ProcessLookupError:
        return True
    except PermissionError as error:
        raise ClusterError(
            "not_yours",
            f"The server (process {found.pid}) was started by another user.",
            "stop it as that user, or as root.",
        ) from error
    deadline = time.monotonic() + timeout
    while find_postmaster(data) is not None:
        if time.monotonic() > deadline:
            raise ClusterError(
                "stop_timeout",
                f"The server (process {found.pid}) has been shutting down for {timeout:.0f} seconds.",
                "wait for it, and see its log (`python3 -m geo_central.postgis log`).",
            )
        time.sleep(0.02)
    return True


def tail(data: Path, lines: int) -> list[str]:
    """The last lines of what the server wrote, newest file last."""
    try:
        files = sorted((data / "log").glob("*.log"), key=lambda file: file.stat().st_mtime)
        texts = [file.read_text(errors="replace").splitlines() for file in files]
    except OSError:
        return []
    return [line for text in texts for line in text][-lines:]


def _pid_lines(data: Path) -> list[str]:
    try:
        return (data / PID_FILE).read_text().splitlines()
    except OSError:
        return []


def _command_line(pid: int) -> list[str] | None:
    """A process's arguments, none if it's dead and unreaped; None where the system doesn't tell."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None
    return [os.fsdecode(part) for part in raw.split(b"\0") if part]


def _remove_leftovers(data: Path, name: str) -> None:
    """Clear what a killed server left: its children, and lock files whose number may now be someone else's.

    The caller holds the cluster's lock and knows that no postmaster lives.
    """
    deadline = time.monotonic() + 5
    while orphans := _children(name):
        for pid in orphans:
            try:
                os.kill(pid, signal.SIGQUIT)
            except (ProcessLookupError, PermissionError):
                continue
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    (data / PID_FILE).unlink(missing_ok=True)


def _children(name: str) -> list[int]:
    # PostgreSQL puts cluster_name into the title of each of its child processes.
    title = f"postgres: {name}: ".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cmdline").read_bytes().startswith(title):
                found.append(int(entry.name))
        except OSError:
            continue
    return found
