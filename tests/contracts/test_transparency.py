"""The city at a glance: each number is that of the requests themselves, and leads to them."""

import csv
import json
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from geo_central.kernel.clock import city_zone
from issues.catalogue.models import Service
from issues.lifecycle.models import Event, Resolution
from issues.lifecycle.ratings.models import RatingMonth
from issues.teams.models import Team
from maps.models import GlanceKept
from maps.opendata.glance import glance
from maps.opendata.kept import count, count_usual, kept_glance
from maps.opendata.ranking import Asked
from tests.factories.reports import issue

pytestmark = pytest.mark.django_db
PAGE, JSON, CSV = "/transparencia/", "/transparencia.json", "/transparencia.csv"
MARCH = datetime(2025, 3, 10, 12, tzinfo=city_zone())
PERIOD = "from=2025-03&to=2025-04"


@pytest.fixture
def team():
    return Team.objects.order_by("slug")[0]


def done(team, days: int, *, late: bool = False, at: datetime = MARCH, **fields):
    closed = at + timedelta(days=days)
    due = closed + timedelta(days=-1 if late else 1)
    return issue(team, state="resolved", opened_at=at, closed_at=closed, due_at=due, **fields)


def read(client, query: str = PERIOD):
    answer = client.get(f"{JSON}?{query}")
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def test_the_numbers_are_those_of_the_requests_of_the_period(client, team):
    for days, late in ((1, False), (2, False), (9, True)):
        done(team, days, late=late)
    issue(team, state="assigned", opened_at=MARCH, due_at=MARCH + timedelta(days=1))
    issue(team, state="assigned", opened_at=timezone.now(), due_at=timezone.now() + timedelta(days=9))
    found = read(client)["all"]
    assert (found["received"], found["resolved"], found["on_time"], found["days"]) == (4, 3, 50.0, 2.0)


def test_a_reopened_request_counts_once(client, team):
    rows = [done(team, 1) for _ in range(4)]
    for n in (1, 2):
        event = Event.objects.create(issue=rows[0], code="resolved", at=MARCH, recorded_at=MARCH)
        Resolution.objects.create(
            issue=rows[0], event=event, team=team, at=MARCH, reopened_at=MARCH + timedelta(days=n)
        )
    assert read(client)["all"]["reopened"] == 25.0


def test_themes_districts_and_months_add_up_to_the_whole(client, team):
    other = Service.objects.exclude(theme=Service.objects.get(code="tapa-buracos").theme).first()
    done(team, 1, district="regiao-01")
    done(team, 1, district="regiao-02", service_id=other.pk)
    done(team, 1, district="regiao-02", at=MARCH + timedelta(days=30))
    found = read(client)
    for part in ("themes", "districts", "months"):
        assert sum(line["received"] for line in found[part]) == found["all"]["received"] == 3
    assert [line["code"] for line in found["months"]] == ["2025-04-01", "2025-03-01"]
    assert read(client, f"{PERIOD}&theme={other.theme.slug}")["all"]["received"] == 1
    assert read(client, f"{PERIOD}&district=regiao-02")["all"]["received"] == 2


def test_of_few_requests_no_share_is_told_and_of_few_ratings_no_score(client, team):
    done(team, 1)
    row = done(team, 2)
    RatingMonth.objects.create(service=row.service, district="", month=date(2025, 3, 1), n1=4)
    found = read(client)["all"]
    assert (found["received"], found["on_time"], found["days"], found["reopened"]) == (2, None, None, None)
    assert (found["ratings"], found["score"]) == (4, None)
    RatingMonth.objects.create(service=row.service, district="", month=date(2025, 4, 1), n1=1)
    assert read(client)["all"]["score"] == -5.0


def test_the_page_says_the_same_and_each_number_leads_to_its_map(client, team):
    row = done(team, 3, district="regiao-01")
    page = client.get(f"{PAGE}?{PERIOD}").content.decode()
    assert "/mapa/?from=2025-03-01&amp;to=2025-04-30" in page
    assert f"theme={row.service.theme.slug}" in page
    assert f"area={settings.CITY.district_layer}:regiao-01" in page
    assert "/mapa/?from=2025-03-01&amp;to=2025-03-31" in page


def test_without_requests_there_is_a_way_back(client):
    answer = client.get(f"{PAGE}?from=2001-01&to=2001-02")
    assert answer.status_code == 200
    assert "Nenhum pedido neste período" in answer.content.decode()


def test_the_file_has_every_line(client, team):
    done(team, 1, district="regiao-01")
    lines = list(csv.DictReader(client.get(f"{CSV}?{PERIOD}").content.decode().splitlines()))
    assert [line["kind"] for line in lines] == ["all", "theme", "district", "month"]
    assert {line["received"] for line in lines} == {"1"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=ontem", "from"),
        ("from=2025-03&to=2025-01", "to"),
        ("theme=nenhum", "theme"),
        ("district=x", "district"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name_and_told_on_the_page(client, query, field):
    answer = client.get(f"{JSON}?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert client.get(f"{PAGE}?{query}").status_code == 422


def test_what_was_counted_serves_every_reader_for_a_while_and_says_when(client, team, settings):
    settings.GLANCE_KEPT_S = 900
    done(team, 1, district="regiao-01")
    first = read(client)
    done(team, 2, district="regiao-01")
    assert read(client) == first
    assert first["counted_at"]
    assert "Contado em" in client.get(f"{PAGE}?{PERIOD}").content.decode()
    settings.GLANCE_KEPT_S = 0
    assert read(client)["all"]["received"] == first["all"]["received"] + 1


def test_what_is_kept_is_what_was_counted_to_the_last_digit(team):
    for days in (1, 2, 9):
        done(team, days, late=days > 5, district="regiao-01")
    period = Asked(date(2025, 3, 1), date(2025, 4, 1))
    now = timezone.now()
    with override_settings(GLANCE_KEPT_S=900):
        counted = count(period, now=now)
        assert kept_glance(period, now=now + timedelta(minutes=5)) == (counted, now)
    assert counted == glance(period, now=now)


def test_the_job_counts_what_the_page_offers_and_forgets_what_is_old(team):
    now = timezone.now()
    with override_settings(GLANCE_KEPT_S=900):
        count(Asked(date(2020, 1, 1), date(2020, 1, 1)), now=now - timedelta(hours=1))
        assert count_usual(today=date(2026, 11, 24), now=now) == 4
    assert GlanceKept.objects.count() == 4


def test_what_was_resolved_nobody_knows_when_has_no_median(client, team):
    for _ in range(3):
        issue(team, state="resolved", opened_at=MARCH, due_at=MARCH + timedelta(days=1))
    found = read(client)["all"]
    assert (found["resolved"], found["days"]) == (3, None)
