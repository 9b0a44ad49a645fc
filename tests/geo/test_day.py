"""A team's day: what is planned for whom, what stays where a person put it, what everybody is told."""

from datetime import date, timedelta

import pytest
from django.db import connection

from geo_central.kernel.errors import Conflict, Invalid, NotFound
from geo_central.kernel.geo import LngLat
from issues.crew.day.operations import dissolve_crew, form_crew, give, own_crew, place_member
from issues.crew.day.planning import SetOut, plan_day
from issues.crew.day.queries import board, crews_of, day_of
from issues.crew.models import Assignment, Crew, CrewDay, WorkTime
from issues.lifecycle.models import Event, Issue, IssueStep
from issues.teams.models import Team
from tests.factories.acts import do, manager
from tests.factories.crews import crew, member
from tests.factories.reports import CENTRE, NOON, POTHOLE, issue

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def team(db):
    return Team.objects.get(slug="smsurb-conservacao-16")


@pytest.fixture
def other(db):
    return Team.objects.get(slug="smsurb-conservacao-03")


def east(metres):
    return LngLat(CENTRE.lng + metres / 96_330, CENTRE.lat)


def plan(team, *crews, by=None, hours=6, at=NOON, point=CENTRE):
    outs = [SetOut(c.pk, point) for c in crews]
    return plan_day(team_id=team.pk, crews=outs, by=by or manager(), now=at, hours=hours)


def round_of(one, on=TODAY):
    row = next(c for c in crews_of(one.team_id) if c.id == one.pk)
    return day_of(row, on)


def protocols(stops):
    return [s.protocol for s in stops]


# ---- planned


def test_the_open_work_of_the_team_is_put_in_order_with_times_and_ways(team):
    lorry = crew(team)
    made = [issue(team, east(m)) for m in (900, 100, 500)]
    done = plan(team, lorry)
    day = round_of(lorry)
    assert protocols(day.open) == [made[1].protocol, made[2].protocol, made[0].protocol]
    assert [s.position for s in day.open] == [1, 2, 3]
    assert all(a.leaves_at <= b.arrives_at for a, b in zip(day.open, day.open[1:], strict=False))
    assert all(s.leg.startswith('{"type":"LineString"') for s in day.open)
    assert (done.stops, done.left) == (3, 0)
    assert done.metres == pytest.approx(sum(s.metres for s in day.open), abs=1)
    assert day.plan.metres <= day.plan.nearest_metres


def test_work_takes_as_long_as_the_city_says(team):
    lorry = crew(team)
    issue(team, east(100))
    WorkTime.objects.filter(service__code=POTHOLE).update(minutes=75)
    plan(team, lorry)
    (stop,) = round_of(lorry).open
    assert stop.leaves_at - stop.arrives_at == timedelta(minutes=75)


def test_what_does_not_fit_is_left_and_it_is_what_has_time(team):
    lorry = crew(team)
    late = [issue(team, east(m), due_at=NOON - timedelta(days=2)) for m in (400, 800)]
    for m in (100, 200, 300):
        issue(team, east(m), due_at=NOON + timedelta(days=9))
    WorkTime.objects.filter(service__code=POTHOLE).update(minutes=50)
    done = plan(team, lorry, hours=2)
    assert sorted(protocols(round_of(lorry).open)) == sorted(i.protocol for i in late)
    assert done.left == 3


def test_only_what_may_be_done_today_by_this_team_is_planned(team, other):
    lorry = crew(team)
    mine = issue(team, east(100))
    issue(other, east(100))
    issue(team, east(100), state="waiting")
    issue(team, east(100), state="resolved")
    issue(team, None)
    later = issue(team, east(100))
    do(later, "schedule", manager(), on=TOMORROW)
    lent = issue(other, east(200))
    IssueStep.objects.create(
        issue=lent, code="x", name="x", team=team, away=True, opened_at=NOON, due_at=lent.due_at
    )
    plan(team, lorry)
    assert protocols(round_of(lorry).open) == [mine.protocol, lent.protocol]


