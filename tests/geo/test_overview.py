"""The manager's numbers equal the requests behind them, for managers and for leaders."""

from datetime import timedelta

import pytest
from django.urls import reverse

from issues.lifecycle.models import Event, Resolution
from issues.lifecycle.overview.queries import WHAT, Which, listed, overview
from issues.teams.models import Membership, Team, User
from tests.factories.reports import NOON, issue

pytestmark = pytest.mark.django_db
NOW = NOON + timedelta(days=40)
SINCE = NOW - timedelta(days=30)


@pytest.fixture
def teams(db):
    return list(Team.objects.order_by("id")[:2])


@pytest.fixture
def cases(teams):
    """Late, due soon, far, waiting, closed well, closed without proof, and one that came back."""
    one, other = teams
    late = issue(one, district="regiao-01", due_at=NOW - timedelta(days=2))
    issue(one, district="regiao-02", due_at=NOW + timedelta(days=1), opened_at=NOW - timedelta(days=3))
    issue(other, district="regiao-01", due_at=NOW + timedelta(days=90))
    issue(one, district="regiao-01", due_at=NOW - timedelta(days=9), state="waiting")
    for state, missing, again in (("resolved", "", None), ("resolved", "photo", None), ("reopened", "", NOW)):
        case = issue(other, district="regiao-02", state=state, due_at=NOW + timedelta(days=9))
        event = Event.objects.create(issue=case, code="resolved", at=NOW, recorded_at=NOW)
        Resolution.objects.create(
            issue=case,
            event=event,
            team=other,
            at=NOW - timedelta(days=1),
            missing=missing,
            unproved="no_camera" if missing else "",
            reopened_at=again,
        )
    return late


def numbers(line):
    return (line.open, line.overdue, line.soon, line.closed, line.unproved, line.reopened)


def test_what_waits_for_the_citizen_is_open_and_not_late(cases):
    seen = overview(teams=None, since=SINCE, now=NOW)
    assert numbers(seen.all) == (5, 1, 1, 3, 1, 1)


def test_teams_and_regions_have_their_own_numbers(cases, teams):
    seen = overview(teams=None, since=SINCE, now=NOW)
    assert {t.code: numbers(t) for t in seen.teams} == {
        teams[0].slug: (3, 1, 1, 0, 0, 0),
        teams[1].slug: (2, 0, 0, 3, 1, 1),
    }
    assert {d.code: numbers(d) for d in seen.districts} == {
        "regiao-01": (3, 1, 0, 0, 0, 0),
        "regiao-02": (2, 0, 1, 3, 1, 1),
    }
    assert seen.teams[0].oldest_due_at == cases.due_at


def test_every_number_leads_to_as_many_requests(cases, teams):
    seen = overview(teams=None, since=SINCE, now=NOW)
    lines = [("", None, seen.all), *((t.code, None, t) for t in seen.teams)]
    lines += [("", d.code, d) for d in seen.districts]
    for team, district, line in lines:
        for what in WHAT:
            found, _ = listed(Which(what, team, district), teams=None, since=SINCE, now=NOW)
            assert len(found) == getattr(line, what), (what, team, district)
    for line in seen.ages:
        found, _ = listed(Which("open", age=line.code), teams=None, since=SINCE, now=NOW)
        assert len(found) == line.open
    for line in seen.states:
        found, _ = listed(Which("open", state=line.code), teams=None, since=SINCE, now=NOW)
        assert len(found) == line.open


def test_a_list_is_paged_by_due_date_without_a_gap(cases):
    seen, key = [], None
    while True:
        page, key = listed(Which("open"), teams=None, since=SINCE, now=NOW, after=key, limit=2)
        seen += [row.id for row in page]
        if key is None:
            break
    assert len(seen) == len(set(seen)) == 5


def test_why_proof_was_missing_is_counted_by_team(cases, teams):
    seen = overview(teams=None, since=SINCE, now=NOW)
    assert [(t, n) for t, _, reason, n in seen.unproved] == [(teams[1].slug, 1)]


def test_a_leader_sees_the_own_team_and_a_member_nothing(client, cases, teams):
    leader = User.objects.create_user(username="lider", password="x" * 12, role="crew")
    membership = Membership.objects.create(user=leader, team=teams[1], is_leader=True)
    client.force_login(leader)
    page = client.get(reverse("manager:requests"), {"o_que": "open"}).content.decode()
    assert teams[1].name in page
    assert cases.protocol not in page
    Membership.objects.filter(pk=membership.pk).update(is_leader=False)
    assert client.get(reverse("manager:home")).status_code == 403


def test_the_list_is_a_file_too(client, cases):
    client.force_login(User.objects.create_user(username="chefe", password="x" * 12, role="manager"))
    answer = client.get(reverse("manager:requests"), {"o_que": "overdue", "formato": "csv"})
    lines = answer.content.decode().splitlines()
    assert lines[0].startswith("protocol,service_name")
    assert client.get(reverse("manager:requests"), {"o_que": "everything"}).status_code == 422


def test_the_page_takes_two_statements_of_numbers(cases, statements):
    with statements() as seen:
        overview(teams=None, since=SINCE, now=NOW)
    assert len(seen) == 2
