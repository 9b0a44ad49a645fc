"""Alerts: who is told of what, once, and of nothing that isn't public."""

import re
import time
from datetime import timedelta

import pytest
from django.db import connection

from geo_central.kernel.errors import Conflict, Invalid, Malformed, NotFound
from geo_central.kernel.geo import LngLat, parse_ring
from issues.catalogue.models import Service
from issues.citizens.models import ContactPoint
from issues.conversations.alerts import operations, queries
from issues.conversations.alerts.links import mine_link, stop_link, unsign
from issues.conversations.alerts.models import Alert, AlertLetter
from issues.conversations.alerts.wishes import Wish, parse_wish
from issues.lifecycle.models import Event, Resolution
from issues.teams.models import Team
from tests.factories.reports import CENTRE, NOON, POTHOLE, issue
from tests.geo.test_notices import Clock

pytestmark = pytest.mark.django_db
ANA = "ana@example.com"
DAY = timedelta(days=1)
AROUND = ";".join(
    f"{CENTRE.lng + x},{CENTRE.lat + y}"
    for x, y in [(-0.01, -0.01), (0.01, -0.01), (0.01, 0.01), (-0.01, 0.01)]
)


@pytest.fixture
def clock():
    return Clock(NOON)


@pytest.fixture
def team():
    return Team.objects.order_by("slug")[0]


def wished(email=ANA, *, confirmed=True, every="day", resolved=False, now=NOON, **given):
    wish = parse_wish(given)
    operations.ask(wish=wish, email=email, every=every, resolved=resolved, language="pt-br", now=now)
    alert = Alert.objects.order_by("-pk")[0]
    return operations.confirm(alert.pk, now=now) if confirmed else alert


def letters(alert, kind="news"):
    return list(AlertLetter.objects.filter(alert=alert, kind=kind).order_by("pk"))


def told(alert):
    """Protocol and what of every news letter so far."""
    return [tuple(item) for letter in letters(alert) for item in letter.items]


def a_day_later(days=1):
    operations.write_letters(now=NOON + days * DAY + timedelta(hours=12))


def filed(team, point=CENTRE, hours=1, **more):
    return issue(team, point, opened_at=NOON + timedelta(hours=hours), **more)


def resolve(row, hours=2):
    at = NOON + timedelta(hours=hours)
    event = Event.objects.create(issue=row, code="resolved", at=at, recorded_at=at)
    Resolution.objects.create(issue=row, event=event, team=row.team, at=at)
    type(row).objects.filter(pk=row.pk).update(state="resolved", closed_at=at, updated_at=at)


# ---- Asked for and confirmed


def test_nothing_is_told_before_the_address_itself_says_yes(mail, clock, team):
    alert = wished(confirmed=False, polygon=AROUND)
    assert operations.deliver(now=clock) == 1
    (letter,) = mail.mails
    assert letter["To"] == ANA
    body = letter.get_body(("plain",)).get_content()
    signed = re.search(r"/alertas/confirmar/([^/\s]+)/", body)[1]
    filed(team)
    clock.pass_by(days=2)
    assert operations.deliver(now=clock) == 0
    assert unsign("confirm", signed) == alert.pk
    operations.confirm(alert.pk, now=clock())
    filed(team, hours=50)
    clock.pass_by(days=1)
    assert operations.deliver(now=clock) == 1
    assert len(told(alert)) == 1  # what was filed before it was confirmed is not told


def test_a_letter_says_what_is_public_and_how_to_stop(mail, clock, team):
    alert = wished(polygon=AROUND)
    row = filed(team, address="Rua da Praia, 10", description="Meu nome é Ana")
    clock.pass_by(days=1)
    operations.deliver(now=clock)
    letter = mail.mails[-1]
    body = letter.get_body(("plain",)).get_content()
    assert "Rua da Praia, 10" in body
    assert f"/chamado/{row.protocol}/" in body
    assert "Meu nome" not in body
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    signed = re.search(r"/alertas/parar/([^/>\s]+)/", letter["List-Unsubscribe"])[1]
    assert unsign("stop", signed) == alert.pk


