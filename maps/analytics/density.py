"""Density of points in metres: a Gaussian kernel on a raster, and its contours."""

import math
from dataclasses import dataclass
from itertools import pairwise

import contourpy
import numpy as np
import scipy.fft
import shapely
from numpy.typing import NDArray

from geo_central.kernel.errors import Invalid

from .grid import Floats, Ints
from .scaling import Runner, blocks, here

SIDE = 1024
BANDWIDTHS_M = (50.0, 10_000.0)
# So many standard deviations away a Gaussian is nothing in single precision.
_REACH = 6.0
_SAMPLE = 100_000


@dataclass(frozen=True, slots=True)
class Frame:
    """A raster's place: its lower left corner and the side of its square pixels, in metres."""

    west: float
    south: float
    pixel_m: float
    width: int
    height: int

    @property
    def east(self) -> float:
        return self.west + self.pixel_m * self.width

    @property
    def north(self) -> float:
        return self.south + self.pixel_m * self.height


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """Points per square kilometre: `values` (height, width), the first row the southernmost.

    `n` points lie in the frame; `bandwidth_m` is the standard deviation of the kernel and `rule`
    says whence it comes: `silverman` or `given`.
    """

    values: NDArray[np.float32]
    frame: Frame
    n: int
    bandwidth_m: float
    rule: str


@dataclass(frozen=True, slots=True, eq=False)
class Contour:
    """Where the density is at least `level` (points per km²): the densest places that together hold
    `share` of the points. `shape` is a multipolygon in metres."""

    level: float
    share: float
    shape: shapely.Geometry


def frame_over(bounds: tuple[float, float, float, float], *, side: int = SIDE) -> Frame:
    """A frame of square pixels over (west, south, east, north) in metres, its longer side `side` pixels."""
    west, south, east, north = bounds
    pixel = float(max(east - west, north - south, 1.0)) / side
    width = max(1, math.ceil((east - west) / pixel - 1e-9))
    height = max(1, math.ceil((north - south) / pixel - 1e-9))
    return Frame(float(west), float(south), pixel, width, height)


