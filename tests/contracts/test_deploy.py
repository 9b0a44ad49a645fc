"""Production's settings, as Django's own deployment checks see them."""

import os
import secrets
import subprocess
import sys

GOOD = {
    "SECRET_KEY": secrets.token_urlsafe(60),
    "PERSONAL_DATA_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "ALLOWED_HOSTS": "central.example",
    "PUBLIC_URL": "https://central.example",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "DJANGO_SETTINGS_MODULE": "geo_central.settings.production",
}


def _check(**changes: str) -> subprocess.CompletedProcess[str]:
    # The browser's tests set this one for their own process.
    inherited = {k: v for k, v in os.environ.items() if k != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={**inherited, **GOOD, **changes},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_deployment_checks_find_nothing() -> None:
    done = _check()
    assert done.returncode == 0, done.stderr


def test_production_does_not_start_without_its_secrets() -> None:
    for name in ("PERSONAL_DATA_KEY", "ALLOWED_HOSTS", "PUBLIC_URL"):
        done = _check(**{name: ""})
        assert done.returncode != 0
        assert f"{name} is not set" in done.stderr
