"""Pieces of the page's shell: icons, and the import map that names the house's modules."""

import json

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Bare names, so that a module imports another under the name that collectstatic has hashed.
MODULES = {
    "maplibre-gl": "vendor/maplibre-gl/dist/maplibre-gl.mjs",
    "pmtiles": "vendor/pmtiles/dist/esm/index.js",
    "fflate": "vendor/fflate/esm/browser.js",
    **{
        f"house/{name}": f"js/{name}.js"
        for name in ("api", "combobox", "draft", "errors", "map", "photo", "pin", "place")
    },
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; silent for screen readers unless it carries a label."""
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="icon" {}><use href="{}#{}"/></svg>', voice, static("img/icons.svg"), name)


@register.simple_tag
def import_map() -> SafeString:
    """The JSON of the import map."""
    imports = {name: static(path) for name, path in MODULES.items()}
    return mark_safe(json.dumps({"imports": imports}).replace("<", "\\u003c"))  # noqa: S308 (our own paths)


@register.simple_tag
def data_script(value: object, element_id: str) -> SafeString:
    """A value for the page's modules, as a JSON block with an id."""
    return json_script(value, element_id)