def test_several_crews_share_the_work_by_where_they_stand(team):
    west, far = crew(team, "Oeste"), crew(team, "Leste")
    here = [issue(team, east(m)) for m in (100, 200)]
    there = [issue(team, east(m)) for m in (5100, 5200)]
    outs = [SetOut(west.pk, CENTRE), SetOut(far.pk, east(5000))]
    plan_day(team_id=team.pk, crews=outs, by=manager(), now=NOON, hours=6)
    assert protocols(round_of(west).open) == protocols(here)
    assert protocols(round_of(far).open) == protocols(there)


def test_planning_one_crew_leaves_the_round_of_another_alone(team):
    one, two = crew(team, "Um"), crew(team, "Dois")
    first = issue(team, east(100))
    plan(team, one)
    second = issue(team, east(200))
    plan(team, two)
    assert protocols(round_of(one).open) == [first.protocol]
    assert protocols(round_of(two).open) == [second.protocol]


def test_what_a_person_gave_stays_with_that_crew_and_is_put_in_order(team):
    near, far = crew(team, "Perto"), crew(team, "Longe")
    row = issue(team, east(50))
    give(protocol=row.protocol, team_id=team.pk, target=f"c{far.pk}", on=TODAY, by=manager(), now=NOON)
    outs = [SetOut(near.pk, CENTRE), SetOut(far.pk, east(3000))]
    plan_day(team_id=team.pk, crews=outs, by=manager(), now=NOON, hours=6)
    assert round_of(near).open == ()
    (stop,) = round_of(far).open
    assert (stop.position, stop.is_pinned) == (1, True)


def test_a_new_plan_keeps_what_was_done_and_orders_the_rest_from_where_the_crew_is(team):
    lorry = crew(team)
    rows = [issue(team, east(m)) for m in (100, 200, 300)]
    plan(team, lorry)
    Issue.objects.filter(pk=rows[0].pk).update(state="resolved", closed_at=NOON + timedelta(hours=1))
    arrived = issue(team, east(400))
    plan(team, lorry, at=NOON + timedelta(hours=1), point=east(500))
    day = round_of(lorry)
    assert protocols(day.done) == [rows[0].protocol]
    assert protocols(day.open) == [arrived.protocol, rows[2].protocol, rows[1].protocol]


def test_work_that_came_since_the_plan_is_counted_until_it_is_planned(team):
    lorry = crew(team)
    issue(team, east(100))
    plan(team, lorry)
    assert round_of(lorry).arrived == 0
    later = NOON + timedelta(minutes=5)
    new = issue(team, east(200), updated_at=later)
    Event.objects.create(issue=new, code="opened", at=later, recorded_at=later)
    assert round_of(lorry).arrived == 1
    plan(team, lorry, at=later)
    assert round_of(lorry).arrived == 0


def test_what_was_routed_away_is_gone_from_the_day(team, other):
    lorry = crew(team)
    row = issue(team, east(100))
    plan(team, lorry)
    do(row, "assign", manager(), team=other.slug)
    assert round_of(lorry).open == ()
    assert not [c for column in board(team.pk, TODAY).columns for c in column.cards]


def test_a_crew_of_which_nothing_is_known_sets_out_amid_the_work(team):
    lorry = crew(team)
    for m in (0, 1000):
        issue(team, east(m))
    plan(team, lorry, point=None)
    assert CrewDay.objects.get(crew=lorry).start.x == pytest.approx(east(500).lng, abs=1e-5)


def test_without_work_there_is_nothing_to_plan_from(team):
    with pytest.raises(Invalid, match=r"day\.no_work"):
        plan(team, crew(team), point=None)


def test_a_day_without_work_is_a_day(team):
    lorry = crew(team)
    assert plan(team, lorry).stops == 0
    assert round_of(lorry).stops == ()


