"""{{ error|words }}: a domain error in the reader's language."""

from django import template

from geo_central.http.words import say
from geo_central.kernel.errors import DomainError

register = template.Library()


@register.filter
def words(error: DomainError | str | None) -> str:
    return say(error) if isinstance(error, DomainError) else (error or "")
