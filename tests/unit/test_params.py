"""Query parameters are read strictly: what cannot be read is refused by name."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_central.kernel.errors import DomainError, Invalid, Malformed
from geo_central.kernel.geo import Box, LngLat, parse_box, parse_lnglat
from issues.interfaces import params

NAMES = ["a", "since", "cursor", "limit", "lat", "lng", "order"]


def refused(read, *args, **options):
    with pytest.raises(DomainError) as caught:
        read(*args, **options)
    return caught.value.code, caught.value.field


# ---- text and words


def test_text_is_trimmed_and_may_be_absent():
    assert params.text({"a": "  olá "}, "a") == "olá"
    assert params.text({}, "a") == ""


@pytest.mark.parametrize(
    ("value", "code"),
    [("x" * 201, "field.too_long"), ("a\0b", "field.bad_text"), ("\ud800", "field.bad_text")],
)
def test_text_that_cannot_be_kept_is_refused(value, code):
    assert refused(params.text, {"a": value}, "a") == (code, "a")


def test_a_choice_is_one_of_the_words():
    assert params.choice({}, "order", ("distance", "due"), default="distance") == "distance"
    assert params.choice({"order": "due"}, "order", ("distance", "due"), default="distance") == "due"
    code = refused(params.choice, {"order": "x" * 90}, "order", ("distance", "due"), default="distance")
    assert code == ("field.not_a_choice", "order")


# ---- numbers


@pytest.mark.parametrize(("given_text", "number"), [("", 7), ("1", 1), (" 50 ", 50), ("007", 7)])
def test_a_whole_number_or_its_default(given_text, number):
    assert params.whole({"limit": given_text}, "limit", default=7, low=1, high=50) == number


@pytest.mark.parametrize(
    "given_text", ["a", "1.5", "1e3", "--1", "-", "１２", "²", "9" * 19, "0x10", "1_000"]
)
def test_what_is_no_whole_number_is_refused(given_text):
    read = {"limit": given_text}
    assert refused(params.whole, read, "limit", default=7, low=1, high=50) == ("field.not_a_number", "limit")


@pytest.mark.parametrize("given_text", ["0", "51", "-1", "9" * 18])
def test_a_number_out_of_bounds_is_refused(given_text):
    read = {"limit": given_text}
    assert refused(params.whole, read, "limit", default=7, low=1, high=50) == ("field.out_of_range", "limit")


# ---- places


def test_a_point_is_longitude_and_latitude():
    assert params.point({"lat": "-30.03", "lng": "-51.22"}) == LngLat(-51.22, -30.03)


@pytest.mark.parametrize(
    ("lat", "lng", "code", "field"),
    [
        (None, "1", "place.missing", "lat"),
        ("1", None, "place.missing", "lng"),
        ("", "1", "place.missing", "lat"),
        ("um", "1", "place.not_a_number", "lat"),
        ("1", "nan", "place.not_a_number", "lng"),
        ("1", "Infinity", "place.not_a_number", "lng"),
        ("91", "1", "place.out_of_range", "lat"),
        ("1", "181", "place.out_of_range", "lng"),
    ],
)
def test_a_bad_point_names_the_coordinate(lat, lng, code, field):
    read = {k: v for k, v in (("lat", lat), ("lng", lng)) if v is not None}
    assert refused(params.point, read) == (code, field)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_a_point_written_as_text_is_read_back_exactly(lng, lat):
    assert parse_lnglat(repr(lng), repr(lat)) == LngLat(lng, lat)


def test_a_box_is_west_south_east_north():
    assert parse_box("-51.3,-30.3,-51,-29.9") == Box(-51.3, -30.3, -51, -29.9)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bbox.four_numbers"),
        ("1,2,3", "bbox.four_numbers"),
        ("1,2,3,4,5", "bbox.four_numbers"),
        ("a,b,c,d", "bbox.four_numbers"),
        ("1,2,nan,4", "bbox.four_numbers"),
        ("-inf,2,3,4", "bbox.four_numbers"),
        ("3,2,1,4", "bbox.empty_or_outside"),
        ("1,4,3,2", "bbox.empty_or_outside"),
        ("1,2,1,4", "bbox.empty_or_outside"),
        ("-181,2,3,4", "bbox.empty_or_outside"),
        ("1,2,3,91", "bbox.empty_or_outside"),
    ],
)
def test_a_bad_box_is_refused(text, code):
    assert refused(parse_box, text) == (code, "bbox")


# ---- moments


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23", datetime(2026, 11, 23, 3, tzinfo=UTC)),
        ("2026-11-23T10:00", datetime(2026, 11, 23, 13, tzinfo=UTC)),
        ("2026-11-23T10:00Z", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("2026-11-23T10:00:00-03:00", datetime(2026, 11, 23, 13, tzinfo=UTC)),
        ("2026-11-23T10:00:00 03:00", datetime(2026, 11, 23, 7, tzinfo=UTC)),
    ],
)
def test_a_date_is_midnight_in_the_city_and_a_moment_is_itself(text, moment):
    """A plus sign that nobody escaped arrives as a blank."""
    assert params.moment({"since": text}, "since") == moment


@pytest.mark.parametrize(
    "text",
    [
        "ontem",
        "2026-13-01",
        "2026-02-30",
        "23/11/2026",
        "2026-11-23T25:00",
        "0001-01-01T00:00+23:00",
        "9" * 10,
    ],
)
def test_what_is_no_date_is_refused(text):
    assert refused(params.moment, {"since": text}, "since") == ("field.not_a_date", "since")


@pytest.mark.parametrize("text", ["0001-01-01", "0001-01-01T00:00", "9999-12-31", "9999-12-31T23:59:59"])
def test_the_ends_of_the_calendar_are_moments_or_refused(text):
    try:
        moment = params.moment({"since": text}, "since")
    except Invalid:
        return
    assert moment.astimezone(UTC)


# ---- page markers


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 2**63 - 1))
def test_a_marker_of_a_moment_is_read_back(at, number):
    assert params.cursor_at({"cursor": params.make_cursor((at, number))}) == (at, number)


@given(st.floats(0, 1e6), st.integers(0, 2**63 - 1))
def test_a_marker_of_a_distance_is_read_back_exactly(metres, number):
    assert params.cursor_metres({"cursor": params.make_cursor((metres, number))}) == (metres, number)


def test_no_key_is_no_marker():
    assert params.make_cursor(None) is None
    assert params.cursor({}) is None


def marker(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "text",
    ["x", "%%%", "é", marker("~1"), marker("a~"), marker("a~-1"), marker("a~b"), marker(f"a~{2**63}"),
     marker("2026-11-23~1"), marker("2026-11-23T10:00~1"), marker("nan~1"), marker("inf~1"), marker("-1~1")],
)  # fmt: skip
def test_a_marker_that_we_did_not_make_is_refused(text):
    for read in (params.cursor_at, params.cursor_metres):
        assert refused(read, {"cursor": text}) == ("cursor.bad", "cursor")


@given(st.text(max_size=40), st.sampled_from([params.cursor_at, params.cursor_metres, params.cursor]))
def test_any_marker_is_read_or_refused(text, read):
    try:
        read({"cursor": text})
    except (Malformed, Invalid):
        return


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_everywhere(text):
    for read in (
        lambda p: params.moment(p, "a"),
        lambda p: params.whole(p, "a", default=0, low=0, high=9),
        lambda p: parse_box(params.text(p, "a")),
        lambda p: params.point({"lat": p["a"], "lng": p["a"]}),
    ):
        try:
            read({"a": text})
        except DomainError:
            continue
