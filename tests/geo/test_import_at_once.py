"""An import with two writers, each on a connection of its own."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from issues.intake.importing.mapping import parse_mapping
from issues.intake.importing.running import Job, run
from issues.lifecycle.models import Event, Issue

pytestmark = pytest.mark.usefixtures("own_database", "_unblocked")
MAPPING = {
    "source": "twins",
    "default_service": "tapa-buracos",
    "columns": {"external_id": ["id"], "opened_at": "opened", "lng": "lng", "lat": "lat"},
}


@pytest.fixture
def _unblocked(django_db_blocker):
    with django_db_blocker.unblock():
        yield


def test_two_writers_lose_nothing_and_write_nothing_twice(tmp_path: Path):
    path = tmp_path / "a.csv"
    lines = [f"{n % 500},2021-05-10 08:00,{-51.23 + n % 500 * 1e-5:.6f},-30.03" for n in range(1000)]
    path.write_text("id,opened,lng,lat\n" + "\n".join(lines))
    papers = (tmp_path / "refused.csv", tmp_path / "progress.json")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    totals = run(Job(path, parse_mapping(MAPPING, "m.toml"), *papers, now, batch=60, writers=2))
    assert (totals.read, totals.imported, totals.known, totals.refused) == (1000, 500, 500, 0)
    assert Issue.objects.filter(source="twins").count() == 500
    assert Event.objects.filter(issue__source="twins").count() == 1000
