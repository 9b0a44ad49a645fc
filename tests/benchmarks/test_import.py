"""Half a million past requests of another system come in."""

import csv
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from geo_central.postgis import Cluster
from issues.catalogue.queries import services
from tests.benchmarks.conftest import Report

ROWS = 500_000
HEAD = ("id", "opened", "closed", "service", "channel", "lng", "lat", "address", "text")
ROOT = Path(__file__).resolve().parents[2]
# In a process of its own, so that its memory is its own.
RUN = """
import json, resource, sys, time
from pathlib import Path
import django
django.setup()
from geo_central.kernel import clock
from issues.intake.importing.mapping import read_mapping
from issues.intake.importing.running import Job, run
folder = Path(sys.argv[1])
job = Job(folder / "half.csv", read_mapping(folder / "half.toml"), folder / "refused.csv",
          folder / "progress.json", clock.now())
began = time.perf_counter()
totals = run(job)
took = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"read": totals.read, "imported": totals.imported, "took": took, "peak_mb": peak}))
"""
MAPPING = """
source = "bench"
[columns]
external_id = ["id"]
opened_at = "opened"
closed_at = "closed"
service = "service"
channel = "channel"
lng = "lng"
lat = "lat"
address = ["address"]
description = ["text"]
[channels]
web = "web"
[services]
"""


def _rows(codes: list[str], count: int) -> Iterator[tuple[object, ...]]:
    """Five years of requests all over the city, one in twenty still open."""
    chance = random.Random(156)
    opened = datetime(2019, 1, 1)
    for n in range(count):
        opened += timedelta(minutes=5)
        closed = "" if chance.random() < 0.05 else opened + timedelta(hours=chance.randrange(1, 900))
        lng, lat = chance.uniform(-51.24, -51.13), chance.uniform(-30.14, -30.02)
        where = f"Rua {n % 900}, {n % 3000}"
        service = chance.choice(codes)
        yield f"B{n}", opened, closed, service, "web", f"{lng:.6f}", f"{lat:.6f}", where, "Na esquina"


def test_half_a_million_requests_are_imported(
    db: None, bench_cluster: Cluster, report: Report, tmp_path: Path
) -> None:
    codes = [s.code for s in services() if s.geolocated][:40]
    mapping = MAPPING + "".join(f'{c} = "{c}"\n' for c in codes)
    (tmp_path / "half.toml").write_text(mapping, encoding="utf-8")
    with (tmp_path / "half.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEAD)
        lines.writerows(_rows(codes, ROWS))
    began = time.perf_counter()
    with (tmp_path / "half.csv").open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.reader(file)) == ROWS + 1
    floor = ROWS / (time.perf_counter() - began)
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True, text=True,
        env=_environment(bench_cluster.url("bench")),
    )  # fmt: skip
    figures = json.loads(done.stdout)
    assert figures["read"] == ROWS
    assert figures["imported"] > 0.8 * ROWS
    report("import.requests", ROWS / figures["took"], "rows/s", target=15_000, floor=floor, at_most=False)
    report("import.requests.memory", figures["peak_mb"], "MB", target=700, floor=1)


def _environment(url: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "geo_central.settings.test"}
