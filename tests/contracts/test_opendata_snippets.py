"""The code that a dataset's page shows does what it says, against a running city."""

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import timezone

from maps.opendata.collections import ISSUES, SERVICES
from maps.opendata.files.describing import snippets
from maps.opendata.files.exporting import export

PYTHON = "geopandas", "pandas"


@pytest.fixture(scope="module", params=[ISSUES, SERVICES], ids=lambda of: of.slug)
def code(request, live_city) -> Iterator[dict[str, str]]:
    of = request.param
    # Every server of the tests has the same shelf, so their runs take turns.
    with (settings.VAR_DIR / f"test-dados-{of.slug}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        export(of, now=timezone.now(), tell=lambda what, n: None)
        yield {s.tool: s.code for s in snippets(of, f"{live_city.url}/dados/{of.slug}/")}


def run(*command: str, cwd) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_python_reads_it(code, tmp_path):
    (text,) = (code[tool] for tool in PYTHON if tool in code)
    assert run(sys.executable, "-c", text, cwd=tmp_path)


def test_curl_fetches_it(code, tmp_path):
    if not shutil.which("curl"):
        pytest.skip("curl is not here")
    run("sh", "-c", code["curl"], cwd=tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.suffix == ".csv"
    assert file.read_text().startswith('"')


def test_r_reads_it(code, tmp_path):
    if not shutil.which("Rscript"):
        pytest.skip("R is not here")
    assert run("Rscript", "-e", code["R"], cwd=tmp_path)


def test_the_address_for_qgis_opens_without_a_download(code):
    import pyogrio

    assert pyogrio.read_info(code["QGIS"])["driver"] == "GPKG"
