"""Pages and API: WSGI under granian."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geo_central.settings.dev")
application = get_wsgi_application()
