"""Numbers as the managers' pages show them."""

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def grouped(n: int) -> str:
    """12345 → 12.345, in the reader's language."""
    return number_format(n, force_grouping=True)
