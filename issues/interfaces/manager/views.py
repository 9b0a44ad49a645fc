"""/gestao/: the managers' entrance."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from .access import for_managers


@for_managers
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The rules come first."""
    return redirect("manager:rules")
