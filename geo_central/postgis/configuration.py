"""The server's configuration: a file the launcher owns and rewrites at every start."""

from __future__ import annotations

import os
from pathlib import Path

CONFIGURATION_FILE = "geo_central.conf"
PROFILES = ("durable", "test")

# Nobody is trusted for being on this machine: the password is asked on the socket too.
HOST_RULES = """\
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""

_COMMON = {
    "listen_addresses": "127.0.0.1",
    "password_encryption": "scram-sha-256",
    "max_connections": 60,
    "timezone": "UTC",
    "log_timezone": "UTC",
    "datestyle": "iso, ymd",
    "lc_messages": "C",
    "jit": "off",
    "random_page_cost": 1.1,
    "effective_io_concurrency": 100,
    "work_mem": "16MB",
    "wal_compression": "on",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgres-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": 0,
    "log_line_prefix": "%m [%p] %d ",
}

_DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "min_wal_size": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # Statements and DETAIL lines carry what citizens wrote: none of it belongs in a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": 0,
    "log_parameter_max_length_on_error": 0,
}

_TEST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "min_wal_size": "80MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "30min",
}


def memory_mb() -> int:
    """The machine's memory in MB, or the container's share of it if that is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    try:
        share = int(Path("/sys/fs/cgroup/memory.max").read_text()) // 2**20
    except (OSError, ValueError):
        return machine
    return min(machine, share)


def configuration(
    *, profile: str, port: int, socket_directory: Path, memory: int, statement_statistics: bool
) -> str:
    """The text of the configuration file. `memory` in MB; an eighth of it, at most 2 GB, is for the pages."""
    settings: dict[str, object] = {
        **_COMMON,
        "port": port,
        "unix_socket_directories": f'"{socket_directory}"',
    }
    settings["unix_socket_permissions"] = "0700"
    settings["effective_cache_size"] = f"{max(memory // 2, 256)}MB"
    if profile == "test":
        settings.update(_TEST)
        settings["shared_buffers"] = f"{_within(memory // 32, 64, 256)}MB"
        settings["maintenance_work_mem"] = "64MB"
    else:
        settings.update(_DURABLE)
        settings["shared_buffers"] = f"{_within(memory // 8, 128, 2048)}MB"
        settings["maintenance_work_mem"] = f"{_within(memory // 16, 64, 512)}MB"
        if statement_statistics:
            settings["shared_preload_libraries"] = "pg_stat_statements"
    lines = [f"{name} = {_quoted(value)}" for name, value in sorted(settings.items())]
    return (
        "# Written by geo_central.postgis at every start: changes made here are lost.\n"
        + "\n".join(lines)
        + "\n"
    )


def _within(value: int, least: int, most: int) -> int:
    return max(least, min(most, value))


def _quoted(value: object) -> str:
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"
