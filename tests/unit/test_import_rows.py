"""Rows of a file become requests, or are refused by name. No database."""

from datetime import UTC, datetime

import pytest

from issues.catalogue.queries import ServiceRow
from issues.intake.importing.faults import REASONS, ImportFault
from issues.intake.importing.mapping import parse_mapping
from issues.intake.importing.rows import Translator

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = ("id", "opened", "closed", "what", "state", "x", "y")
GIVEN = {
    "source": "old",
    "columns": {
        "external_id": ["id"],
        "opened_at": "opened",
        "closed_at": "closed",
        "service": "what",
        "state": "state",
        "lng": "x",
        "lat": "y",
    },
    "services": {"hole": "buraco", "form": "papel"},
    "states": {"Open": "open", "Closed": "resolved"},
}
SOUND = ("7", "2020-03-01 10:00:00", "2020-03-02 10:00:00", "hole", "Closed", "-51.2", "-30.03")


def service(code: str, *, geolocated: bool) -> ServiceRow:
    return ServiceRow(
        1, code, code, "", 1, "t", "T", 1, "d", "D", geolocated, 5, "working_days",
        ("web",), "exact", "pre", 0, (), 0, True,
    )  # fmt: skip


def read(row, *, columns=COLUMNS, file_crs="", **changed):
    services = {
        "buraco": service("buraco", geolocated=True),
        "papel": service("papel", geolocated=False),
    }
    mapping = parse_mapping({**GIVEN, **changed}, "m.toml")
    kept, refused = Translator(mapping, columns, services, NOW, file_crs).translate([row], 1)
    return (kept or refused)[0]


def but(**changed: str):
    return tuple(changed.get(c, v) for c, v in zip(COLUMNS, SOUND, strict=True))


def test_a_sound_row_is_understood():
    past = read(SOUND)
    assert (past.row, past.external_id, past.state, past.lng, past.lat) == (1, "7", "resolved", -51.2, -30.03)
    assert past.opened_at == datetime(2020, 3, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (but(opened="2020-13-45"), "bad_date"),
        (but(opened=""), "no_date"),
        (but(closed="2020-02-01"), "closes_before_opens"),
        (but(closed=""), "closed_without_date"),
        (but(opened="2031-01-01", closed="2031-01-02"), "in_future"),
        (but(what="song"), "unknown_service"),
        (but(state="Lost"), "unknown_state"),
        (but(x="", y=""), "no_coordinates"),
        (but(x="0", y="0"), "bad_coordinates"),
        (but(x="nan"), "bad_coordinates"),
        (but(x="west"), "bad_coordinates"),
        (but(id=" "), "no_id"),
        (but(id="9" * 81), "long_id"),
        (SOUND[:-1], "wrong_columns"),
        ((*SOUND, "more"), "wrong_columns"),
    ],
)
def test_a_row_is_refused_by_name(row, reason):
    assert read(row).reason == reason
    assert reason in REASONS


def test_an_open_request_keeps_no_closing_date():
    past = read(but(state="Open"))
    assert (past.state, past.closed_at) == ("open", None)


def test_a_service_without_a_place_needs_no_coordinates():
    past = read(but(what="form", x="", y=""))
    assert past.lng is None


def test_an_offset_that_lies_is_ignored_when_told_so():
    row = but(opened="2020-03-01 10:00:00+00:00", closed="2020-03-02 10:00:00+00:00")
    assert read(row).opened_at == datetime(2020, 3, 1, 10, tzinfo=UTC)
    assert read(row, ignore_offset=True).opened_at == datetime(2020, 3, 1, 13, tzinfo=UTC)


def test_metres_become_degrees():
    # The zone's central meridian is 51° W, at 500 km; a degree of latitude is about 110.9 km there.
    past = read(but(x="500000", y="6677000"), crs="EPSG:31982")
    assert past.lng == pytest.approx(-51)
    assert past.lat == pytest.approx((6677000 - 10_000_000) / 110_600, abs=0.1)


def test_without_an_identifier_the_whole_row_is_one():
    columns = {k: v for k, v in GIVEN["columns"].items() if k != "external_id"}
    assert _whole(columns, SOUND) == _whole(columns, SOUND) != _whole(columns, but(id="8"))


def _whole(columns, row):
    mapping = parse_mapping({**GIVEN, "columns": columns}, "m.toml")
    kept, _ = Translator(mapping, COLUMNS, {"buraco": service("buraco", geolocated=True)}, NOW).translate(
        [row], 1
    )
    return kept[0].external_id


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"timezone": "Mars/Base"}, "fuso"),
        ({"crs": "EPSG:0"}, "coordenadas"),
        ({"encoding": "klingon"}, "codificação"),
        ({"delimiter": ";;"}, "delimiter"),
        ({"states": {"x": "gone"}}, "gone"),
        ({"default_channel": "pigeon"}, "pigeon"),
        ({"colour": "red"}, "colour"),
        ({"columns": {}}, "opened_at"),
    ],
)
def test_a_wrong_mapping_is_told_by_name(changed, word):
    with pytest.raises(ImportFault, match=word) as caught:
        parse_mapping({**GIVEN, **changed}, "m.toml")
    assert "m.toml" in str(caught.value)
