"""The ranking over HTTP: the lines, the order, the periods, and what is refused."""

import csv
import io
import json
from datetime import date, datetime, timedelta

import pytest
from django.utils.timezone import localdate

from geo_central.kernel.clock import city_zone
from issues.lifecycle.ratings.operations import write_past_ratings
from issues.teams.models import Team
from maps.opendata.ranking import parse_asked, ranking
from tests.factories.reports import issue

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def rated(service, faces, *, month=date(2026, 10, 1), district="regiao-16"):
    """Resolved requests of a service with these faces, judged in that month."""
    team = Team.objects.order_by("id").first()
    at = datetime(month.year, month.month, 10, 12, tzinfo=city_zone())
    rows = []
    for n, face in enumerate(faces):
        case = issue(team, service=service, state="resolved", closed_at=at, district=district)
        rows.append(
            {
                "issue_id": case.id,
                "closed_at": at,
                "service_id": case.service_id,
                "district": district,
                "face": face,
                "reasons": [],
                "rated_at": at + timedelta(minutes=n),
            }
        )
    write_past_ratings(rows)


def lines(**query):
    return ranking(parse_asked(query, today=TODAY))


def test_a_score_is_shown_from_five_ratings_on(db):
    rated("tapa-buracos", [5, 5, 5, 5])
    assert [(r.code, r.n, r.score, r.position) for r in lines().rows] == [("tapa-buracos", 4, None, None)]
    rated("tapa-buracos", [5])
    assert [(r.code, r.n, r.score, r.position) for r in lines().rows] == [("tapa-buracos", 5, 5.0, 1)]


def test_many_good_ratings_stand_before_five_perfect_ones(db):
    rated("tapa-buracos", [5] * 5)
    rated("luminaria-apagada", [5] * 36 + [4] * 4)
    rated("agua-falta", [1] * 30)
    assert [r.code for r in lines().rows] == ["luminaria-apagada", "tapa-buracos", "agua-falta"]
    assert [r.code for r in lines(order="worst").rows] == ["agua-falta", "tapa-buracos", "luminaria-apagada"]


def test_the_published_score_of_2021_stands_beside_the_live_one(db):
    rated("poluicao-sonora", [3] * 5)
    assert lines().rows[0].baseline == -4.6


def test_the_change_compares_with_the_period_of_the_same_length_before(db):
    rated("tapa-buracos", [1] * 20, month=date(2026, 9, 1))
    rated("tapa-buracos", [5] * 20, month=date(2026, 10, 1))
    row = lines(**{"from": "2026-10", "to": "2026-10"}).rows[0]
    assert (row.score, row.change.by, row.change.is_clear) == (5.0, 10.0, True)
    assert lines(**{"from": "2026-09", "to": "2026-10"}).rows[0].change is None


def test_a_region_shows_its_own_ratings_only(db):
    rated("tapa-buracos", [1] * 6, district="regiao-01")
    rated("tapa-buracos", [5] * 6, district="regiao-02")
    assert lines(district="regiao-01").rows[0].score == -5
    assert lines().rows[0].score == 0
    assert [(r.code, r.score) for r in lines(by="district").rows] == [("regiao-02", 5), ("regiao-01", -5)]


def test_themes_and_departments_gather_their_services(db):
    rated("tapa-buracos", [1] * 3)
    rated("luminaria-apagada", [5] * 3)
    assert [(r.n, r.score) for r in lines(by="department").rows] == [(6, 0.0)]
    assert sorted(r.n for r in lines(by="theme").rows) == [3, 3]


def test_the_page_the_json_and_the_csv_say_the_same(client):
    rated("tapa-buracos", [1, 1, 2, 3, 5], month=localdate().replace(day=1))
    html = client.get("/ranking/").content.decode()
    assert "−1,5" in html
    document = json.loads(client.get("/ranking.json").content)
    assert [(r["code"], r["ratings"], r["score"]) for r in document["rows"]] == [("tapa-buracos", 5, -1.5)]
    table = list(csv.DictReader(io.StringIO(client.get("/ranking.csv").content.decode())))
    assert [(r["code"], float(r["score"]), r["score_2021"]) for r in table] == [
        ("tapa-buracos", document["rows"][0]["score"], "-2.5")
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("by=weather", "by"),
        ("order=random", "order"),
        ("from=2026-13", "from"),
        ("from=2026-10&to=2026-09", "to"),
        ("theme=no-such", "theme"),
        ("district=atlantis", "district"),
    ],
)
def test_a_question_that_cannot_be_answered_names_its_field(client, query, field):
    answer = client.get(f"/ranking.json?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    page = client.get(f"/ranking/?{query}")
    assert page.status_code == 422
    assert "Ranking dos serviços" in page.content.decode()


def test_a_ranking_takes_two_statements_of_ratings_at_most(db, statements):
    with statements() as seen:
        lines(by="district")
        lines()
    assert sum("issues_ratingmonth" in s for s in seen) == 2
