"""A process is killed in the middle of an import; another one goes on where it stopped."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from issues.lifecycle.models import Event, Issue

pytestmark = pytest.mark.usefixtures("own_database", "_unblocked")
ROOT = Path(__file__).resolve().parents[2]
ROWS = 6_000
MAPPING = """
source = "killed"
default_service = "tapa-buracos"
[columns]
external_id = ["id"]
opened_at = "opened"
lng = "lng"
lat = "lat"
"""


@pytest.fixture
def _unblocked(django_db_blocker):
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Every hundredth row is outside the city."""
    path = tmp_path / "past.csv"
    lines = [
        f"K{n},2021-05-10 08:00,{-51.23 + n % 500 * 1e-5:.6f},{-30.03 if n % 100 else -10.0}"
        for n in range(ROWS)
    ]
    path.write_text("id,opened,lng,lat\n" + "\n".join(lines))
    (tmp_path / "m.toml").write_text(MAPPING)
    return path


def read_so_far(file: Path) -> int:
    try:
        return json.loads((file.parent / "past.csv.progress.json").read_text())["totals"]["read"]
    except (OSError, ValueError):
        return 0


def nobody_imports() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
            " WHERE locktype = 'advisory' AND d.datname = current_database()"
        )
        return cursor.fetchone()[0] == 0


def wait_until(true, seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_a_process_killed_in_mid_import_is_resumed_by_another(file, own_database):
    given = {"mapping": file.parent / "m.toml", "report": file.parent / "refused.csv", "batch": 50}
    command = [sys.executable, str(ROOT / "manage.py"), "import_requests", str(file)]
    command += [f"--{name}={value}" for name, value in given.items()]
    environment = {
        **os.environ, "DATABASE_URL": own_database, "DJANGO_SETTINGS_MODULE": "geo_central.settings.test",
    }  # fmt: skip
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        wait_until(lambda: read_so_far(file) >= 500 or process.poll() is not None)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert 500 <= read_so_far(file) < ROWS
    wait_until(nobody_imports)
    assert 400 <= Issue.objects.filter(source="killed").count() < ROWS - ROWS // 100

    out = StringIO()
    call_command("import_requests", file, resume=True, stdout=out, stderr=StringIO(), **given)
    inside = ROWS - ROWS // 100
    issues = Issue.objects.filter(source="killed")
    assert issues.count() == inside
    assert Event.objects.filter(issue__source="killed").count() == 2 * inside
    assert len((file.parent / "refused.csv").read_text().splitlines()) == 1 + ROWS // 100
    read, imported, known, refused = map(int, re.findall(r"(\d+) (?:lid|import|já|recus)", out.getvalue()))
    assert (read, refused) == (ROWS, ROWS // 100)
    assert imported + known == inside
    assert not (file.parent / "past.csv.progress.json").exists()
