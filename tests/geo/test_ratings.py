"""Ratings in the database: once per closing, changed at will, counted by month without drift."""

import random
from datetime import timedelta

import pytest

from geo_central.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from issues.lifecycle.models import Event, Follow
from issues.lifecycle.ratings.models import Rating, RatingBaseline, RatingMonth
from issues.lifecycle.ratings.operations import count_again, load_baselines, rate
from issues.teams.models import Team
from tests.factories.reports import NOON, issue

pytestmark = pytest.mark.django_db
MONTHS = ("service_id", "district", "month", "n1", "n2", "n3", "n4", "n5")


@pytest.fixture
def resolved(db):
    """A request that its team says is done."""
    return done(Team.objects.order_by("id").first())


def done(team, **fields):
    return issue(team, **{"state": "resolved", "district": "regiao-16", "closed_at": NOON, **fields})


def months():
    rows = RatingMonth.objects.order_by("service_id", "district", "month").values_list(*MONTHS)
    return {r for r in rows if any(r[3:])}


def test_a_rating_counts_once_for_the_city_once_for_its_region_and_once_for_the_regions_total(resolved):
    rated = rate(token=resolved.token, face=2, reasons=["half_done"], words=" Ficou um degrau. ", now=NOON)
    assert (rated.protocol, rated.changed, rated.may_reopen) == (resolved.protocol, False, True)
    month = NOON.date().replace(day=1)
    assert months() == {
        (resolved.service_id, "", month, 0, 1, 0, 0, 0),
        (resolved.service_id, "regiao-16", month, 0, 1, 0, 0, 0),
        (None, "regiao-16", month, 0, 1, 0, 0, 0),
    }
    kept = Rating.objects.get()
    assert (kept.score, kept.words, kept.is_moderated) == (-2.5, "Ficou um degrau.", False)


def test_changing_ones_mind_moves_the_count_instead_of_adding_one(resolved):
    rate(token=resolved.token, face=1, now=NOON)
    again = rate(token=resolved.token, face=5, now=NOON + timedelta(days=20))
    assert again.changed
    month = NOON.date().replace(day=1)
    assert (resolved.service_id, "", month, 0, 0, 0, 0, 1) in months()
    assert Rating.objects.count() == 1


def test_a_request_resolved_again_is_rated_again(resolved):
    rate(token=resolved.token, face=1, now=NOON)
    later = NOON + timedelta(days=3)
    Event.objects.create(issue=resolved, code="resolved", at=later, recorded_at=later)
    rate(token=resolved.token, face=4, now=later)
    assert list(Rating.objects.order_by("closed_at").values_list("face", flat=True)) == [1, 4]


def test_a_rating_leaves_an_event_that_the_public_does_not_see(resolved):
    rate(token=resolved.token, face=3, reasons=["too_slow"], now=NOON)
    event = Event.objects.get(issue=resolved, code="rated")
    assert (event.is_public, event.data) == (False, {"face": 3, "reasons": ["too_slow"]})


def test_counts_stay_equal_to_the_ratings_through_any_changes(db):
    dice = random.Random(11)
    teams = list(Team.objects.order_by("id")[:2])
    cases = [done(teams[n % 2], district=("", "regiao-01", "regiao-02")[n % 3]) for n in range(12)]
    for n in range(60):
        moment = NOON + timedelta(days=dice.randrange(90))
        rate(token=dice.choice(cases).token, face=dice.randint(1, 5), now=moment + timedelta(seconds=n))
    kept = months()
    count_again()
    assert months() == kept


@pytest.mark.parametrize("state", ["assigned", "in_progress", "rejected", "duplicate", "cancelled"])
def test_what_is_not_resolved_cannot_be_rated(state, db):
    case = done(Team.objects.order_by("id").first(), state=state)
    with pytest.raises(Conflict, match=r"rating\.not_yet"):
        rate(token=case.token, face=5, now=NOON)


def test_whoever_only_follows_does_not_judge(resolved):
    Follow.objects.create(
        issue=resolved, client_id="11111111-1111-4111-8111-111111111111", token="f" * 32, created_at=NOON
    )
    with pytest.raises(Forbidden, match=r"rating\.only_reporter"):
        rate(token="f" * 32, face=5, now=NOON)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"token": "nobody-has-this-token"}, NotFound),
        ({"token": "x"}, NotFound),
        ({"face": 0}, Invalid),
        ({"face": 6}, Invalid),
        ({"reasons": ["because"]}, Invalid),
        ({"words": "a" * 2_001}, Invalid),
    ],
)
def test_what_is_no_rating_is_refused_and_leaves_nothing(resolved, given, error):
    with pytest.raises(error):
        rate(**{"token": resolved.token, "face": 3, "now": NOON, **given})
    assert not Rating.objects.exists()
    assert not months()


def test_the_scores_published_for_2021_belong_to_ten_services(db):
    rows = RatingBaseline.objects.order_by("score").values_list("service__name", "score")
    assert len(rows) == 10
    assert rows[0] == ("Denúncia - Poluição Sonora", -4.6)
    with pytest.raises(Invalid, match=r"catalogue\.unknown_reference"):
        load_baselines([{"service": "no-such", "score": 1}], year=2021)