def test_hours_are_from_one_to_twelve(team):
    for hours in (0.5, 13):
        with pytest.raises(Invalid, match=r"field\.out_of_range"):
            plan(team, crew(team, str(hours)), hours=hours)


def test_the_day_ends_with_the_working_day_of_the_department(team):
    lorry = crew(team)
    plan(team, lorry, hours=None)
    day = CrewDay.objects.get(crew=lorry)
    assert (day.begins_at, day.ends_at) == (NOON, NOON + timedelta(hours=6))  # 12:00 to 18:00 in the city
    night = NOON + timedelta(hours=10)
    plan(team, lorry, hours=None, at=night)
    day.refresh_from_db()
    assert day.ends_at - day.begins_at == timedelta(hours=4)


# ---- told


def codes(row):
    return list(row.events.order_by("id").values_list("code", "is_public"))


def test_the_history_says_inwards_which_crew_got_it_once(team):
    lorry = crew(team)
    row = issue(team, east(100))
    for _ in range(2):
        plan(team, lorry)
    assert codes(row) == [("crew_assigned", False)]
    assert row.events.get().data == {"crew": "Caminhão 1", "on": "2026-11-23"}


def test_what_a_plan_drops_is_said_too(team):
    lorry = crew(team)
    row = issue(team, east(100))
    plan(team, lorry)
    Issue.objects.filter(pk=row.pk).update(state="waiting")
    plan(team, lorry)
    assert codes(row) == [("crew_assigned", False), ("crew_released", False)]
    assert not Assignment.objects.filter(issue=row).exists()


def test_a_plan_wakes_the_live_streams(team):
    lorry = crew(team)
    row = issue(team, east(100))
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM issues_event")
        before = cursor.fetchone()[0] or 0
    plan(team, lorry)
    assert Event.objects.filter(pk__gt=before, issue=row).count() == 1


def test_for_a_later_day_the_request_is_scheduled_and_for_today_it_is_not(team):
    lorry = crew(team)
    today, later = issue(team, east(100)), issue(team, east(200))
    give(protocol=today.protocol, team_id=team.pk, target=f"c{lorry.pk}", on=TODAY, by=manager(), now=NOON)
    give(protocol=later.protocol, team_id=team.pk, target=f"c{lorry.pk}", on=TOMORROW, by=manager(), now=NOON)
    later.refresh_from_db()
    today.refresh_from_db()
    assert (today.state, later.state) == ("assigned", "scheduled")
    assert codes(later) == [("crew_assigned", False), ("scheduled", True)]
    plan(team, lorry)
    assert protocols(round_of(lorry).open) == [today.protocol]
    plan(team, lorry, at=NOON + timedelta(days=1))
    assert protocols(round_of(lorry, TOMORROW).open) == [today.protocol, later.protocol]


# ---- given


def test_giving_twice_is_once_and_taking_back_is_possible(team):
    lorry = crew(team)
    row = issue(team)
    by = manager()
    for _ in range(2):
        give(protocol=row.protocol, team_id=team.pk, target=f"c{lorry.pk}", on=TODAY, by=by, now=NOON)
    for _ in range(2):
        give(protocol=row.protocol, team_id=team.pk, target="", on=TODAY, by=by, now=NOON)
    assert codes(row) == [("crew_assigned", False), ("crew_released", False)]


def test_who_goes_alone_becomes_a_crew_of_one(team):
    row, worker = issue(team), member(team)
    give(protocol=row.protocol, team_id=team.pk, target=f"u{worker.pk}", on=TODAY, by=manager(), now=NOON)
    mine = Crew.objects.get(pk=own_crew(team_id=team.pk, user_id=worker.pk))
    assert Assignment.objects.get(issue=row).crew == mine
    assert mine.name == worker.get_username()
    names = [c.name for c in board(team.pk, TODAY).columns]
    assert names == [mine.name]


