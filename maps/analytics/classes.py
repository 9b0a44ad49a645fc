"""Classes of a choropleth by mapclassify, and those of a change."""

import threading
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A change in hundredths belongs to the last class whose edge it reaches; 0 is the middle one.
CHANGE_EDGES = (-50.0, -20.0, -5.0, 5.0, 20.0, 50.0)
_warming: list[threading.Thread] = []


@dataclass(frozen=True, slots=True)
class Classes:
    """`tops`: the largest value of each class, growing. Class 0 is for what is nothing, or not known."""

    tops: tuple[float, ...]
    lowest: float

    def of(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """The class of each value, from 1."""
        if not self.tops:
            return np.zeros(values.shape, dtype=np.int64)
        found = np.minimum(np.searchsorted(self.tops, values, side="left"), len(self.tops) - 1) + 1
        return np.where(np.isnan(values) | (values <= 0), 0, found)

    @property
    def ranges(self) -> tuple[tuple[float, float], ...]:
        """(from, to) of each class; each begins where the one before ended."""
        return tuple(zip((self.lowest, *self.tops[:-1])[: len(self.tops)], self.tops, strict=True))


def classified(values: NDArray[np.float64], scheme: str, k: int) -> Classes:
    """At most `k` classes of what is more than nothing in `values`, of any shape.

    Source of the schemes: mapclassify (PySAL); natural breaks are Fisher's (1958, JASA 53:789-798).
    """
    kept = values[~np.isnan(values) & (values > 0)]
    different = len(np.unique(kept))
    if different == 0:
        return Classes((), 0.0)
    if different <= 2:
        return Classes(tuple(float(v) for v in np.unique(kept)), float(kept.min()))
    found = _breaks(kept, scheme, min(k, different))
    tops = tuple(dict.fromkeys(float(b) for b in found))
    return Classes(tops, float(kept.min()))


def _breaks(values: NDArray[np.float64], scheme: str, k: int) -> Any:
    import mapclassify

    with warnings.catch_warnings():
        # Where many areas have the same number there are fewer classes than were asked for.
        warnings.simplefilter("ignore", UserWarning)
        if scheme == "natural":
            # Fisher's method takes the square of their number: quantiles say the same of thousands.
            some = values if len(values) <= 600 else np.quantile(values, np.linspace(0, 1, 600))
            return mapclassify.FisherJenks(np.sort(some), k=min(k, len(np.unique(some)))).bins
        if scheme == "equal":
            return mapclassify.EqualInterval(values, k=k).bins
        if scheme == "headtail":
            return mapclassify.HeadTailBreaks(values).bins[-7:]
        return mapclassify.Quantiles(values, k=k).bins


def change_classes(percent: NDArray[np.float64]) -> NDArray[np.int64]:
    """-3 to 3 by CHANGE_EDGES: 0 for less than 5 hundredths either way, or unknown."""
    low = -np.searchsorted(-np.array(CHANGE_EDGES[2::-1]), -percent, side="right")
    high = np.searchsorted(np.array(CHANGE_EDGES[3:]), percent, side="right")
    return np.where(np.isnan(percent), 0, low + high)


def warm() -> None:
    """Load mapclassify beside the request that will need it: it takes seconds, once a process."""
    if not _warming:
        _warming.append(threading.Thread(target=_load, name="mapclassify", daemon=True))
        _warming[0].start()


def _load() -> None:
    classified(np.arange(1.0, 9.0), "natural", 3)


def shade(index: int, k: int, most: int = 7) -> int:
    """Which of `most` colours a class of k has, so that few classes take the whole ramp."""
    return index if k <= 1 else 1 + round((index - 1) * (most - 1) / (k - 1))
