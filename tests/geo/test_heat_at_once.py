"""The heat store while others write: commits out of order, and a city that does not stand still."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connections

from issues.intake.operations import report
from issues.lifecycle.models import Issue
from maps.filters import HeatFilters
from maps.tiles import heat
from maps.tiles.engine import store, upkeep
from maps.tiles.engine.building import rebuild
from maps.tiles.grid import Tile
from tests.factories.acts import do, manager, proved
from tests.factories.mvt import decode
from tests.factories.reports import NOON, draft

pytestmark = pytest.mark.usefixtures("own_database")
WHOLE = Tile(8, 91, 150)


@pytest.fixture(autouse=True)
def built(tmp_path, settings):
    """A store of what is committed, and the engine ready."""
    settings.HEAT_ROOT = tmp_path
    heat.warm(wait=True)
    rebuild(now=lambda: datetime.now(UTC))


def total():
    """Requests in the whole city by a tile of the store."""
    reading = heat.reading()
    assert reading.now is not None
    return sum(f.properties["n"] for f in decode(reading.tile(WHOLE, HeatFilters())).get("heat", []))


def copied(cursor, issue):
    """One more request like this one, with its event, in somebody else's transaction."""
    fresh = uuid.uuid4()
    columns = [
        f.column
        for f in Issue._meta.concrete_fields
        if not f.generated and f.column not in ("id", "client_id", "protocol", "token")
    ]
    names = ", ".join(columns)
    cursor.execute(
        f"INSERT INTO issues_issue (client_id, protocol, token, {names})"
        f" SELECT %(id)s, %(text)s, %(text)s, {names} FROM issues_issue WHERE id = %(issue)s RETURNING id",
        {"id": fresh, "text": fresh.hex[:20], "issue": issue.pk},
    )
    (made,) = cursor.fetchone()
    cursor.execute(
        "INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data)"
        " VALUES (%s, 'opened', now(), now(), true, '{}')",
        [made],
    )


def test_what_began_before_and_was_committed_after_is_not_missed(own_database):
    issue = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    before = total()
    with psycopg.connect(own_database) as early, psycopg.connect(own_database) as late:
        copied(early.cursor(), issue)
        copied(late.cursor(), issue)
        late.commit()
        assert total() == before + 1
        for _ in range(3):  # the watermark waits for the one that is not done
            report(draft=draft(), now=NOON)
            assert heat.reading().now is not None
        assert total() == before + 4
        early.commit()
        assert total() == before + 5
    assert upkeep.compare(WHOLE, HeatFilters(), staff=True) is None


def test_a_build_takes_in_what_is_committed_while_it_runs(own_database):
    issue = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    before = total()
    with psycopg.connect(own_database) as early:
        copied(early.cursor(), issue)
        rebuild(now=lambda: datetime.now(UTC))
        early.commit()
    assert total() == before + 1
    assert upkeep.compare(WHOLE, HeatFilters(), staff=True) is None


def test_tiles_agree_after_many_wrote_read_and_built_at_once(own_database):
    def work(task):
        try:
            for _ in range(8):
                task()
        finally:
            connections.close_all()

    def write():
        issue = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
        do(issue, "resolve", manager(), proof=proved())

    def build():
        try:
            rebuild(now=lambda: datetime.now(UTC))
        except store.Busy:
            return

    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(work, task) for task in (write, write, total, total, build)]:
            done.result()
    for state in ("all", "open", "closed"):
        assert upkeep.compare(WHOLE, HeatFilters(state=state), staff=True) is None
