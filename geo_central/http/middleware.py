"""Domain errors become problem documents; every answer carries the house's policies."""

from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from geo_central.kernel import errors

from .problem import response_for

Next = Callable[[HttpRequest], HttpResponse]


class PolicyMiddleware:
    """Permissions-Policy: the pages may ask for the position and the camera, nothing else."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "geolocation=(self), camera=(self), microphone=(), payment=()"
        )
        return response


class ProblemMiddleware:
    """Any DomainError that a view lets through is answered by the one table."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        if isinstance(exc, RequestDataTooBig):
            exc = errors.TooLarge("body.too_large")
        return response_for(request, exc) if isinstance(exc, errors.DomainError) else None
