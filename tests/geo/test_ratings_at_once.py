"""One citizen's many taps, committed by several threads, are one judgement."""

from datetime import timedelta

import pytest

from issues.lifecycle.ratings.models import Rating, RatingMonth
from issues.lifecycle.ratings.operations import rate
from issues.teams.models import Team
from tests.factories.reports import NOON, issue
from tests.geo.test_intake_at_once import at_once

pytestmark = pytest.mark.usefixtures("own_database")


def test_eight_taps_at_once_are_one_rating_and_one_count():
    team = Team.objects.order_by("id").first()
    case = issue(team, state="resolved", district="regiao-16", closed_at=NOON)
    done = at_once(lambda n: rate(token=case.token, face=1 + n % 5, now=NOON + timedelta(seconds=n)))
    assert sorted(r.changed for r in done) == [False] + [True] * 7
    kept = Rating.objects.get(issue=case)
    rows = RatingMonth.objects.filter(district__in=["", "regiao-16"]).order_by("id")
    counts = [(r.n1, r.n2, r.n3, r.n4, r.n5) for r in rows]
    assert counts == [tuple(int(kept.face == f) for f in range(1, 6))] * 3
