"""A small map drawn on the server: for confirmations and for readers without JavaScript."""

from django.conf import settings
from django.utils.html import escape
from django.utils.translation import gettext as _

from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query

STREET_SVG = Query(__file__, "street_svg")
LABELS = 5
LABEL_ROOM_M = 60  # a street shorter than this in the picture has no room for its name


def street_svg(point: LngLat, radius_m: float = 150) -> str:
    """An SVG picture of the streets within a square of `radius_m` metres around a point.

    Classes `minimap`, `minimap-street`, `minimap-main`, `minimap-border`, `minimap-name` and
    `minimap-pin` are for the style sheet: nothing is styled inline. The text alternative names the
    streets. The point must lie inside the city (`place_at` says).
    """
    rows = STREET_SVG.rows(
        {
            "lng": point.lng,
            "lat": point.lat,
            "radius": float(radius_m),
            "outline": settings.CITY.neighbourhood_layer,
        }
    )
    paths: list[str] = []
    labels: list[str] = []
    names: list[str] = []
    for row in rows:
        if not row.path:
            continue
        if row.kind == "border":
            paths.append(f'<path class="minimap-border" d="{row.path}"/>')
            continue
        kind = "minimap-street minimap-main" if row.is_main else "minimap-street"
        labelled = row.name and row.metres >= LABEL_ROOM_M and len(names) < LABELS
        mark = f' id="minimap-{len(names)}"' if labelled else ""
        paths.append(f'<path class="{kind}"{mark} d="{row.path}"/>')
        if labelled:
            labels.append(
                f'<text class="minimap-name"><textPath href="#minimap-{len(names)}" startOffset="50%">'
                f"{escape(row.name)}</textPath></text>"
            )
            names.append(row.name)
    around = _("Mapa do local: %s") % ", ".join(names) if names else _("Mapa do local")
    side = round(2 * radius_m)
    view = f"{-side // 2} {-side // 2} {side} {side}"
    return (
        f'<svg class="minimap" xmlns="http://www.w3.org/2000/svg" role="img" viewBox="{view}"'
        ' preserveAspectRatio="xMidYMid slice"'
        f' width="{side}" height="{side}"><title>{escape(around)}</title>'
        f'{"".join(paths)}{"".join(labels)}<circle class="minimap-pin" r="7"/></svg>'
    )