def test_an_address_is_not_pestered_by_whoever_types_it(mail, clock):
    for _ in range(6):
        operations.ask(
            wish=Wish(theme="agua"), email=ANA, every="day", resolved=False, language="pt-br", now=NOON
        )
    assert operations.deliver(now=clock) == operations.ASKED_AN_HOUR


def test_a_wish_that_nobody_confirms_is_forgotten_with_its_address(mail, clock):
    wished(confirmed=False, tema="agua")
    kept = wished("bia@example.com", tema="agua")
    assert operations.forget(now=NOON + 3 * DAY) == 1
    assert list(Alert.objects.order_by("pk")) == [kept]
    assert ContactPoint.objects.count() == 1
    with pytest.raises(NotFound):
        operations.confirm(kept.pk + 1000, now=NOON)


def test_an_alert_that_ended_long_ago_is_forgotten_with_an_address_known_from_nothing_else():
    ended, other = wished(tema="agua"), wished("bia@example.com", tema="agua")
    operations.end(ended.pk, now=NOON)
    assert operations.forget(now=NOON + 29 * DAY) == 0
    assert operations.forget(now=NOON + 31 * DAY) == 1
    assert list(ContactPoint.objects.values_list("id", flat=True).order_by("id")) == [other.contact_id]


def test_a_link_is_for_its_purpose_only_and_that_of_the_question_ends():
    signed = stop_link(7).rstrip("/").rpartition("/")[2]
    assert unsign("stop", signed) == 7
    with pytest.raises(NotFound):
        unsign("mine", signed)
    with pytest.raises(NotFound):
        unsign("confirm", mine_link(7).rstrip("/").rpartition("/")[2])


def test_an_address_has_so_many_alerts_and_no_more(monkeypatch):
    monkeypatch.setattr(operations, "MOST", 2)
    for minutes in range(2):
        wished(now=NOON + timedelta(minutes=minutes), tema="agua")
    last = wished(confirmed=False, now=NOON + timedelta(minutes=3), tema="agua")
    with pytest.raises(Conflict, match="too_many"):
        operations.confirm(last.pk, now=NOON)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"bairro": "nenhum"}, "field.not_a_choice"),
        ({"regiao": "nenhuma"}, "field.not_a_choice"),
        ({"servico": "x"}, "field.not_a_choice"),
        ({"tema": "x"}, "field.not_a_choice"),
        ({"polygon": "1,2"}, "area.corners"),
    ],
)
def test_what_does_not_exist_cannot_be_wished_for(given, code):
    with pytest.raises((Invalid, Malformed), match=code):
        parse_wish(given)


def test_a_wish_for_everything_is_no_wish():
    with pytest.raises(Invalid, match=r"alert\.nothing"):
        operations.ask(wish=Wish(), email=ANA, every="day", resolved=False, language="", now=NOON)


# ---- Who is told


def test_a_drawn_area_tells_what_lies_in_it(team):
    alert = wished(polygon=AROUND)
    inside = filed(team)
    filed(team, LngLat(CENTRE.lng + 0.02, CENTRE.lat))
    a_day_later()
    assert told(alert) == [(inside.pk, "opened")]


def test_a_neighbourhood_a_district_a_service_and_a_theme_tell_theirs(team):
    row = filed(team, neighbourhood="centro-historico", district="centro")
    theme = Service.objects.get(code=POTHOLE).theme.slug
    filed(team, neighbourhood="", district="", service="luminaria-apagada")
    places = {"bairro": "centro-historico"}, {"servico": POTHOLE}, {"tema": theme}
    alerts = [wished(now=NOON + timedelta(minutes=n), **given) for n, given in enumerate(places)]
    narrow = wished("bia@example.com", bairro="centro-historico", servico="luminaria-apagada")
    a_day_later()
    assert [told(a) for a in alerts] == [[(row.pk, "opened")]] * 3
    assert told(narrow) == []


