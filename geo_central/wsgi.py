"""Pages and API: WSGI under granian."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geo_central.settings.dev")
application = get_wsgi_application()

# After Django is set up: whoever asks for the first heat tile does not wait for a compiler to be loaded.
from maps.tiles.heat import warm  # noqa: E402

warm()