def bandwidth(x: Floats, y: Floats) -> float:
    """Silverman's rule of thumb in metres, for the standard deviation of a Gaussian kernel.

    h = s n^(-1/6) in two dimensions (Silverman 1986, Density Estimation for Statistics and Data
    Analysis, equation 4.14), s being the smaller of the root of the mean variance of x and y and of the
    median distance from the median point over sqrt(2 ln 2), so that a few far points do not blur
    the rest. Of more than _SAMPLE points, evenly spaced ones are measured. Clipped to BANDWIDTHS_M.
    """
    low, high = BANDWIDTHS_M
    n = len(x)
    if n < 2:
        return low
    every = -(-n // _SAMPLE)
    x, y = x[::every], y[::every]
    spread = math.sqrt((float(np.var(x)) + float(np.var(y))) / 2)
    far = np.hypot(x - np.median(x), y - np.median(y))
    robust = float(np.median(far)) / math.sqrt(2 * math.log(2))
    s = min(spread, robust) if robust > 0 else spread
    return min(high, max(low, s * float(n ** (-1 / 6))))


def density(
    x: Floats,
    y: Floats,
    frame: Frame,
    *,
    bandwidth_m: float | None = None,
    runner: Runner = here,
    parts: int = 1,
) -> Density:
    """The kernel density of points (metres) on a frame; by Silverman's rule unless a bandwidth is given.

    Points are counted by pixel, then convolved with a Gaussian by the fast Fourier transform with
    empty space around them, so that nothing comes round from the other side (Silverman 1982,
    Applied Statistics 31:93-99). Exact but for the size of a pixel; single precision: about one
    part in a million of the peak. With `parts` the points are counted by the runner's workers.

    Raises Invalid `field.out_of_range` naming `bandwidth`.
    """
    low, high = BANDWIDTHS_M
    rule = "silverman" if bandwidth_m is None else "given"
    h = bandwidth(x, y) if bandwidth_m is None else float(bandwidth_m)
    if not low <= h <= high:
        raise Invalid("field.out_of_range", field="bandwidth", low=low, high=high)
    # A kernel narrower than a pixel cannot be drawn.
    h = max(h, frame.pixel_m)
    cut = [(x[a:b], y[a:b], frame) for a, b in blocks(len(x), parts)]
    counts = sum(runner(pixel_counts, cut), np.zeros(frame.width * frame.height, dtype=np.int64))
    smooth = _smoothed(counts.reshape(frame.height, frame.width), h / frame.pixel_m)
    smooth *= np.float32(1e6 / frame.pixel_m**2)
    return Density(smooth, frame, int(counts.sum()), h, rule)


def pixel_counts(x: Floats, y: Floats, frame: Frame) -> Ints:
    """(height * width,): how many points lie in each pixel; those outside the frame in none."""
    col, row = x - frame.west, y - frame.south
    col *= 1 / frame.pixel_m
    row *= 1 / frame.pixel_m
    np.floor(col, out=col)
    np.floor(row, out=row)
    inside = (col >= 0) & (col < frame.width) & (row >= 0) & (row < frame.height)
    if not inside.all():
        col, row = col[inside], row[inside]
    row *= frame.width
    row += col
    return np.bincount(row.astype(np.int64), minlength=frame.width * frame.height)


def contours(found: Density, shares: tuple[float, ...] = (0.25, 0.5, 0.75)) -> list[Contour]:
    """The smallest areas that hold these shares of the mass of a density, the densest first.

    Highest density regions (Hyndman 1996, The American Statistician 50:120-126): of all areas with
    that share, the one where every place inside is denser than any outside.
    """
    frame, values = found.frame, found.values
    ordered = np.sort(values, axis=None)[::-1]
    mass = np.cumsum(ordered, dtype=np.float64)
    if not found.n or mass[-1] <= 0:
        return []
    # A margin of nothing closes the lines at the frame's edge.
    framed = np.pad(values, 1)
    x = frame.west + (np.arange(frame.width + 2) - 0.5) * frame.pixel_m
    y = frame.south + (np.arange(frame.height + 2) - 0.5) * frame.pixel_m
    lines = contourpy.contour_generator(x, y, framed, fill_type=contourpy.FillType.OuterOffset)
    drawn = []
    for share in sorted(shares):
        level = float(ordered[min(int(np.searchsorted(mass, share * mass[-1])), len(ordered) - 1)])
        if level > 0:
            drawn.append(Contour(level, share, _filled(lines, level)))
    return drawn


def _filled(lines: contourpy.ContourGenerator, level: float) -> shapely.Geometry:
    points, offsets = lines.filled(level, np.inf)[:2]
    outlines = []
    for ring, cuts in zip(points, offsets or (), strict=True):
        if ring is None or cuts is None:
            continue  # contourpy's chunks without a line
        rings = [ring[a:b] for a, b in pairwise(cuts)]
        outlines.append(shapely.Polygon(rings[0], rings[1:]))
    return shapely.multipolygons(outlines)


def _smoothed(counts: NDArray[np.int64], h: float) -> NDArray[np.float32]:
    """Counts convolved with a Gaussian of `h` pixels whose mass is 1."""
    room = math.ceil(_REACH * h)
    height, width = counts.shape
    rows = scipy.fft.next_fast_len(height + room, real=True)
    cols = scipy.fft.next_fast_len(width + room, real=True)
    waves = scipy.fft.rfft2(counts.astype(np.float32), s=(rows, cols), workers=2)
    down = _kernel(rows, h, scipy.fft.fft)
    along = _kernel(cols, h, scipy.fft.rfft)
    waves *= down[:, None]
    waves *= along[None, :]
    smooth = scipy.fft.irfft2(waves, s=(rows, cols), overwrite_x=True, workers=2)[:height, :width]
    return np.asarray(np.maximum(smooth, np.float32(0)))


def _kernel(length: int, h: float, transform: object) -> NDArray[np.float32]:
    """The transform of a Gaussian sampled around 0 on a ring of `length` pixels; real, as it is even."""
    away = np.minimum(np.arange(length), length - np.arange(length))
    bell = np.exp(-0.5 * (away / h) ** 2)
    return np.asarray(transform(bell / bell.sum())).real.astype(np.float32)  # type: ignore[operator]
