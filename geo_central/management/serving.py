"""What serves the city on one port: pages and API, live streams, and the front that joins them.

A browser sees one origin, so no cookie and no policy is loosened for the streams. The front is an
unprivileged nginx; where there's none the pages are served alone, and ask again instead of listening.
"""

import getpass
import os
import shutil
import sys
from pathlib import Path

from geo_central.settings.env import ROOT, env

PAGES, STREAMS = "pages.sock", "streams.sock"
CONNECTIONS = 20_000
BODY_MB = 100
"""The largest form the front passes on: a report without JavaScript carries its photos."""

CONFIGURATION = """\
# Written by `manage.py front`; changes are lost.
daemon off;
pid front.pid;
error_log stderr emerg;  # lesser faults are told with the address asked for, which may hold a secret
worker_processes 1;
{user}
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    server_tokens off;
    client_max_body_size {body_mb}m;
    client_body_temp_path front-body;
    proxy_temp_path front-proxy;
    fastcgi_temp_path front-unused;
    uwsgi_temp_path front-unused;
    scgi_temp_path front-unused;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For {forwarded_for};
    proxy_set_header X-Forwarded-Proto {forwarded_proto};
    upstream pages {{ server unix:{pages} max_fails=0; keepalive 16; }}
    upstream streams {{ server unix:{streams} max_fails=0; }}
    server {{
        listen {host}:{port} backlog=4096;
        location / {{ proxy_pass http://pages; proxy_buffers 16 32k; }}
        location /fluxo/ {{ proxy_pass http://streams; proxy_buffering off; proxy_read_timeout 60s; }}
    }}
}}
"""


def find_nginx() -> str | None:
    """The front's program; Debian keeps it where users who are not root do not look."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin")


def configuration(*, host: str, port: int, trust: bool) -> str:
    """nginx's configuration, for the directory where the sockets are.

    Behind another proxy (`trust`) what that one says of the client is passed on; else we say it.
    """
    root = os.geteuid() == 0
    return CONFIGURATION.format(
        host=host,
        port=port,
        user=f"user {getpass.getuser()};" if root else "",
        connections=CONNECTIONS,
        body_mb=BODY_MB,
        pages=PAGES,
        streams=STREAMS,
        forwarded_for="$http_x_forwarded_for" if trust else "$remote_addr",
        forwarded_proto="$http_x_forwarded_proto" if trust else "$scheme",
    )


def commands(port: int, run: Path, *options: str) -> tuple[list[list[str]], dict[str, str]]:
    """What to start, and with what in the environment, to serve on `port`; sockets lie in `run`.

    `options` are those of `manage.py serve`.
    """
    manage = [sys.executable, str(ROOT / "manage.py")]
    if find_nginx() is None:
        return [[*manage, "serve", "--port", str(port), *options]], {}
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in (PAGES, STREAMS):
        (run / name).unlink(missing_ok=True)
    # A socket's path may have a hundred letters and no more: it is told from where we are.
    where = os.path.relpath(run, ROOT)
    started = [
        [*manage, "serve", "--socket", f"{where}/{PAGES}", *options],
        [*manage, "streams", "--socket", f"{where}/{STREAMS}"],
        [
            *manage,
            "front",
            "--port",
            str(port),
            "--run",
            str(run),
            *(["--trust"] if env.behind_proxy else []),
        ],
    ]
    return started, {"BEHIND_PROXY": "true"}
