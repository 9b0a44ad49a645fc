"""House numbers along a street, without a database."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.importing.streets import _side
from layers.numbering import Numbers, is_right

BOTH = Numbers(1, 99, 2, 100)


@pytest.mark.parametrize(
    ("along", "right", "number"),
    [(0, True, 1), (1, True, 99), (0.5, True, 51), (0, False, 2), (1, False, 100), (0.5, False, 50)],
)
def test_a_number_lies_along_its_side(along, right, number):
    assert BOTH.at(along, right=right) == pytest.approx(number, abs=2)
    assert BOTH.at(along, right=right) % 2 == number % 2


def test_a_side_without_numbers_borrows_the_other_side_s():
    assert Numbers(None, None, 10, 20).at(0, right=True) == 10
    assert Numbers(11, 21, None, None).at(1, right=False) == 21
    assert Numbers(None, None, None, None).at(0.5, right=True) is None


@given(
    st.integers(1, 20000), st.integers(1, 20000), st.floats(0, 1), st.booleans(),
)  # fmt: skip
def test_a_number_never_leaves_its_side(first, last, along, right):
    odd = (2 * first - 1, 2 * last - 1)
    even = (2 * first, 2 * last)
    number = Numbers(*odd, *even).at(along, right=right)
    low, high = sorted(odd if right else even)
    assert low <= number <= high
    assert number % 2 == (1 if right else 0)


def test_right_is_clockwise_of_the_heading():
    north, east, west = 0.0, math.pi / 2, 3 * math.pi / 2
    assert is_right(north, east)
    assert not is_right(north, west)
    assert is_right(west, north)
    assert is_right(None, None)


def test_a_register_s_zeros_mean_no_numbers_and_parity_is_kept():
    assert _side(0, 0, parity=1) is None
    assert _side(1, 99, parity=1) == (1, 99)
    assert _side(50, 98, parity=0) == (50, 98)
    assert _side(50, 98, parity=1) == (51, 97)
