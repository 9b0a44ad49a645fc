"""A million requests become GeoParquet, by month and whole, in a process of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
from django.db import connection, transaction

from maps.opendata.collections import ISSUES, parameters
from tests.benchmarks.conftest import ROOT, Report

EXPORT = """
import resource, time, django
django.setup()
from django.conf import settings
settings.DADOS_ROOT = {root!r}
from geo_central.kernel import clock
from maps.opendata.collections import ISSUES
from maps.opendata.files.exporting import export
begun = time.perf_counter()
made = export(ISSUES, now=clock.now(), tell=lambda what, n: None, forms=["parquet"])
seconds = time.perf_counter() - begun
print(made.whole.rows, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def test_a_million_requests_to_geoparquet(in_million: str, tmp_path: Path, report: Report) -> None:
    begun = time.perf_counter()
    read = f"COPY ({ISSUES.sql}) TO STDOUT (FORMAT csv)"
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(read, parameters()) as copy:
        for _ in copy:
            pass
    floor = time.perf_counter() - begun
    made = subprocess.run(
        [sys.executable, "-c", EXPORT.format(root=str(tmp_path))],
        env={**os.environ, "DATABASE_URL": in_million, "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    rows, seconds, megabytes = (float(n) for n in made.stdout.split())
    file = next(tmp_path.glob("issues/*/issues.parquet"))
    assert pq.read_metadata(file).num_rows == rows > 1_000_000
    report("opendata.export", seconds, "s", target=30, floor=floor)
    report("opendata.export.memory", megabytes, "MB", target=500, floor=0)