def test_a_request_shown_by_area_alone_is_in_no_drawn_area(team):
    hidden = Service.objects.filter(precision="area", geolocated=True).order_by("code")[0]
    row = filed(team, service=hidden.code, neighbourhood="centro-historico")
    drawn, named = wished(polygon=AROUND), wished(bairro="centro-historico")
    a_day_later()
    assert told(drawn) == []
    assert told(named) == [(row.pk, "opened")]


def test_what_is_resolved_is_told_to_whoever_wants_that_too(team):
    new, both = wished(polygon=AROUND), wished("bia@example.com", resolved=True, polygon=AROUND)
    row = filed(team)
    resolve(row)
    a_day_later()
    assert told(new) == [(row.pk, "opened")]
    assert sorted(told(both)) == [(row.pk, "opened"), (row.pk, "resolved")]


def test_imported_history_is_no_news(team):
    alert = wished(polygon=AROUND)
    filed(team, source="sp156", external_id="1")
    a_day_later()
    assert letters(alert) == []


def test_no_news_no_letter_and_many_are_counted(team):
    alert = wished(polygon=AROUND)
    a_day_later()
    assert letters(alert) == []
    for n in range(operations.ITEMS + 5):
        filed(team, hours=40 + n / 100)
    a_day_later(2)
    (letter,) = letters(alert)
    assert (letter.total, len(letter.items)) == (operations.ITEMS + 5, operations.ITEMS)


def test_a_weekly_letter_comes_on_a_monday_morning():
    moment = operations.next_letter("week", NOON)
    local = moment.astimezone(operations.city_zone())
    assert (local.isoweekday(), local.hour) == (1, 8)
    assert operations.next_letter("day", NOON) - NOON < DAY


# ---- Once


def test_what_was_told_is_not_told_again_and_nothing_falls_between_two_letters(team):
    alert = wished(polygon=AROUND)
    rows = [filed(team, hours=h) for h in (1, 23, 25, 47)]
    for days in (1, 2, 3):
        a_day_later(days)
        a_day_later(days)
    assert sorted(told(alert)) == [(r.pk, "opened") for r in rows]


def test_an_ended_alert_tells_nothing_and_a_resumed_one_nothing_of_the_pause(team):
    alert = wished(polygon=AROUND)
    operations.end(alert.pk, now=NOON)
    filed(team)
    a_day_later()
    operations.resume(alert.pk, now=NOON + 2 * DAY)
    late = filed(team, hours=60)
    a_day_later(4)
    assert told(alert) == [(late.pk, "opened")]


def test_only_ones_own_alert_is_changed():
    mine, other = wished(tema="agua"), wished("bia@example.com", tema="agua")
    operations.change(mine.contact_id, mine.pk, every="week", resolved=True, now=NOON)
    with pytest.raises(NotFound):
        operations.change(mine.contact_id, other.pk, every="week", resolved=True, now=NOON)
    address, rows = queries.mine(mine.contact_id, now=NOON)
    assert (address, [(r.every, r.resolved) for r in rows]) == (ANA, [("week", True)])


def test_a_server_that_is_down_is_tried_again_with_the_same_key(mail, clock):
    wished(confirmed=False, tema="agua")
    mail.refuse[ANA] = "451 later"
    assert operations.deliver(now=clock) == 0
    (letter,) = AlertLetter.objects.all()
    assert (letter.state, letter.attempts) == ("waiting", 1)
    assert ANA not in letter.failure
    mail.refuse.clear()
    clock.pass_by(minutes=5)
    assert operations.deliver(now=clock) == 1
    assert letter.key.hex in mail.mails[0]["Message-ID"]


def test_a_letter_whose_alert_has_ended_meanwhile_is_not_sent(mail, clock, team):
    alert = wished(polygon=AROUND)
    filed(team)
    clock.pass_by(days=1)
    operations.write_letters(now=clock())
    operations.end(alert.pk, now=clock())
    sent = operations.deliver(now=clock)
    assert letters(alert)[0].state == "dropped"
    assert sent == len(mail.mails)


