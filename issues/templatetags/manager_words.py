"""Numbers as the managers' pages show them."""

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def grouped(n: int) -> str:
    """12345 → 12.345, in the reader's language."""
    return number_format(n, force_grouping=True)


@register.simple_tag
def shares_bar(part: int, whole: int, top: int) -> SafeString:
    """A bar of `whole` against the longest one, `part` of it in the colour of what is late."""
    width = 100 * whole / top if top else 0
    late = 100 * part / top if top else 0
    return format_html(
        '<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rest" width="{}" height="4"/><rect width="{}" height="4"/></svg>',
        round(width, 1),
        round(late, 1),
    )
