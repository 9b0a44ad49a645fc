"""What one report costs: the statements of the door, pinned by name."""

import uuid
from pathlib import Path

import pytest

from geo_central.kernel.sql import load
from issues.intake.operations import report
from issues.intake.photos import store_photo
from tests.factories.reports import NOON, draft, photo_bytes, service_with

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
MOST = 9
ANONYMOUS = [
    "lifecycle/receipt_or_number",
    "catalogue/service",
    "layers/place_at",
    "routing/rules_for",
    "intake/similar",
    "lifecycle/holidays",
    "lifecycle/open",
]


def names(seen):
    """The named queries behind some statements; any other as its text."""
    known = {
        load(p).strip(): f"{p.parent.parent.name}/{p.stem}"
        for room in ("issues", "layers")
        for p in (ROOT / room).rglob("sql/*.sql")
    }
    return [known.get(s, s) for s in seen if not s.startswith(("SAVEPOINT", "RELEASE"))]


def cost(statements, **changes):
    sent = draft(**changes)
    with statements() as seen:
        report(draft=sent, now=NOON)
    return names(seen)


def test_an_anonymous_report_takes_seven_statements(statements):
    assert cost(statements) == ANONYMOUS


def test_a_report_with_contact_and_photos_takes_eight(statements, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    photos = [uuid.uuid4() for _ in range(3)]
    for photo in photos:
        store_photo(photo_id=photo, content=photo_bytes(), now=NOON)
    spent = cost(
        statements,
        photos=[str(p) for p in photos],
        contact={"name": "Ana", "phone": "51999998888", "email": "ana@example.com"},
    )
    assert spent == [*ANONYMOUS[:-2], "citizens/recognise", *ANONYMOUS[-2:]]
    assert len(spent) <= MOST


def test_where_duplicates_are_never_asked_about_it_takes_one_less(statements):
    code = service_with(precision="area").code
    assert cost(statements, service=code) == [n for n in ANONYMOUS if n != "intake/similar"]


def test_the_same_report_again_takes_one(statements):
    sent = draft()
    report(draft=sent, now=NOON)
    with statements() as seen:
        report(draft=sent, now=NOON)
    assert names(seen) == ["lifecycle/receipt_or_number"]
