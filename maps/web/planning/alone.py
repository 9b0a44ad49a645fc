"""The screen as one HTML file that needs no server: areas and heat on a Leaflet map, drawn by folium."""

import html
from dataclasses import replace
from typing import Any

import folium
import numpy as np
from django.conf import settings
from django.template.loader import render_to_string
from folium.plugins import HeatMap

from geo_central.kernel.geo import Box
from maps.analytics.folium_map import HEAT, alone, empty_map
from maps.filters import HeatFilters
from maps.tiles.counting import cells, mercator

from .drawn import say_period
from .seen import Seen

SIDE = 256  # squares of heat along the city's longer side


def page(screen: Seen) -> str:
    """The whole document. Raises RemoteAddress rather than write one that would load anything."""
    sheet = empty_map()
    _areas(sheet, screen)
    if screen.show in ("heat", "swipe"):
        for n, (first, last) in enumerate(screen.periods):
            filters = replace(screen.found.board.filters, first=first, last=last)
            layer = HeatMap(
                _heat(filters), name=say_period(first, last), min_opacity=0.25, radius=13, blur=12,
                max_zoom=13, gradient=HEAT, show=n == len(screen.periods) - 1,
            )  # fmt: skip
            layer.add_to(sheet)
        folium.LayerControl(collapsed=False).add_to(sheet)
    legend = render_to_string(
        "maps/report_board_legend.html",
        {
            "title": screen.title,
            "city_name": settings.CITY.name,
            "lines": screen.lines,
            "legend": screen.legend,
        },
    )
    return alone(sheet, legend, f"{screen.title} · {settings.CITY.name}")


def _areas(sheet: folium.Map, screen: Seen) -> None:
    """Areas in their colours over their own land, with what they stand for in words that are safe as HTML."""
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "geometry": shape.feature["geometry"],
            "properties": {
                "name": html.escape(shape.name),
                "said": html.escape(shape.said),
                "colour": shape.colour,
                "opacity": shape.opacity,
            },
        }
        for shape in screen.shapes
    ]
    whole = {"type": "FeatureCollection", "features": features}
    outline = {"color": "#8a94a3", "weight": 1, "fillColor": "#f4f2ed", "fillOpacity": 1}
    folium.GeoJson(whole, style_function=lambda _: outline, control=False, interactive=False).add_to(sheet)
    coloured = folium.GeoJson(
        whole,
        control=False,
        style_function=lambda feature: {
            "color": "#5d6673",
            "weight": 1,
            "fillColor": feature["properties"]["colour"],
            "fillOpacity": feature["properties"]["opacity"],
        },
    )
    folium.GeoJsonTooltip(fields=["name", "said"], labels=False, sticky=True).add_to(coloured)
    coloured.add_to(sheet)


def _heat(filters: HeatFilters) -> list[list[float]]:
    """[lat, lng, weight] of squares that have requests; the fullest hundredth weighs 1."""
    west, south, east, north = settings.CITY.bounds
    counts = cells(filters, Box(west, south, east, north), SIDE)
    line, column = np.nonzero(counts > 0)
    if not len(line):
        return []
    top, bottom = mercator(north), mercator(south)
    down = top + (line + 0.5) / SIDE * (bottom - top)
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * down))))
    lng = west + (column + 0.5) / SIDE * (east - west)
    weight = np.minimum(1.0, counts[line, column] / max(1.0, float(np.quantile(counts[line, column], 0.99))))
    return np.round(np.column_stack((lat, lng, weight)), 5).tolist()  # type: ignore[no-any-return]
