"""What every template may show."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def city(request: HttpRequest) -> dict[str, Any]:
    return {"city": settings.CITY, "debug": settings.DEBUG}
