"""A report sent again is answered as it was the first time, to the last field."""

import uuid
from datetime import UTC, datetime

import pytest

from geo_central.kernel.geo import LngLat
from issues.intake.drafts import IssueDraft
from issues.intake.operations import report

NOON = datetime(2026, 11, 23, 15, tzinfo=UTC)
CORNER = LngLat(-51.2203, -30.0391)


def _draft() -> IssueDraft:
    return IssueDraft(client_id=uuid.uuid4(), service="tapa-buracos", point=CORNER)


@pytest.mark.django_db
def test_a_repeated_report_names_the_same_similar_request() -> None:
    first = report(draft=_draft(), now=NOON)
    second = _draft()
    told = report(draft=second, now=NOON)
    again = report(draft=second, now=NOON)
    assert told.duplicates_of == again.duplicates_of == first.protocol
    assert (told.created, again.created) == (True, False)
    assert (told.protocol, told.token, told.due_at, told.reasons) == (
        again.protocol,
        again.token,
        again.due_at,
        again.reasons,
    )
