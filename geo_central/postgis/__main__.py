"""The launcher on the command line: `python3 -m geo_central.postgis start`."""

from __future__ import annotations

import argparse
import os
import sys
import time

from geo_central.postgis import DEFAULT_BASE, Cluster, ClusterError
from geo_central.postgis.configuration import PROFILES

NOT_RUNNING = 3


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it went well, 1 when it failed, 3 when `status` finds it not running."""
    options = _parser().parse_args(arguments)
    try:
        code = _run(options)
        sys.stdout.flush()
        return code
    except ClusterError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; Python would complain again when it closes its output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(options: argparse.Namespace) -> int:
    cluster = Cluster(options.data, options.profile)
    if options.command == "start":
        began = time.monotonic()
        cluster.start()
        found = cluster.status()
        took = time.monotonic() - began
        _say(f"PostGIS runs (PostgreSQL {found.major}, {found.profile}), process {found.pid}: {took:.2f} s")
        _say(f"  socket {found.socket_directory}, TCP 127.0.0.1:{found.port}")
    elif options.command == "stop":
        _say("PostGIS has stopped." if cluster.stop() else "PostGIS wasn't running.")
    elif options.command == "url":
        _say(cluster.url(options.database, tcp=options.tcp))
    elif options.command == "destroy":
        removed = cluster.destroy()
        _say("\n".join(f"removed {path}" for path in removed) or f"There is no cluster in {cluster.base}.")
    elif options.command == "log":
        _say("\n".join(cluster.log(options.lines)))
    else:
        return _status(cluster)
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _status(cluster: Cluster) -> int:
    found = cluster.status()
    _say(f"condition  {found.condition}\ndata       {found.data}")
    for title in ("major", "profile", "pid", "port", "socket_directory"):
        value = getattr(found, title)
        if value is not None:
            _say(f"{title.split('_')[0]:<10} {value}")
    return 0 if found.running else NOT_RUNNING


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m geo_central.postgis", description=__doc__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", default=DEFAULT_BASE, help="the cluster's directory (default: %(default)s)")
    shared.add_argument(
        "--profile", choices=PROFILES, help="fixed when the cluster is made (default: durable)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("start", parents=[shared], help="make the cluster if need be, and start it")
    commands.add_parser("stop", parents=[shared], help="shut it down and wait until it's done")
    commands.add_parser(
        "status", parents=[shared], help=f"say what it's doing; exit {NOT_RUNNING} if not running"
    )
    url = commands.add_parser("url", parents=[shared], help="print the database's URL, password included")
    url.add_argument("--database", default="geo_central", help="(default: %(default)s)")
    url.add_argument("--tcp", action="store_true", help="by 127.0.0.1 and port, for QGIS and the like")
    commands.add_parser("destroy", parents=[shared], help="stop it and remove all its files for good")
    log = commands.add_parser("log", parents=[shared], help="print the end of the server's log")
    log.add_argument("--lines", type=int, default=40, help="(default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
