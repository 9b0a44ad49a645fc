"""One machine, `make up`: the embedded PostGIS and keys kept in var/secrets.env."""

from .base import *  # noqa: F403
from .base import database, database_url, env

DATABASES = {"default": database(database_url())}
ALLOWED_HOSTS = ["*"]
SECRET_KEY = env.secret_key or "not-a-secret-before-make-up-has-written-one"
PERSONAL_DATA_KEY = env.personal_data_key
