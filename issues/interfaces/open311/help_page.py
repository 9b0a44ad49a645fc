"""/open311/: what somebody who writes a client has to know, on one page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from .extensions import EXTENSIONS


def page(request: HttpRequest) -> HttpResponse:
    """Endpoints, keys, extensions and a call to try."""
    context = {
        "production": request.build_absolute_uri(reverse("open311:root")),
        "test": request.build_absolute_uri(reverse("open311-test:root")),
        "jurisdiction": settings.CITY.jurisdiction,
        "extensions": EXTENSIONS,
    }
    return render(request, "open311/help.html", context)
