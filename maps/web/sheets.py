"""Tables as files for spreadsheets: CSV by RFC 4180, in UTF-8."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would run."""


def sheet(name: str, rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A download of that name, of rows whose cells go through `cell`."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    csv.writer(response).writerows([cell(value) for value in row] for row in rows)
    return response


def cell(value: Any) -> Any:
    """Nothing for what is not known, moments as ISO 8601; a text that a spreadsheet would take for a formula
    is marked as a text (OWASP, CSV Injection)."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value