# ---- How much it would be, and how long it takes


def test_how_much_it_would_have_been_agrees_with_what_is_told(team):
    alert = wished(polygon=AROUND)
    for n in range(3):
        filed(team, hours=1 + n)
    filed(team, LngLat(CENTRE.lng + 0.03, CENTRE.lat))
    a_day_later()
    assert queries.lately(parse_wish({"polygon": AROUND}), now=NOON + DAY) == len(told(alert)) == 3


MANY_ALERTS = """
    INSERT INTO issues_alert (contact_id, area, neighbourhood, district, resolved, every, language,
                              created_at, confirmed_at, told_until, next_at)
    SELECT contact_id, ST_Expand(ST_SetSRID(ST_MakePoint(-51.25 + 0.0015 * (n %% 100),
                                                    -30.15 + 0.002 * (n / 100)), 4326), 0.005), '', '', true,
           'day', 'pt-br', created_at, confirmed_at, told_until, next_at
      FROM issues_alert, generate_series(1, 10000) AS n WHERE id = %s
"""
MANY_ISSUES = """
    INSERT INTO issues_issue (
        client_id, protocol, token, service_id, channel, state, geom, public_geom, address, areas, district,
        neighbourhood, description, answers, is_moderated, department_id, team_id, reasons, priority,
        followers, opened_at, due_at, updated_at, source, external_id)
    SELECT gen_random_uuid(), 'a' || n, 'a' || n, service_id, channel, state, p, p, '', '{}', '', '', '',
           '{}', false, department_id, team_id, '[]', 3, 0, opened_at, due_at, updated_at, '', ''
      FROM issues_issue, generate_series(1, 2000) AS n,
           ST_SetSRID(ST_MakePoint(-51.25 + 0.0033 * (n %% 45), -30.15 + 0.0044 * (n / 45)), 4326) AS p
     WHERE id = %s
"""


def test_ten_thousand_areas_are_met_with_a_day_of_requests_in_seconds(team, monkeypatch):
    monkeypatch.setattr(operations, "_BATCH", 20_000)
    alert, row = wished(polygon=AROUND), filed(team)
    with connection.cursor() as cursor:
        cursor.execute(MANY_ALERTS, [alert.pk])
        cursor.execute(MANY_ISSUES, [row.pk])
        cursor.execute("ANALYZE issues_alert, issues_issue")
    began = time.perf_counter()
    assert operations.write_letters(now=NOON + DAY) > 5000
    took = time.perf_counter() - began
    print(f"{took:.2f} s")
    assert took < 8  # less than two on a quiet machine


# ---- Areas as they are drawn


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "area.corners"),
        ("1,2;3,4", "area.corners"),
        ("1,2;3,4;x,5", "area.corners"),
        ("1,2;3,4;5", "area.corners"),
        ("1,2;3,4;5,91", "area.corners"),
        (";".join(f"-51.2,{-30 - n / 1000}" for n in range(101)), "area.corners"),
        ("-51.20,-30.00;-51.19,-30.01;-51.19,-30.00;-51.20,-30.01", "area.crosses"),
        ("-51.20,-30.00;-51.19,-30.01;-51.18,-30.02", "area.crosses"),
        ("-51.4,-30.3;-51.0,-30.3;-51.0,-29.9;-51.4,-29.9", "area.too_large"),
    ],
)
def test_an_area_that_is_none_is_refused_by_name(text, code):
    with pytest.raises((Invalid, Malformed), match=code) as refused:
        parse_ring(text)
    assert refused.value.field == "polygon"


def test_an_area_may_be_closed_or_left_open():
    assert parse_ring(AROUND) == parse_ring(AROUND + ";" + AROUND.split(";")[0])
    assert parse_ring(AROUND).startswith("POLYGON ((")