@pytest.mark.parametrize("target", ["c0", "c999999", "u999999", "x1", "c", "c-1", "c" + "9" * 30])
def test_nobody_else_can_be_given_anything(team, target):
    with pytest.raises(Invalid, match=r"crew\.unknown"):
        give(protocol=issue(team).protocol, team_id=team.pk, target=target, on=TODAY, by=manager(), now=NOON)


def test_only_open_work_of_the_team_is_given_and_not_for_yesterday(team, other):
    lorry = crew(team)
    ask = {"team_id": team.pk, "target": f"c{lorry.pk}", "by": manager(), "now": NOON}
    with pytest.raises(NotFound):
        give(protocol=issue(other).protocol, on=TODAY, **ask)
    with pytest.raises(Conflict):
        give(protocol=issue(team, state="resolved").protocol, on=TODAY, **ask)
    with pytest.raises(Invalid, match="in_the_past"):
        give(protocol=issue(team).protocol, on=TODAY - timedelta(days=1), **ask)


def test_a_crew_of_another_team_gets_nothing(team, other):
    theirs = crew(other)
    with pytest.raises(Invalid, match=r"crew\.unknown"):
        give(
            protocol=issue(team).protocol,
            team_id=team.pk,
            target=f"c{theirs.pk}",
            on=TODAY,
            by=manager(),
            now=NOON,
        )
    with pytest.raises(Invalid, match=r"crew\.unknown"):
        plan(team, theirs)


def test_a_crew_that_is_dissolved_gives_its_work_back_and_frees_its_people(team):
    worker = member(team)
    lorry = crew(team, "Caminhão 9")
    row = issue(team)
    boss = manager()
    place_member(team_id=team.pk, user_id=worker.pk, crew_id=lorry.pk, by=boss)
    give(protocol=row.protocol, team_id=team.pk, target=f"u{worker.pk}", on=TODAY, by=boss, now=NOON)
    dissolve_crew(team_id=team.pk, crew_id=lorry.pk, by=boss, now=NOON)
    assert not Assignment.objects.filter(issue=row).exists()
    assert [c.person.id for c in board(team.pk, TODAY).columns] == [worker.pk]
    assert form_crew(team_id=team.pk, name=" Caminhão  9 ", by=boss) == lorry.pk


def test_somebody_goes_out_with_one_crew_of_a_team(team):
    worker, boss = member(team), manager()
    one, two = crew(team, "Um"), crew(team, "Dois")
    for each in (one, two):
        place_member(team_id=team.pk, user_id=worker.pk, crew_id=each.pk, by=boss)
    assert own_crew(team_id=team.pk, user_id=worker.pk) == two.pk
    stranger = member(Team.objects.get(slug="dmae-centro"))
    with pytest.raises(Invalid, match=r"crew\.not_a_member"):
        place_member(team_id=team.pk, user_id=stranger.pk, crew_id=one.pk, by=boss)


# ---- the board


def test_the_board_shows_who_works_on_what(team):
    lorry = crew(team)
    given, free = issue(team, east(10)), issue(team, east(20), due_at=NOON + timedelta(days=1))
    give(protocol=given.protocol, team_id=team.pk, target=f"c{lorry.pk}", on=TODAY, by=manager(), now=NOON)
    seen = board(team.pk, TODAY)
    assert protocols(seen.free) == [free.protocol]
    assert [(c.name, protocols(c.cards)) for c in seen.columns] == [("Caminhão 1", [given.protocol])]
    assert board(team.pk, TOMORROW).columns[0].cards == ()


def test_the_most_pressing_comes_first_and_the_rest_is_counted(team, monkeypatch):
    monkeypatch.setattr("issues.crew.day.queries.BOARD_LIMIT", 2)
    rows = [issue(team, east(n), due_at=NOON + timedelta(days=n)) for n in (3, 1, 2)]
    urgent = issue(team, east(9), priority=1, due_at=NOON + timedelta(days=8))
    seen = board(team.pk, TODAY)
    assert protocols(seen.free) == [urgent.protocol, rows[1].protocol]
    assert seen.more == 2
