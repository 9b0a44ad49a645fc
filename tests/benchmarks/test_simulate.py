"""What a change of rules or of boundaries would have done to a million requests."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from issues.routing import staging
from issues.routing.simulating import Change, Simulated, simulate
from layers.models import LayerVersion
from layers.operations import StagedFeature, stage
from tests.benchmarks.conftest import Report

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PERIOD = (NOW - timedelta(days=3_650), NOW + timedelta(days=1))
SCAN = "SELECT count(*), count(DISTINCT (service_id, areas)) FROM issues_issue WHERE opened_at >= %s"


def timed(run: Callable[[], Simulated | None]) -> tuple[float, Simulated | None]:
    """Seconds, and what came out."""
    started = time.perf_counter()
    result = run()
    return time.perf_counter() - started, result


def scan() -> None:
    """The floor: the server groups the same rows once by service and areas."""
    with connection.cursor() as cursor:
        cursor.execute(SCAN, [PERIOD[0]])
        cursor.fetchone()


def staged_regions() -> int:
    """A draft of the regions in which two of them have changed places."""
    version = LayerVersion.objects.get(layer__slug="regions", state="active")
    features = list(version.features.order_by("rank", "code"))
    codes = [f.code for f in features]
    codes[0], codes[1] = codes[1], codes[0]
    staged = stage(
        slug="regions", title="", kind="area", source="benchmark", now=NOW,
        features=[
            StagedFeature(code, f.name, bytes(f.geom.ewkb), f.rank)
            for code, f in zip(codes, features, strict=True)
        ],
    )  # fmt: skip
    return staged.pk


@pytest.mark.parametrize(
    ("name", "boundary", "look_again"),
    [
        ("routing.simulate", False, None),
        ("routing.simulate.again", False, True),
        ("routing.simulate.boundary", True, None),
    ],
)
def test_simulating_a_million_requests(
    in_million: str, report: Report, name: str, boundary: bool, look_again: bool | None
) -> None:
    draft = staging.start_draft(title=name, by=None, now=NOW)
    draft = staging.drop_rule(draft.id, "smsurb-por-regiao", revision=draft.revision, now=NOW)
    change = Change(None, (staged_regions(),)) if boundary else Change(draft.id)
    floor, _nothing = timed(lambda: scan())
    seconds, outcome = timed(lambda: simulate(change=change, period=PERIOD, now=NOW, look_again=look_again))
    assert outcome is not None
    assert outcome.total + outcome.outside >= 1_000_000
    assert outcome.moved
    report(name, seconds, "s", target=10, floor=floor)
