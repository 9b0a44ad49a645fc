"""A protocol survives the telephone: every slip of one digit or of two neighbours is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_central.kernel.errors import Malformed
from issues.lifecycle.protocol import check_digit, format_protocol, format_protocols, parse

DIGITS = "0123456789"
protocols = st.builds(format_protocol, st.integers(1900, 2999), st.integers(1, 10**12 - 1))


def test_a_protocol_is_year_number_and_check_digit():
    assert format_protocol(2026, 12345) == "2026-0012345-" + str(check_digit("20260012345"))


def test_the_check_digit_is_that_of_the_published_example():
    assert check_digit("572") == 4  # Damm's own example
    assert check_digit("5724") == 0


@given(st.integers(1900, 2999), st.integers(1, 10**12 - 1))
def test_what_is_written_is_read_back(year, number):
    written = format_protocol(year, number)
    assert parse(written) == written
    assert len(written) <= 20


@given(st.integers(1900, 2999), st.lists(st.integers(1, 10**12 - 1)))
def test_many_are_written_as_one_by_one(year, numbers):
    assert format_protocols(year, numbers) == [format_protocol(year, n) for n in numbers]


@given(protocols)
def test_every_single_wrong_digit_is_caught(protocol):
    for at, right in enumerate(protocol):
        for wrong in DIGITS if right in DIGITS else "":
            if wrong != right:
                with pytest.raises(Malformed, match=r"protocol\.check_digit"):
                    parse(protocol[:at] + wrong + protocol[at + 1 :])


@given(protocols)
def test_every_swap_of_two_neighbours_is_caught(protocol):
    digits = protocol.replace("-", "")
    for at in range(len(digits) - 1):
        swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
        if swapped != digits:
            with pytest.raises(Malformed, match=r"protocol\.check_digit"):
                parse(swapped)


@given(protocols)
def test_spaces_dots_slashes_and_missing_hyphens_are_forgiven(protocol):
    year, number, digit = protocol.split("-")
    for typed in (
        f"{year}{number}{digit}",
        f" {year} {number} {digit}\n",
        f"{year}.{number}-{digit}",
        f"{year}/{number}-{digit}",
        f"{year}-{number}{digit}",
    ):
        assert parse(typed) == protocol


def test_after_ten_million_requests_a_year_the_number_grows():
    assert parse(format_protocol(2026, 123_456_789)).startswith("2026-123456789-")


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "abc", "2026", "2026-1-2", "2026-0012345", "2026-0012345-66x", "-2026-0012345-6",
        "2026--0012345-6", "2026-00123456789012-3", "２０２６-0012345-6", "٢٠٢٦-0012345-6",
        "2026-0012345-6\0", "' OR 1=1 --", "9" * 500,
    ],
)  # fmt: skip
def test_what_is_no_protocol_is_refused_by_name(typed):
    with pytest.raises(Malformed) as refused:
        parse(typed)
    assert refused.value.code == "protocol.malformed"
    assert refused.value.field == "protocol"
