"""Production: secrets from the environment, TLS in front, nothing optional."""

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import (
    ALLOWED_HOSTS,
    PERSONAL_DATA_KEY,
    PUBLIC_URL,
    PUSH_HOSTS,
    SECRET_KEY,
    database,
    database_url,
    env,
    require,
)

require(
    SECRET_KEY=SECRET_KEY,
    PERSONAL_DATA_KEY=PERSONAL_DATA_KEY,
    ALLOWED_HOSTS=",".join(ALLOWED_HOSTS),
    PUBLIC_URL=PUBLIC_URL,
)
DATABASES = {"default": database(database_url())}
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
if loose := [h for h in PUSH_HOSTS if "://" in h]:
    raise ImproperlyConfigured(f"PUSH_HOSTS names whole origins, which is for development: {loose}")
if env.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
