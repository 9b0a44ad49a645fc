"""The report as one HTML file: heat, clusters and areas on a Leaflet map, drawn by folium.

The only module that knows folium; import it where a report is made, not when a process starts.
Every library is written into the file, so that it opens anywhere and asks nobody for anything.
"""

import base64
import html
import json
import mimetypes
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import folium
from branca.element import MacroElement
from branca.utilities import color_brewer
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext
from folium.plugins import FastMarkerCluster, HeatMap
from jinja2 import Template

from layers.queries import area_geojson
from maps.filters import HeatFilters

from .queries import Cell, Count, Counts, PublicPoint, counts, public_cells, public_points
from .wording import in_words

MOST_POINTS = 5000
SIMPLIFY_M = 25
_COLOURS = "YlOrRd"
HEAT = {0.2: "#fed98e", 0.45: "#fe9929", 0.65: "#e34a33", 0.85: "#b30000", 1.0: "#67000d"}

_NPM = "vendor"
# What folium would load from elsewhere → our copy. An address that is in neither table is an error.
OURS: Mapping[str, str] = {
    "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js": f"{_NPM}/leaflet/dist/leaflet.js",
    "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.css": f"{_NPM}/leaflet/dist/leaflet.css",
    "https://cdnjs.cloudflare.com/ajax/libs/leaflet.markercluster/1.1.0/leaflet.markercluster.js": (
        f"{_NPM}/leaflet.markercluster/dist/leaflet.markercluster.js"
    ),
    "https://cdnjs.cloudflare.com/ajax/libs/leaflet.markercluster/1.1.0/MarkerCluster.css": (
        f"{_NPM}/leaflet.markercluster/dist/MarkerCluster.css"
    ),
    "https://cdnjs.cloudflare.com/ajax/libs/leaflet.markercluster/1.1.0/MarkerCluster.Default.css": (
        f"{_NPM}/leaflet.markercluster/dist/MarkerCluster.Default.css"
    ),
    "https://cdn.jsdelivr.net/gh/python-visualization/folium@main/folium/templates/leaflet_heat.min.js": (
        "folium:leaflet_heat.min.js"
    ),
}
# Icons and boxes that a map of circles, areas and heat does not use.
UNUSED = frozenset(
    {
        "https://code.jquery.com/jquery-3.7.1.min.js",
        "https://cdn.jsdelivr.net/npm/bootstrap@5.2.2/dist/js/bootstrap.bundle.min.js",
        "https://cdn.jsdelivr.net/npm/bootstrap@5.2.2/dist/css/bootstrap.min.css",
        "https://cdnjs.cloudflare.com/ajax/libs/Leaflet.awesome-markers/2.0.2/leaflet.awesome-markers.js",
        "https://cdnjs.cloudflare.com/ajax/libs/Leaflet.awesome-markers/2.0.2/leaflet.awesome-markers.css",
        "https://netdna.bootstrapcdn.com/bootstrap/3.0.0/css/bootstrap-glyphicons.css",
        "https://cdn.jsdelivr.net/npm/@fortawesome/fontawesome-free@6.2.0/css/all.min.css",
        "https://cdn.jsdelivr.net/gh/python-visualization/folium/folium/templates/leaflet.awesome.rotate.min.css",
    }
)
_SCRIPT = re.compile(r'<script src="([^"]+)"></script>')
_STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)"\s*/?>')
_REMOTE = re.compile(
    r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//[^\s"'>]*|(?:url\(|@import)\s*["']?(?:https?:)?//"""
)
_ASSET = re.compile(r"""url\(["']?(?!data:|#)([^"')]+)["']?\)""")


class RemoteAddress(RuntimeError):
    """The report would load something from another machine."""


def report(filters: HeatFilters, *, now: datetime) -> str:
    """The whole HTML document of the report for these filters, made at `now`.

    Raises RemoteAddress rather than return a document that would load anything, and NotFound
    `layer.unknown` where the city's neighbourhoods have not been published.
    """
    found, cells = counts(filters), public_cells(filters)
    points = public_points(filters, limit=MOST_POINTS)
    areas = _with_counts(area_geojson(settings.CITY.neighbourhood_layer, simplify_m=SIMPLIFY_M), found)
    board = empty_map()
    steps = _steps([count.n for count in found.areas if count.code])
    _add_outline(board, areas)
    _add_areas(board, areas, found, steps)
    _add_clusters(board, points)
    _add_heat(board, cells)
    folium.LayerControl(collapsed=False).add_to(board)
    facts = {
        "city_name": settings.CITY.name,
        "lines": in_words(filters),
        "counts": found,
        "points": len(points),
        "capped": len(points) == MOST_POINTS,
        "made_at": date_format(localtime(now), "SHORT_DATETIME_FORMAT"),
        "steps": _legend(steps),
    }
    title = f"{gettext('Mapa de pedidos')} · {settings.CITY.name}"
    return alone(board, render_to_string("maps/report_legend.html", facts), title)


