"""/equipe/ as an application that is installed and opens without a network.

The worker is ONE classic script (not every browser knows modules there): the store, the outbox and
the worker itself, whose `export` and `import` are taken out. Its version is a digest of the shell.
"""

import hashlib
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from .views import blank_context

PARTS = ("crew-store", "crew-outbox", "crew-worker")
MAP_FILES = (
    "css/map.css",
    "js/map.js",
    "js/pin.js",
    "vendor/maplibre-gl/dist/maplibre-gl.mjs",
    "vendor/maplibre-gl/dist/maplibre-gl-worker.mjs",
    "vendor/maplibre-gl/dist/maplibre-gl.css",
)
PMTILES_FILES = ("vendor/pmtiles/dist/esm/index.js", "vendor/fflate/esm/browser.js")
_NOBODY = SimpleNamespace(get_full_name="", get_username="", role="")
_MODULE = re.compile(r"^import [^;]+;$|^export (?:default )?(?=async|function|const|let|class)", re.MULTILINE)
_ASSET = re.compile(r'(?:href|src)="(' + re.escape(settings.STATIC_URL) + r'[^"#]+)')
_SECRET = re.compile(r'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"')


@cache_control(max_age=0, no_cache=True)
@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The page without anybody's data: what the worker keeps and shows when there is no network."""
    return render(request, "crew/near.html", _context())


@cache_control(max_age=3600)
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """How the application is called and drawn once it is installed."""
    icon = [
        {
            "src": static(f"img/crew-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": use,
        }
        for size in (192, 512)
        for use in ("any", "maskable")
    ]
    body = {
        "id": "/equipe/",
        "name": f"{_('Equipes')} · {settings.CITY.name}",
        "short_name": _("Equipes"),
        "description": _("Chamados perto da equipe, com ou sem conexão."),
        "lang": "pt-BR",
        "start_url": reverse("crew:near"),
        "scope": reverse("crew:near"),
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#071d41",
        "theme_color": "#071d41",
        "icons": icon,
    }
    return JsonResponse(body, content_type="application/manifest+json")


@cache_control(no_cache=True, max_age=0)
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the list of what it keeps. Anew with every change of the shell."""
    page = _SECRET.sub("", render_to_string("crew/near.html", _context(), request))
    source = "\n".join(_classic(name) for name in PARTS)
    mode, _sep, url = settings.BASEMAP.partition(":")
    config: dict[str, Any] = {
        "page": reverse("crew:shell"),
        "shell": _assets(page),
        "map": [static(f) for f in (*MAP_FILES, *(PMTILES_FILES if mode == "pmtiles" else ()))],
        "tiles": (url or "/tiles/base/").partition("{")[0],
    }
    digest = hashlib.sha256((page + source + json.dumps(config)).encode()).hexdigest()
    config["version"] = digest[:16]
    response = HttpResponse(
        f"const CONFIG = {json.dumps(config)};\n{source}", content_type="text/javascript; charset=utf-8"
    )
    response["Service-Worker-Allowed"] = reverse("crew:near")
    return response


def _assets(page: str) -> list[str]:
    """What the page asks for by itself, and the modules that it imports under a bare name."""
    imported = (static(f"js/{name}.js") for name in ("api", "combobox", "photo", *_own_modules()))
    font = static("vendor/raleway/raleway.woff2")
    return sorted({*_ASSET.findall(page), *imported, font, static("img/icons.svg")})


def _own_modules() -> list[str]:
    folder = Path(settings.STATICFILES_DIRS[0]) / "js"
    return sorted(p.stem for p in folder.glob("crew*.js") if p.stem != "crew-worker")


def _classic(name: str) -> str:
    found = finders.find(f"js/{name}.js")
    if not isinstance(found, str):
        raise FileNotFoundError(f"js/{name}.js")
    return _MODULE.sub("", Path(found).read_text(encoding="utf-8"))


def _context() -> dict[str, Any]:
    return {**blank_context(), "user": _NOBODY, "is_shell": True}
