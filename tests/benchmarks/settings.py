"""As served, plus the floor: one view that does one INSERT and commits."""

from geo_central.settings.dev import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.urls"
HEAT_ROOT = VAR_DIR / "bench-heat"  # noqa: F405
