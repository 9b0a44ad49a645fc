"""Pieces of the page's shell: icons, and the import map that names the house's modules."""

import json
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

register = template.Library()

# Bare names, so that a module imports another under the name that collectstatic has hashed.
MODULES = {
    "maplibre-gl": "vendor/maplibre-gl/dist/maplibre-gl.mjs",
    "pmtiles": "vendor/pmtiles/dist/esm/index.js",
    "fflate": "vendor/fflate/esm/browser.js",
    **{
        f"house/{name}": f"js/{name}.js"
        for name in (
            "api",
            "choropleth",
            "combobox",
            "draft",
            "errors",
            "filters",
            "heat-areas",
            "hotspots",
            "timeline",
            "live",
            "map",
            "photo",
            "pin",
            "place",
            "planning-map",
            "planning-swipe",
            "crew-area",
            "crew-form",
            "crew-list",
            "crew-map",
            "crew-outbox",
            "crew-queue",
            "crew-sheet",
            "crew-store",
        )
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
def preload_modules(*names: str) -> SafeString:
    """Hints for the house's modules that a page is about to import."""
    return format_html_join(
        "\n  ", '<link rel="modulepreload" href="{}">', ((static(f"js/{name}.js"),) for name in names)
    )


@register.simple_tag(takes_context=True)
def view_here(context: Context) -> str:
    """The name of the view that is showing the page; empty on a page without one, such as a 404."""
    match = getattr(context.get("request"), "resolver_match", None)
    return match.view_name if match else ""


@register.simple_tag
def basemap_data() -> dict[str, Any]:
    """What `js/map.js` needs to know: the basemap's mode and address, the city's window, its words."""
    mode, _, url = settings.BASEMAP.partition(":")
    return {
        "mode": mode,
        "url": url,
        "tiles": "/tiles/base/{z}/{x}/{y}.mvt",
        "css": static("vendor/maplibre-gl/dist/maplibre-gl.css"),
        "attribution": settings.BASEMAP_ATTRIBUTION,
        "centre": settings.CITY.centre,
        "bounds": settings.CITY.bounds,
        "words": {
            "NavigationControl.ZoomIn": gettext("Aproximar"),
            "NavigationControl.ZoomOut": gettext("Afastar"),
            "GeolocateControl.FindMyLocation": gettext("Minha localização"),
            "GeolocateControl.LocationNotAvailable": gettext("Localização indisponível"),
            "AttributionControl.ToggleAttribution": gettext("Créditos do mapa"),
            "Map.Title": gettext("Mapa"),
            "Marker.Title": gettext("Marcador"),
            "Popup.Close": gettext("Fechar"),
            "unavailable": gettext("Este aparelho não mostra o mapa interativo. Use o endereço ou a lista."),
            "failed": gettext("O mapa não abriu. Confira a conexão e tente de novo."),
        },
    }
