"""Tests: a cluster without fsync, fixed keys, no manifest so that templates need no collectstatic."""

import base64

from .base import *  # noqa: F403
from .base import STORAGES, TEMPLATES, VAR, database, env

_url = env.database_url or "postgresql://geo_central@/geo_central?host=/nonexistent"
DATABASES = {"default": database(_url)}
SECRET_KEY = "only-for-tests-and-therefore-public-and-long-enough-to-be-accepted"
PERSONAL_DATA_KEY = base64.b64encode(bytes(range(32))).decode()
ALLOWED_HOSTS = ["*"]
GLANCE_KEPT_S = 0  # each test sees what it has just made
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = VAR / "test-media"
HEAT_ROOT = VAR / "test-heat"
DADOS_ROOT = VAR / "test-dados"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


class _Undefined(str):
    """An undefined template variable is a bug, not an empty string."""

    def __mod__(self, name: object) -> str:
        raise AssertionError(f"undefined template variable: {name}")

    def __contains__(self, item: object) -> bool:
        return item == "%s"


TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = _Undefined("%s")
