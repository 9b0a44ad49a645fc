"""Two plausible years of a city, the same ones for the same seed."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from issues.management.demo import CHANNELS, DAYS, Kind, generate

UNTIL = datetime(2026, 11, 23, 12, tzinfo=UTC)
KINDS = [
    Kind("tree", "arvores", 5.0, True, ("galho caído", "árvore")),
    Kind("hole", "vias-e-calcadas", 5.0, True, ("buraco",)),
    Kind("tax", "tributos", 1.0, False, ()),
]
PLACES = np.stack([np.linspace(0, 20_000, 2_000), np.linspace(0, 5_000, 2_000)], axis=1)


def two_years(seed=156, count=3_000):
    return generate(KINDS, PLACES, count=count, until=UNTIL, seed=seed)


@pytest.fixture(scope="module")
def asked():
    return two_years()


def test_the_same_seed_gives_the_same_years(asked):
    assert two_years() == asked
    assert two_years(seed=157) != asked


def test_requests_come_oldest_first_within_two_years(asked):
    assert all(a.opened_at <= b.opened_at for a, b in pairwise(asked))
    assert asked[-1].opened_at < UNTIL
    assert UNTIL - asked[0].opened_at <= timedelta(days=DAYS + 1)


def test_nearly_as_many_as_were_asked_for(asked):
    assert 0.99 * 3_000 < len(asked) <= 3_000


def test_only_geolocated_services_have_places(asked):
    assert {KINDS[a.kind].geolocated for a in asked if a.place is not None} == {True}
    assert all((a.place is None) == (not KINDS[a.kind].geolocated) for a in asked)


def test_duplicates_are_of_an_earlier_request_of_the_same_kind_at_the_same_place(asked):
    copies = [a for a in asked if a.copy_of is not None]
    assert 10 < len(copies) < 0.08 * len(asked)
    for copy in copies:
        original = asked[copy.copy_of]
        assert original.copy_of is None
        assert (original.kind, original.place) == (copy.kind, copy.place)
        assert original.opened_at <= copy.opened_at


def test_places_cluster(asked):
    trees = [a.place for a in asked if a.kind == 0]
    counts = np.bincount(np.array(trees) // 20, minlength=100)
    assert counts.max() > 3 * counts.mean()


def test_trees_fall_in_summer_and_holes_open_in_winter(asked):
    def share(kind, months):
        return np.mean([a.opened_at.month in months for a in asked if a.kind == kind])

    assert share(0, {12, 1, 2}) > share(0, {6, 7, 8}) + 0.05
    assert share(1, {6, 7, 8}) > share(1, {12, 1, 2}) + 0.05


def test_some_requests_are_late_and_most_are_not(asked):
    late = np.mean([a.pace > 1 for a in asked])
    assert 0.1 < late < 0.45


def test_channels_are_known_and_the_telephone_leads(asked):
    counts = {c: sum(a.channel == c for a in asked) for c in CHANNELS}
    assert sum(counts.values()) == len(asked)
    assert max(counts, key=counts.get) == "phone"
