"""The screen as files: tables, a GeoPackage, a picture, a document, and a map that opens by itself.

What draws them is heavy: it is imported where a file is asked for.
"""

import csv
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy

from maps.web.sheets import cell

from .asked import Words
from .drawn import Drawn
from .panels import Area, Line
from .seen import Seen

KINDS: dict[str, tuple[str, str]] = {
    "png": ("image/png", "png"),
    "pdf": ("application/pdf", "pdf"),
    "gpkg": ("application/geopackage+sqlite3", "gpkg"),
    "csv": ("text/csv; charset=utf-8", "csv"),
    "html": ("text/html; charset=utf-8", "html"),
}
NAMES: Words = {
    "png": gettext_lazy("Imagem (PNG)"),
    "pdf": gettext_lazy("Documento (PDF)"),
    "gpkg": gettext_lazy("GeoPackage"),
    "csv": gettext_lazy("Tabela (CSV)"),
    "html": gettext_lazy("Mapa que abre sozinho (HTML)"),
}
Row = dict[str, Any]


def made(screen: Seen, kind: str) -> bytes:
    """The file of a kind of KINDS."""
    makers: dict[str, Callable[[Seen], bytes]] = {
        "png": _png, "pdf": _pdf, "gpkg": geopackage, "csv": table, "html": _html,
    }  # fmt: skip
    return makers[kind](screen)


def area_rows(screen: Seen) -> list[Row]:
    """The table beside the map: every area with its numbers, and the one of the step that is shown."""
    found = screen.found
    rows = [_area(area) for area in found.areas]
    if screen.at:
        step = found.counted.steps.each[screen.at - 1]
        for row, value in zip(rows, found.numbers[:, screen.at - 1].tolist(), strict=False):
            row["step_first"], row["step_last"] = step.first.isoformat(), step.last.isoformat()
            row["step_value"] = None if value != value else value
    return rows


def step_rows(found: Drawn) -> list[Row]:
    """Requests in each step of time."""
    return [
        {"first": step.first.isoformat(), "last": step.last.isoformat(), "requests": n}
        for step, n in found.steps_with_n
    ]


def line_rows(lines: tuple[Line, ...]) -> list[Row]:
    """Teams or regions and how their targets were met."""
    return [
        {"code": line.code, "name": line.name, "department": line.note, **_served(line)} for line in lines
    ]


def theme_rows(found: Drawn) -> list[Row]:
    """Requests of each theme in each step."""
    return [
        {"theme": theme.code, "name": theme.name, "first": step.first.isoformat(), "requests": n}
        for theme in found.themes
        for step, n in zip(found.counted.steps.each, theme.steps, strict=True)
    ]


def table(screen: Seen) -> bytes:
    """CSV (RFC 4180, UTF-8) of the areas."""
    rows = area_rows(screen)
    out = io.StringIO()
    lines = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)), restval="")
    lines.writeheader()
    lines.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode()


def geopackage(screen: Seen) -> bytes:
    """GeoPackage (OGC 12-128r19) with the layer `areas` in EPSG:4326 and the tables `steps`, `themes`,
    `teams` and `regions`."""
    import geopandas
    import pandas
    import shapely
    from pyogrio import write_dataframe

    by_code = {shape.code: shape for shape in screen.shapes}
    rows = [row for row in area_rows(screen) if row["code"] in by_code]
    shapes = [shapely.geometry.shape(by_code[row["code"]].feature["geometry"]) for row in rows]
    colours = [
        {**row, "shown": by_code[row["code"]].value, "colour": by_code[row["code"]].colour} for row in rows
    ]
    areas = geopandas.GeoDataFrame(colours, geometry=shapes, crs="EPSG:4326")
    found = screen.found
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "quadro.gpkg"
        write_dataframe(areas, path, layer="areas", driver="GPKG", promote_to_multi=True)
        for name, lines in (
            ("steps", step_rows(found)),
            ("themes", theme_rows(found)),
            ("teams", line_rows(found.teams)),
            ("regions", line_rows(found.regions)),
        ):
            if lines:
                write_dataframe(pandas.DataFrame(lines), path, layer=name, driver="GPKG", append=True)
        return path.read_bytes()


def _png(screen: Seen) -> bytes:
    from .picture import png

    return png(screen)


def _pdf(screen: Seen) -> bytes:
    from .picture import pdf

    return pdf(screen)


def _html(screen: Seen) -> bytes:
    from .alone import page

    return page(screen).encode()


def _area(area: Area) -> Row:
    change, trend = area.change, area.trend
    return {
        "code": area.code,
        "name": area.name,
        **_served(area),
        "per_km2": None if area.per_km2 is None else round(area.per_km2, 3),
        "before": change.before if change else None,
        "change": change.by if change else None,
        "change_percent": None if change is None or change.percent is None else round(change.percent, 2),
        "change_is_clear": change.clear if change else None,
        "trend_percent_a_year": None if trend.percent is None else round(trend.percent, 2),
        "trend_is_clear": trend.clear if trend.percent is not None else None,
    }


def _served(line: Area | Line) -> Row:
    served = line.served
    return {
        "requests": served.n,
        "closed": served.closed,
        "open": served.open,
        "late": served.late,
        "in_time_percent": None if served.in_time is None else round(served.in_time, 2),
        "median_days": served.days,
    }
