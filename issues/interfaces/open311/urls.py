"""`v2/`, below `open311/` and `open311/test/`; each address ends in the form that it answers in."""

from typing import Any

from django.urls import URLPattern, path, re_path
from django.views.generic import RedirectView

from . import extensions, help_page, openapi, services, views

_FORM = r"\.(?P<form>json|xml)"


def _room(*, test: bool) -> list[URLPattern]:
    more: dict[str, Any] = {"test": test}
    return [
        re_path(r"^v2/?$", RedirectView.as_view(pattern_name="open311:help"), name="root"),
        re_path(rf"^v2/discovery{_FORM}$", services.discovery, name="discovery"),
        re_path(rf"^v2/services{_FORM}$", services.services, name="services"),
        re_path(rf"^v2/services/(?P<code>[-\w]{{1,64}}){_FORM}$", services.definition, name="service"),
        re_path(rf"^v2/requests{_FORM}$", views.requests, more, name="requests"),
        re_path(rf"^v2/requests/(?P<number>[^/]{{1,40}}){_FORM}$", views.request_, name="request"),
        re_path(rf"^v2/servicerequestupdates{_FORM}$", views.updates, more, name="updates"),
        re_path(rf"^v2/tokens/(?P<token>[^/]{{1,64}}){_FORM}$", views.token, name="token"),
        re_path(rf"^v2/extensions{_FORM}$", extensions.catalogue, name="extensions"),
        re_path(rf"^v2/.*{_FORM}$", views.nothing),
    ]


production = [
    path("", help_page.page, name="help"),
    path("v2/openapi.json", openapi.document, name="openapi"),
    *_room(test=False),
]
test = _room(test=True)
