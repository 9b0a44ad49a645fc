"""What a page needs and no more: the server that citizens reach never loads the sciences."""

import subprocess
import sys

from tests.architecture.files import ROOT

HEAVY = {"scipy", "sklearn", "hdbscan", "contourpy", "pandas", "geopandas", "folium", "dask", "distributed"}
SCRIPT = """
import sys
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_every_address_is_there_and_no_science_is_loaded():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=60,
        env={"DJANGO_SETTINGS_MODULE": "geo_central.settings.test", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    loaded = set(done.stdout.split())
    assert {"maps", "issues", "layers"} <= loaded
    assert not HEAVY & loaded