def alone(board: folium.Map, legend: str, title: str) -> str:
    """The whole HTML document of a map, with `legend` (HTML) beside it: it needs nothing else.

    Raises RemoteAddress rather than return a document that would load anything.
    """
    _Polish(board).add_to(board)
    return _alone(_titled(board.get_root().render(), legend, title))


def empty_map() -> folium.Map:
    """A map with no tiles, on the city's window."""
    board = folium.Map(
        location=[settings.CITY.centre[1], settings.CITY.centre[0]],
        zoom_start=11,
        tiles=None,
        zoom_control=False,
        prefer_canvas=True,
    )
    board.options["max_zoom"] = 18
    west, south, east, north = settings.CITY.bounds
    board.fit_bounds([[south, west], [north, east]])
    return board


def _with_counts(geojson: str, found: Counts) -> dict[str, object]:
    """The areas with their count and a name that is safe as HTML, since the tooltip is HTML."""
    collection: dict[str, object] = json.loads(geojson)
    of = {count.code: count for count in found.areas}
    for feature in collection["features"]:  # type: ignore[attr-defined]
        facts = feature["properties"]
        count = of.get(facts["code"], Count(facts["code"], facts["name"], 0, 0, 0))
        facts["name"] = html.escape(facts["name"])
        facts.update(n=count.n, open=count.open)
    return collection


