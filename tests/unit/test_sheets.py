"""Cells of the files for spreadsheets."""

from datetime import UTC, datetime

import pytest

from issues.interfaces.manager import overview
from maps.web import sheets


@pytest.mark.parametrize("cell", [sheets.cell, overview.cell])
@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_text_that_a_spreadsheet_would_run_is_marked(cell, text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("cell", [sheets.cell, overview.cell])
@pytest.mark.parametrize("value", ["", "Centro", 0, -1, 2.5, False])
def test_whatever_is_harmless_stays_as_it_is(cell, value):
    assert cell(value) == value


def test_what_is_not_known_is_empty_and_moments_are_iso():
    assert sheets.cell(None) == ""
    assert sheets.cell(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00+00:00"
