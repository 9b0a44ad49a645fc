"""Live streams: ASGI under granian, beside the pages' WSGI and behind the same origin."""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geo_central.settings.dev")
django.setup()

from geo_central.http.problem import body_of, status_of  # noqa: E402
from geo_central.kernel.errors import DomainError  # noqa: E402
from maps.tracking.app import Receive, Scope, Send, Streams  # noqa: E402

streams = Streams()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The streams; what they refuse is a problem document, by the one table."""
    try:
        await streams(scope, receive, send)
    except DomainError as error:
        headers = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
        if wait := error.data.get("retry_after"):
            headers.append((b"retry-after", str(wait).encode()))
        await send({"type": "http.response.start", "status": status_of(error), "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(body_of(error)).encode()})