def _steps(numbers: Sequence[int]) -> list[int]:
    """Three to five classes with about as many areas each; the last number of each, growing."""
    ordered = sorted(n for n in numbers if n) or [1]
    cuts = sorted({ordered[min(len(ordered) - 1, len(ordered) * k // 5)] for k in range(1, 6)})
    while len(cuts) < 3:
        cuts.append(cuts[-1] + 1)
    return cuts


def _add_outline(board: folium.Map, areas: dict[str, object]) -> None:
    """The areas under everything, always there: they are the basemap of the report."""
    outline = {"color": "#8a94a3", "weight": 1, "fillColor": "#f4f2ed", "fillOpacity": 1}
    folium.GeoJson(areas, style_function=lambda _: outline, control=False, interactive=False).add_to(board)


def _add_areas(board: folium.Map, areas: dict[str, object], found: Counts, steps: list[int]) -> None:
    shades = folium.Choropleth(
        geo_data=areas,
        data={count.code: count.n for count in found.areas if count.code},
        key_on="feature.properties.code",
        # folium's classes are half-open: each begins after the last number of the one before.
        bins=[1, *(step + 1 for step in steps)],
        fill_color=_COLOURS,
        fill_opacity=0.55,
        line_color="#5d6673",
        line_weight=1,
        line_opacity=0.8,
        nan_fill_color="#eef0f2",
        nan_fill_opacity=0.7,
        name=gettext("Pedidos por bairro"),
        show=False,
    )
    # Its own legend would bring a third library, in English; the report has one in words.
    for key in [key for key in shades._children if key.startswith("color_map")]:
        del shades._children[key]
    folium.GeoJsonTooltip(
        fields=["name", "n", "open"],
        aliases=[gettext("Bairro"), gettext("Pedidos"), gettext("Abertos")],
        sticky=True,
    ).add_to(shades.geojson)
    shades.add_to(board)


def _add_heat(board: folium.Map, cells: Sequence[Cell]) -> None:
    """Heat relative to the fullest hundredth of the cells, so that one cell does not dim the city."""
    top = cells[len(cells) // 100].n if cells else 1
    HeatMap(
        [[round(c.lat, 5), round(c.lng, 5), round(min(1.0, c.n / top), 3)] for c in cells],
        name=gettext("Concentração de pedidos"),
        min_opacity=0.25,
        radius=13,
        blur=12,
        max_zoom=13,
        gradient=HEAT,
    ).add_to(board)


# A function of [lat, lng, service, day, is open, protocol]; the popup's texts are text, never HTML.
_MARKER = """(function () {
  var names = %(names)s, words = %(words)s;
  return function (row) {
    var marker = L.circleMarker([row[0], row[1]], {radius: 7, weight: 2, color: '#ffffff',
      fillColor: row[4] ? '#c8102e' : '#155bcb', fillOpacity: 0.9});
    marker.bindPopup(function () {
      var box = document.createElement('div');
      [names[row[2]], words[row[4]], row[3], row[5]].forEach(function (text, i) {
        var line = document.createElement(i ? 'div' : 'strong');
        line.textContent = text;
        box.appendChild(line);
      });
      return box;
    });
    return marker;
  };
})();"""


def _add_clusters(board: folium.Map, points: Sequence[PublicPoint]) -> None:
    names = sorted({p.service for p in points})
    index = {name: at for at, name in enumerate(names)}
    days = {day: date_format(day, "SHORT_DATE_FORMAT") for day in {p.opened_on for p in points}}
    rows = [
        [round(p.lat, 6), round(p.lng, 6), index[p.service], days[p.opened_on], int(p.is_open), p.protocol]
        for p in points
    ]
    words = [gettext("Encerrado"), gettext("Aberto")]
    callback = _MARKER % {"names": _script_json(names), "words": _script_json(words)}
    group = folium.FeatureGroup(name=gettext("Pedidos, um a um"), show=False)
    FastMarkerCluster(rows, callback=callback, control=False).add_to(group.add_to(board))


def _script_json(value: object) -> str:
    """JSON that cannot end the script it stands in."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")


class _Polish(MacroElement):
    """The controls in the reader's language, and no flag beside Leaflet's name."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        L.control.zoom({zoomInTitle: {{ this.words[0]|tojson }}, zoomOutTitle: {{ this.words[1]|tojson }}})
          .addTo({{ this.board }});
        L.control.scale({imperial: false, position: 'bottomright'}).addTo({{ this.board }});
        {{ this.board }}.attributionControl.setPrefix(false);
        {{ this.board }}.getContainer().setAttribute('role', 'application');
        {{ this.board }}.getContainer().setAttribute('aria-label', {{ this.words[2]|tojson }});
        if (window.innerWidth < 640) document.querySelector('.about').open = false;
        {% endmacro %}
        """
    )

    def __init__(self, board: folium.Map) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.board = board.get_name()
        self.words = [gettext("Aproximar"), gettext("Afastar"), gettext("Mapa")]


def _legend(steps: Sequence[int]) -> list[tuple[int, int, str]]:
    """The classes of the areas: first number, last number, colour."""
    colours = color_brewer(_COLOURS, n=len(steps))
    return [(a + 1, b, c) for a, b, c in zip([0, *steps[:-1]], steps, colours, strict=True)]


def _titled(page: str, legend: str, title: str) -> str:
    """What folium leaves out: the language, a title, and words beside the map."""
    title = html.escape(title)
    page = page.replace("<html>", f'<html lang="{get_language() or settings.LANGUAGE_CODE}">', 1)
    page = page.replace("<head>", f"<head><title>{title}</title>", 1)
    return page.replace("<body>", f"<body>{legend}", 1)


def _alone(page: str) -> str:
    """The page with every library written into it. Raises RemoteAddress if an address is left.

    Looked for before the libraries come in: those are ours, and name their homes in comments.
    """
    left = _REMOTE.search(_STYLE.sub("", _SCRIPT.sub("", page)))
    if left:
        raise RemoteAddress(left[0])
    page = _SCRIPT.sub(lambda m: _inlined(m[1], "script", lambda path: path.read_text("utf-8")), page)
    return _STYLE.sub(lambda m: _inlined(m[1], "style", _stylesheet), page)


def _inlined(url: str, tag: str, read: Callable[[Path], str]) -> str:
    if url in UNUSED:
        return ""
    if url not in OURS:
        raise RemoteAddress(url)
    return f"<{tag}>{read(_file(OURS[url]))}</{tag}>"


def _file(name: str) -> Path:
    """Our copy of a library: under static/, or in folium's own package."""
    if name.startswith("folium:"):
        return Path(str(files("folium") / "templates" / name.removeprefix("folium:")))
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(f"static/{name} is missing: run `make` to fetch the front-end libraries")
    return Path(found)


def _stylesheet(path: Path) -> str:
    """A stylesheet with its images as data."""

    def embed(match: re.Match[str]) -> str:
        if "//" in match[1]:
            raise RemoteAddress(match[1])
        image = path.parent / match[1]
        kind = mimetypes.guess_type(image.name)[0] or "application/octet-stream"
        return f'url("data:{kind};base64,{base64.b64encode(image.read_bytes()).decode()}")'

    return _ASSET.sub(embed, path.read_text("utf-8"))
