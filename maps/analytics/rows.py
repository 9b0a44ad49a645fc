"""An analysis as rows to keep: columns as lists, shapes in metres as WKB. What the public may not see
is left out here."""

from typing import Any

import numpy as np
import shapely
from django.conf import settings
from numpy.typing import NDArray

from geo_central.kernel.errors import Unready
from layers.queries import areas_at
from maps.filters import LEAST_SHOWN

from .analysing import Analysis
from .grid import Floats
from .source import to_degrees


def cell_rows(found: Analysis) -> dict[str, list[Any]]:
    """The cells worth keeping: for staff those with requests or with something to say; for the public
    only those with at least LEAST_SHOWN requests."""
    star, history = found.star, found.history
    pattern = history.pattern if history else np.full(found.grid.n, "", dtype="<U1")
    if found.question.audience == "public":
        kept = found.counts >= LEAST_SHOWN
    else:
        kept = (found.counts > 0) | star.significant | (pattern != "")
    trend = history.trend.z if history else np.zeros(found.grid.n)
    heat = np.where(star.hot, 1, np.where(star.cold, -1, 0))
    rate = found.rates.smooth[kept].tolist() if found.rates else [None] * int(kept.sum())
    codes = np.array(found.grid.codes(), dtype=object)
    return {
        "code": codes[kept].tolist(),
        "shape": shapely.to_wkb(found.grid.polygons()[kept]).tolist(),
        "area": names_of(found.grid.centres()[kept]),
        "n": found.counts[kept].astype(int).tolist(),
        "rate": rate,
        "z": star.z[kept].tolist(),
        "p": star.p[kept].tolist(),
        "heat": heat[kept].tolist(),
        "pattern": pattern[kept].tolist(),
        "trend": trend[kept].tolist(),
    }


def shape_rows(found: Analysis) -> dict[str, list[Any]]:
    """The contours, from the densest, then the clusters, from the largest."""
    lines, outlines = found.contours, found.hulls
    shapes: NDArray[np.object_] = np.array(
        [*(c.shape for c in lines), *(h.shape for h in outlines)], dtype=object
    )
    middles = shapely.point_on_surface(shapes) if len(shapes) else shapes
    none: list[Any] = [None] * len(lines)
    return {
        "kind": ["contour"] * len(lines) + ["cluster"] * len(outlines),
        "rank": [*range(1, len(lines) + 1), *range(1, len(outlines) + 1)],
        "shape": shapely.to_wkb(shapes).tolist(),
        "area": names_of(np.column_stack((shapely.get_x(middles), shapely.get_y(middles)))),
        "n": [*none, *(h.n for h in outlines)],
        "per_km2": [*(c.level for c in lines), *(h.per_km2 for h in outlines)],
        "share": [*(c.share for c in lines), *([None] * len(outlines))],
    }


def names_of(middles: Floats) -> list[str]:
    """The neighbourhood's name of each point in metres (n, 2), "" where it lies in none."""
    if not len(middles):
        return []
    lng, lat = to_degrees(middles[:, 0], middles[:, 1])
    try:
        found = areas_at(lng, lat)
    except Unready:
        return [""] * len(middles)
    layer = settings.CITY.neighbourhood_layer
    names = [next((a.name for a in areas or () if a.layer == layer), "") for areas in found.sets]
    return [names[k][:120] for k in found.of.tolist()]
