"""What one report costs: the statements of the door, pinned by name."""

import uuid
from pathlib import Path

import pytest
from django.db import connection, transaction

from geo_central.kernel.sql import load
from issues.intake.operations import report
from issues.intake.photos import store_photo
from issues.lifecycle.models import Holiday
from issues.routing.models import Rule
from issues.teams.models import Team
from tests.factories.reports import NOON, draft, photo_bytes

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
MOST = 9
ANONYMOUS = ["lifecycle/receipt_or_number", "layers/place_at", "lifecycle/open"]


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


def test_a_report_takes_three_statements_once_its_service_and_the_rules_have_been_read(statements):
    cost(statements)
    assert cost(statements) == ANONYMOUS


def test_the_first_report_after_a_change_reads_them_and_takes_no_more_than_nine(statements):
    Holiday.objects.create(on="2031-01-02", name="Um dia novo")
    spent = cost(statements)
    assert spent[:2] == ["lifecycle/receipt_or_number", "catalogue/service"]
    assert "lifecycle/holidays" in spent
    assert len(spent) <= MOST


def test_a_report_with_contact_and_photos_takes_four(statements, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cost(statements)
    photos = [uuid.uuid4() for _ in range(3)]
    for photo in photos:
        store_photo(photo_id=photo, content=photo_bytes(), now=NOON)
    spent = cost(
        statements,
        photos=[str(p) for p in photos],
        contact={"name": "Ana", "phone": "51999998888", "email": "ana@example.com"},
    )
    assert spent == [*ANONYMOUS[:-1], "citizens/recognise", *ANONYMOUS[-1:]]


def test_a_rule_changed_behind_our_back_decides_the_very_next_report():
    before = report(draft=draft(), now=NOON)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE issues_rule SET is_active = false WHERE slug = 'smsurb-por-regiao'")
    after = report(draft=draft(), now=NOON)
    assert before.team_name.startswith("SMSURB Conservação")
    assert after.team_name == "SMSURB Triagem"


def test_what_was_rolled_back_is_not_remembered():
    with transaction.atomic():
        Team.objects.filter(slug="smsurb-triagem").update(name="Outro nome")
        Rule.objects.filter(slug="smsurb-por-regiao").update(is_active=False)
        assert report(draft=draft(), now=NOON).team_name == "Outro nome"
        transaction.set_rollback(True)
    assert report(draft=draft(), now=NOON).team_name.startswith("SMSURB Conservação")


def test_the_same_report_again_takes_one(statements):
    sent = draft()
    report(draft=sent, now=NOON)
    with statements() as seen:
        report(draft=sent, now=NOON)
    assert names(seen) == ["lifecycle/receipt_or_number"]
