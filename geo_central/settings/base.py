"""Settings shared by every environment."""

from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from maps.tiles.basemap import parse_basemap, with_basemap

from .city import read_city
from .email import email_settings
from .env import ROOT, VAR, env

BASE_DIR = ROOT
VAR_DIR = VAR
HEAT_ROOT = VAR / "heat"
DADOS_ROOT = env.dados_root
FIXTURES_DIR = ROOT / "fixtures"
CITY = read_city(env.city_file)

SECRET_KEY = env.secret_key
PERSONAL_DATA_KEY = env.personal_data_key
ALLOWED_HOSTS = [h.strip() for h in env.allowed_hosts.split(",") if h.strip()]
PUBLIC_URL = env.public_url.rstrip("/")
DEBUG = False

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "csp",
    "django_htmx",
    "rest_framework",
    "rest_framework_gis",
    "drf_spectacular",
    "procrastinate.contrib.django",
    "geo_central",
    "layers",
    "issues",
    "maps",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "geo_central.http.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "geo_central.http.middleware.ProblemMiddleware",
]

ROOT_URLCONF = "geo_central.urls"
WSGI_APPLICATION = "geo_central.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "geo_central" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "geo_central.http.context.city",
            ],
            "builtins": [
                "django.templatetags.static",
                "django.templatetags.i18n",
                "geo_central.http.templatetags.words",
                "geo_central.http.templatetags.shell",
            ],
        },
    },
]


def database(url: str) -> dict[str, Any]:
    """Django's entry for a libpq URL or connection string, pooled where DATABASE_POOL says so."""
    part = {k: str(v) for k, v in conninfo_to_dict(url).items() if v is not None}
    options: dict[str, Any] = {
        # Only named queries bind on the server (kernel.sql), so only they are prepared; their
        # plans do not depend on the parameters, and planning them costs more than running them.
        "prepare_threshold": 2,
        "options": "-c plan_cache_mode=force_generic_plan -c lock_timeout=5s -c jit=off",
    }
    entry: dict[str, Any] = {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": part.pop("dbname", "geo_central"),
        "USER": part.pop("user", ""),
        "PASSWORD": part.pop("password", ""),
        "HOST": part.pop("host", ""),
        "PORT": part.pop("port", ""),
        "OPTIONS": {**part, **options},
        "CONN_HEALTH_CHECKS": False,
    }
    if env.database_keep:
        # Cheaper than a pool, which registers PostGIS's types again at every checkout.
        entry["CONN_MAX_AGE"] = None
    if env.database_pool:
        entry["OPTIONS"]["pool"] = {"min_size": 1, "max_size": env.database_pool, "timeout": 5}
    return entry


def database_url() -> str:
    """DATABASE_URL, or the embedded cluster's address when it has been created."""
    if env.database_url:
        return env.database_url
    from geo_central.postgis import Cluster, ClusterError

    try:
        return Cluster(VAR / "postgis").url("geo_central")
    except ClusterError:
        # No cluster yet: commands that need none (check, makemigrations) still run.
        return "postgresql://geo_central@/geo_central?host=/nonexistent"


DATABASES: dict[str, Any] = {}
# Spatial references never come from users: WKT reaches GDAL only through load_layer, an operator's tool.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "issues.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "crew:near"
LOGOUT_REDIRECT_URL = "citizen:home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", _("Português")), ("en", _("English")), ("es", _("Español"))]
LOCALE_PATHS = [ROOT / "geo_central" / "locale"]
TIME_ZONE = CITY.timezone
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [ROOT / "geo_central" / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = env.media_root
# Seconds for which numbers of the page of transparency serve every reader.
GLANCE_KEPT_S = 900

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o640

# One report with its text and answers; photos have their own door and their own limit.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
PHOTO_MAX_BYTES = 15 * 1024 * 1024
PHOTO_MAX_PIXELS = 50_000_000
PHOTO_STORED_PIXELS = 12_000_000

# Anonymous requests a minute from one address, by door; RATE_LIMIT_FACTOR scales them all.
RATE_LIMITS = {
    door: int(limit * env.rate_limit_factor)
    for door, limit in {
        "report": 60,
        "upload": 120,
        "search": 900,
        "lookup": 120,
        "watch": 1200,
        "webhook": 600,
        "alert": 10,
    }.items()
}

# Live streams open at once: of one address (a whole office may share one), and in one process.
STREAMS = {"address": int(100 * env.rate_limit_factor), "process": 10_000}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

_SELF = "'self'"
# The pages may reach this machine, and the operator's basemap where the setting names one.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": with_basemap(
        {
            "default-src": [_SELF],
            "script-src": [_SELF, NONCE],
            "style-src": [_SELF],
            "img-src": [_SELF, "data:", "blob:"],
            "worker-src": [_SELF],
            "connect-src": [_SELF],
            "font-src": [_SELF],
            "object-src": ["'none'"],
            "base-uri": ["'none'"],
            "form-action": [_SELF],
            "frame-ancestors": ["'none'"],
        },
        parse_basemap(env.basemap),
    )
}

_HOST = urlsplit(PUBLIC_URL).hostname or "localhost"
DEFAULT_FROM_EMAIL = env.email_from or f"{CITY.service_name} <central@{_HOST}>"
EMAIL_TIMEOUT = 20
EMAIL_SUBJECT_PREFIX = ""
(
    EMAIL_BACKEND,
    EMAIL_HOST,
    EMAIL_PORT,
    EMAIL_HOST_USER,
    EMAIL_HOST_PASSWORD,
    EMAIL_USE_TLS,
    EMAIL_USE_SSL,
) = email_settings(env.email_url)
VAPID_PRIVATE_KEY = env.vapid_private_key
VAPID_SUBJECT = PUBLIC_URL or f"mailto:central@{_HOST}"
PARTNER_ORIGINS = [o.strip().rstrip("/") for o in env.partner_origins.split(",") if o.strip()]
# Whence pictures that reports name are fetched although it is not the public Internet: nowhere.
PICTURE_ORIGINS: list[str] = []
PUSH_HOSTS = [h.strip().rstrip("/") for h in env.push_hosts.split(",") if h.strip()]
# Where links in messages lead; a page knows its own address, a job does not.
ORIGIN = PUBLIC_URL or f"http://127.0.0.1:{env.port}"

PROCRASTINATE_IMPORT_PATHS = [
    "issues.interfaces.tasks",
    "maps.analytics.tasks",
    "maps.opendata.tasks",
    "maps.tiles.tasks",
]

DASK_SCHEDULER = env.dask_scheduler

BEHIND_PROXY = env.behind_proxy
BASEMAP = env.basemap
BASEMAP_ATTRIBUTION = env.basemap_attribution

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "geo_central.http.problem.drf_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "GeoCentral",
    "DESCRIPTION": "Requests of citizens as geolocated features.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.log_level},
    "loggers": {"procrastinate": {"level": "WARNING"}},
}


def require(**named: str) -> None:
    """Refuse to start when a secret is missing."""
    from django.core.exceptions import ImproperlyConfigured

    for name, value in named.items():
        if not value:
            raise ImproperlyConfigured(f"{name} is not set. See `manage.py env`.")
