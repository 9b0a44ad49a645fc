"""Two plausible years of a city: where, when and what people ask for. Deterministic by seed.

Places cluster around hotspots along the real streets, each theme around its own; the year has
seasons (storms fell trees and flood in summer, potholes follow the winter rains), the week has
working days and the day has hours; some requests are duplicates, some are late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DAYS = 730
HOTSPOTS = 45
# How many times the average month, January to December, by theme; others are flat.
SEASONS: dict[str, tuple[float, ...]] = {
    "arvores": (1.6, 1.3, 1.1, 0.8, 0.7, 0.7, 0.8, 0.8, 1.0, 1.1, 1.1, 1.4),
    "esgoto-e-drenagem": (1.2, 1.1, 1.0, 0.9, 1.1, 1.3, 1.2, 1.0, 1.2, 1.0, 0.9, 1.0),
    "vias-e-calcadas": (0.8, 0.8, 0.9, 0.9, 1.0, 1.2, 1.4, 1.4, 1.2, 1.0, 0.9, 0.8),
    "agua": (1.7, 1.5, 1.1, 0.8, 0.7, 0.7, 0.7, 0.8, 0.8, 1.0, 1.2, 1.5),
    "iluminacao-publica": (0.8, 0.8, 0.9, 1.0, 1.2, 1.3, 1.3, 1.2, 1.0, 0.9, 0.8, 0.8),
    "vigilancia-em-saude": (1.7, 1.7, 1.6, 1.2, 0.8, 0.5, 0.5, 0.5, 0.7, 0.9, 1.1, 1.4),
}
WEEK = (1.2, 1.15, 1.1, 1.05, 1.0, 0.55, 0.45)
HOURS = (1, 0.5, 0.4, 0.3, 0.4, 1, 3, 6, 9, 10, 10, 9, 7, 8, 9, 9, 8, 7, 6, 5, 4, 3, 2, 1.5)
CHANNELS = ("phone", "whatsapp", "app", "web", "email", "social", "counter", "sms")
CHANNEL_SHARE = (0.44, 0.21, 0.14, 0.13, 0.03, 0.02, 0.02, 0.01)
DUPLICATES = 0.04
FORGOTTEN = 0.08


@dataclass(frozen=True, slots=True)
class Kind:
    """A service as the generator sees it; `weight` is how often it is asked for."""

    code: str
    theme: str
    weight: float
    geolocated: bool
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One generated request: indexes into the kinds and the places; `copy_of` an earlier request."""

    kind: int
    place: int | None
    opened_at: datetime
    channel: str
    words: str
    pace: float
    judged: bool
    copy_of: int | None


def generate(kinds: Sequence[Kind], places: Floats, *, count: int, until: datetime, seed: int) -> list[Asked]:
    """`count` requests in the 730 days before `until`, oldest first.

    `places` is an (n, 2) array of metres (x, y) of points along streets. `pace` is the share of
    its target that a request takes (below 1: in time); `judged` whether the citizen answered.
    """
    rng = np.random.default_rng(seed)
    weights = np.array([k.weight for k in kinds])
    chosen = rng.choice(len(kinds), size=count, p=weights / weights.sum())
    spots = _places(kinds, chosen, places, rng)
    days = _days(kinds, chosen, until, rng)
    hours = rng.choice(24, size=count, p=np.array(HOURS) / sum(HOURS))
    channels = rng.choice(len(CHANNELS), size=count, p=CHANNEL_SHARE)
    pace = rng.lognormal(-0.45, 0.75, size=count)
    forgotten = rng.random(count) < FORGOTTEN
    pace[forgotten] *= rng.uniform(4, 40, size=int(forgotten.sum()))
    seconds = rng.integers(3600, size=count)
    order = np.lexsort((seconds, hours, days))
    asked: list[Asked] = []
    latest: dict[int, int] = {}
    start = (until - timedelta(days=DAYS)).replace(hour=0, minute=0, second=0, microsecond=0)
    for n in order:
        kind = int(chosen[n])
        opened = start + timedelta(days=int(days[n]), hours=int(hours[n]), seconds=int(seconds[n]))
        copy_of = latest.get(kind) if rng.random() < DUPLICATES else None
        if copy_of is not None and (opened - asked[copy_of].opened_at).days > 5:
            copy_of = None
        place = None
        if kinds[kind].geolocated:
            original = asked[copy_of].place if copy_of is not None else None
            place = int(spots[n]) if original is None else original
        if opened >= until:
            continue
        asked.append(
            Asked(
                kind=kind,
                place=place,
                opened_at=opened,
                channel=CHANNELS[int(channels[n])],
                words=_words(kinds[kind], rng),
                pace=float(pace[n]),
                judged=bool(rng.random() < 0.35),
                copy_of=copy_of,
            )
        )
        if copy_of is None:
            latest[kind] = len(asked) - 1
    return asked


def _places(
    kinds: Sequence[Kind], chosen: NDArray[np.int64], places: Floats, rng: np.random.Generator
) -> NDArray[np.int64]:
    """A place for every request, around the hotspots of its theme."""
    spots = np.empty(len(chosen), dtype=np.int64)
    theme_of = np.array([k.theme for k in kinds])[chosen]
    for theme in sorted({k.theme for k in kinds}):
        mine = theme_of == theme
        likely = _places_of_theme(places, rng)
        spots[mine] = rng.choice(len(places), size=int(mine.sum()), p=likely)
    return spots


def _places_of_theme(places: Floats, rng: np.random.Generator) -> Floats:
    """How likely each place is: a sum of hotspots of 150 to 900 m over a low floor."""
    likely = np.full(len(places), 0.08)
    for centre in rng.choice(len(places), size=HOTSPOTS, replace=False):
        spread = rng.uniform(150, 900)
        square = ((places - places[centre]) ** 2).sum(axis=1)
        likely += rng.pareto(2.2) * np.exp(-square / (2 * spread**2))
    share: Floats = likely / likely.sum()
    return share


def _days(
    kinds: Sequence[Kind], chosen: NDArray[np.int64], until: datetime, rng: np.random.Generator
) -> NDArray[np.int64]:
    """A day from 0 to 730 for every request, by the season of its theme and the weekday."""
    dates = [until - timedelta(days=DAYS - d) for d in range(DAYS + 1)]
    week = np.array([WEEK[d.weekday()] for d in dates])
    growth = np.linspace(0.85, 1.15, len(dates))
    days = np.empty(len(chosen), dtype=np.int64)
    theme_of = np.array([k.theme for k in kinds])[chosen]
    for theme in sorted({k.theme for k in kinds}):
        season = SEASONS.get(theme, (1.0,) * 12)
        likely = week * growth * np.array([season[d.month - 1] for d in dates])
        mine = theme_of == theme
        days[mine] = rng.choice(len(dates), size=int(mine.sum()), p=likely / likely.sum())
    return days


def _words(kind: Kind, rng: np.random.Generator) -> str:
    """What somebody might write: a key word and a circumstance."""
    what = kind.keywords[int(rng.integers(len(kind.keywords)))] if kind.keywords else ""
    where = _CIRCUMSTANCES[int(rng.integers(len(_CIRCUMSTANCES)))] if kind.geolocated else ""
    return f"{what.capitalize()}{where}." if what and rng.random() < 0.8 else ""


_CIRCUMSTANCES = (
    "",
    ", em frente ao número indicado",
    ", na esquina",
    ", perto da parada de ônibus",
    " há mais de uma semana",
    " desde ontem",
    ", já pedi antes e não resolveram",
    ", perigoso à noite",
    ", ao lado da escola",
    ", depois da chuva",
)
