"""A density as a picture for maps, and as a GeoTIFF for geographic information systems."""

import io
from uuid import uuid4

import numpy as np
from django.conf import settings
from django.contrib.gis.gdal import GDALRaster
from PIL import Image

from .density import Density, Frame
from .source import to_degrees

# From few to many: red, green, blue, opacity. The ramp of the heatmap.
_STOPS = (0.0, 0.04, 0.15, 0.35, 0.6, 1.0)
_RAMP = (
    (254, 217, 142, 0), (254, 217, 142, 110), (254, 153, 41, 170),
    (227, 74, 51, 190), (179, 0, 0, 205), (103, 0, 13, 215),
)  # fmt: skip


def picture(found: Density) -> bytes:
    """PNG, north up, coloured from 0 to the peak; transparent where there is next to nothing."""
    peak = float(found.values.max(initial=0)) or 1.0
    shares = found.values[::-1] / peak
    bands = [np.interp(shares, _STOPS, [c[band] for c in _RAMP]) for band in range(4)]
    image = Image.fromarray(np.stack(bands, axis=-1).astype(np.uint8), "RGBA")
    out = io.BytesIO()
    image.quantize(256, method=Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
    return out.getvalue()


def corners(frame: Frame) -> list[list[float]]:
    """[[lng, lat], …] of the picture's corners, from the upper left, clockwise."""
    x = np.array([frame.west, frame.east, frame.east, frame.west])
    y = np.array([frame.north, frame.north, frame.south, frame.south])
    lng, lat = to_degrees(x, y)
    return [[round(a, 7), round(b, 7)] for a, b in zip(lng.tolist(), lat.tolist(), strict=True)]


def geotiff(found: Density) -> bytes:
    """GeoTIFF of 32-bit floats (requests per km²) in the city's metric reference system, deflated."""
    frame = found.frame
    raster = GDALRaster(
        {
            "driver": "GTiff",
            "name": f"/vsimem/{uuid4()}.tif",
            "srid": settings.CITY.metric_srid,
            "width": frame.width,
            "height": frame.height,
            "origin": (frame.west, frame.north),
            "scale": (frame.pixel_m, -frame.pixel_m),
            "datatype": 6,
            "bands": [{"data": np.ascontiguousarray(found.values[::-1]).tobytes()}],
            "papsz_options": {"compress": "deflate", "predictor": "3"},
        }
    )
    return bytes(raster.vsi_buffer or b"")
