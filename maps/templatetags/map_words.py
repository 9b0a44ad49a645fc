"""Numbers and shares as the map pages show them."""

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def grouped(n: int) -> str:
    """12345 → 12.345, in the reader's language."""
    return number_format(n, force_grouping=True)


@register.filter
def share(n: int, whole: int) -> int:
    """How many hundredths of `whole` n is; 0 of nothing."""
    return round(100 * n / whole) if whole else 0
