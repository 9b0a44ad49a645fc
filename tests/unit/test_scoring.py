"""Scores compared fairly: properties that hold for any counts of faces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.opendata import scoring
from maps.opendata.ranking import add_months, months_between

faces = st.tuples(*[st.integers(0, 500)] * 5)
some = faces.filter(any)


@given(some)
def test_every_figure_lies_on_the_scale(counts):
    low, high = scoring.interval(counts)
    assert -5 <= low < high <= 5
    assert -5 <= scoring.mean(counts) <= 5
    assert -5 <= scoring.fair(counts, counts) <= 5


def test_the_mean_of_known_faces_is_what_one_computes_by_hand():
    assert scoring.mean((1, 0, 0, 0, 1)) == 0
    assert scoring.mean((3, 1, 0, 0, 0)) == pytest.approx(-4.375)
    assert scoring.mean((0, 0, 0, 0, 0)) is None


@given(some, st.integers(2, 50))
def test_the_more_ratings_the_narrower_the_interval(counts, times):
    once, more = scoring.interval(counts), scoring.interval([k * times for k in counts])
    assert more.high - more.low < once.high - once.low


def test_the_interval_of_a_plain_case_agrees_with_the_formula_of_its_source():
    # Five ratings of the best face: Dirichlet(0.5, 0.5, 0.5, 0.5, 5.5).
    low, high = scoring.interval((0, 0, 0, 0, 5))
    centre = (-5 * 0.5 - 2.5 * 0.5 + 0 + 2.5 * 0.5 + 5 * 5.5) / 7.5
    square = (25 * 0.5 + 6.25 * 0.5 + 0 + 6.25 * 0.5 + 25 * 5.5) / 7.5
    reach = 1.959964 * ((square - centre**2) / 8.5) ** 0.5
    assert (low, high) == (pytest.approx(centre - reach), pytest.approx(min(5, centre + reach)))


def test_five_perfect_ratings_do_not_pass_a_hundred_that_are_nearly_perfect():
    city = (300, 200, 200, 200, 100)
    assert scoring.fair((0, 0, 0, 0, 5), city) < scoring.fair((0, 0, 0, 40, 460), city)


def test_five_terrible_ratings_do_not_sink_below_a_hundred_that_are_nearly_as_bad():
    city = (300, 200, 200, 200, 100)
    assert scoring.fair((5, 0, 0, 0, 0), city) > scoring.fair((460, 40, 0, 0, 0), city)


@given(some, some)
def test_the_fair_score_lies_between_ones_own_mean_and_everyones(own, everyone):
    ends = sorted((scoring.mean(own), scoring.mean(everyone)))
    assert ends[0] - 1e-9 <= scoring.fair(own, everyone) <= ends[1] + 1e-9


@given(some, some)
def test_a_change_turned_round_is_the_same_change_backwards(now, before):
    there, back = scoring.change(now, before), scoring.change(before, now)
    if there is None:
        assert back is None
        assert min(sum(now), sum(before)) < scoring.LEAST_RATED
    else:
        assert (there.by, there.is_clear) == (-back.by, back.is_clear)


def test_a_change_is_clear_only_where_there_are_ratings_enough_to_tell():
    assert not scoring.change((2, 1, 1, 1, 3), (3, 1, 1, 1, 2)).is_clear
    assert scoring.change((20, 10, 10, 100, 300), (300, 100, 10, 10, 20)).is_clear


@given(st.dates(), st.integers(-400, 400))
def test_months_are_added_and_counted_back(day, n):
    month = day.replace(year=2000 + day.year % 100, day=1)
    assert months_between(month, add_months(month, n)) == n
