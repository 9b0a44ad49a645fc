"""Open requests follow the rules; what a person chose stays, and nothing moves twice."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from geo_central.kernel.geo import LngLat
from issues.catalogue.queries import service
from issues.lifecycle.models import Delivery, Event, Issue
from issues.lifecycle.rerouting import operations
from issues.lifecycle.rerouting.models import RerouteRun
from issues.lifecycle.rerouting.operations import preview, reroute
from issues.routing.models import Rule
from issues.routing.queries import RuleBook, subject_of
from issues.teams.models import Team, User
from layers.queries import place_at, places_at
from tests.factories import reports
from tests.geo.test_routing_everywhere import NEAR_AN_ASSET, rows, scattered

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LAMP = "luminaria-apagada"


def opened(points, code=LAMP, **fields):
    """Open requests with the team that the rules give them."""
    book, made = RuleBook.load(), []
    for point, place in zip(points, places_at(points), strict=True):
        decision = book.decide(subject=subject_of(service(code)), place=place, at=NOW - timedelta(hours=1))
        given = {
            "state": "assigned",
            "opened_at": NOW - timedelta(hours=1),
            "rule_id": decision.rule_id,
            **fields,
        }
        made.append(reports.issue(Team.objects.get(pk=decision.team.id), point, service=code, **given))
    return made


def rule_change():
    """From now on the lamps of the whole city are for one team."""
    return Rule.objects.create(
        slug="todas-as-lampadas", priority=1, service_id=service(LAMP).id,
        team=Team.objects.get(slug="smoi-viadutos"),
    )  # fmt: skip


def teams_of(issues):
    return set(Issue.objects.filter(pk__in=[i.pk for i in issues]).values_list("team__slug", flat=True))


@pytest.mark.django_db
def test_open_requests_move_and_each_move_is_an_event_with_the_decision():
    (issue,) = opened([reports.CENTRE])
    rule = rule_change()
    found = reroute(by=None, now=NOW)
    issue.refresh_from_db()
    assert (found.looked, found.moved, found.is_finished) == (1, 1, True)
    assert (issue.team.slug, issue.rule_id, issue.department.code) == ("smoi-viadutos", rule.pk, "smoi")
    event = Event.objects.get(issue=issue, code="rerouted")
    assert event.data["team_before"].startswith("smsurb-iluminacao-")
    assert event.data["team"] == "smoi-viadutos"
    assert event.data["rule"] == "todas-as-lampadas"
    assert [r["code"] for r in event.data["reasons"]] == ["service_rule", "fixed_team"]
    assert event.by == "system"
    assert list(Delivery.objects.filter(issue=issue).values_list("kind", "event_id")) == [
        ("team_notice", event.pk)
    ]
    assert issue.areas == {a.layer: a.code for a in place_at(reports.CENTRE).areas}
    assert issue.updated_at == NOW


@pytest.mark.django_db
def test_a_second_pass_moves_nothing_more():
    opened([p.point for p in scattered(12)])
    rule_change()
    assert reroute(by=None, now=NOW).moved == 12
    events = Event.objects.count()
    assert reroute(by=None, now=NOW).moved == 0
    assert Event.objects.count() == events


@pytest.mark.django_db
def test_a_preview_says_the_same_and_writes_nothing():
    issues = opened([p.point for p in scattered(12)])
    rule_change()
    before = teams_of(issues)
    foreseen = preview(batch=5)
    assert (teams_of(issues), Event.objects.count(), RerouteRun.objects.count()) == (before, 0, 0)
    done = reroute(by=None, now=NOW, batch=5)
    assert (foreseen.looked, foreseen.moved, foreseen.flows) == (done.looked, done.moved, done.flows)


@pytest.mark.django_db
def test_what_a_person_assigned_and_what_is_closed_stays():
    person = User.objects.create(username="ana")
    mine = opened([reports.CENTRE], assigned_by=person)
    closed = opened([reports.CENTRE], state="resolved")
    before = teams_of([*mine, *closed])
    rule_change()
    assert reroute(by=None, now=NOW).moved == 0
    assert teams_of([*mine, *closed]) == before


@pytest.mark.django_db
def test_only_rows_that_move_are_written():
    stays, moves = opened([reports.CENTRE], code="tapa-buracos")[0], opened([reports.CENTRE])[0]
    rule_change()
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text, ctid::text FROM issues_issue WHERE id = %s", [stays.pk])
        before = cursor.fetchone()
        assert reroute(by=None, now=NOW).moved == 1
        cursor.execute("SELECT xmin::text, ctid::text FROM issues_issue WHERE id = %s", [stays.pk])
        assert cursor.fetchone() == before
    assert teams_of([moves]) == {"smoi-viadutos"}


@pytest.mark.django_db
def test_a_pass_that_was_cut_short_goes_on_where_it_was():
    opened([p.point for p in scattered(10)])
    rule_change()
    first = reroute(by=None, now=NOW, batch=3, batches=2)
    assert (first.looked, first.is_finished) == (6, False)
    second = reroute(by=None, now=NOW, batch=3)
    assert (second.run, second.looked, second.moved, second.is_finished) == (first.run, 10, 10, True)
    assert Event.objects.filter(code="rerouted").count() == 10


@pytest.mark.django_db
def test_when_the_rules_change_on_the_way_the_pass_starts_again():
    issues = opened([p.point for p in scattered(6)])
    rule = rule_change()
    reroute(by=None, now=NOW, batch=3, batches=1)
    Rule.objects.filter(pk=rule.pk).update(team=Team.objects.get(slug="caf-atendimento"))
    reroute(by=None, now=NOW, batch=3)
    assert teams_of(issues) == {"caf-atendimento"}


@pytest.mark.django_db
def test_a_rule_that_begins_later_leaves_earlier_requests_where_they_are():
    issues = opened([reports.CENTRE])
    rule = rule_change()
    Rule.objects.filter(pk=rule.pk).update(valid_from=NOW)
    before = teams_of(issues)
    assert reroute(by=None, now=NOW).moved == 0
    assert teams_of(issues) == before


@pytest.mark.django_db
def test_assets_count_as_they_do_at_the_door():
    near = [LngLat(x, y) for x, y in rows(NEAR_AN_ASSET, "viaducts", 30)[:6]]
    inside = [p for p, q in zip(near, places_at(near), strict=True) if q]
    issues = opened(inside, code="tapa-buracos")
    reroute(by=None, now=NOW)
    for issue in issues:
        issue.refresh_from_db()
        place = place_at(LngLat(issue.geom.x, issue.geom.y))
        wanted = RuleBook.load().decide(
            subject=subject_of(service("tapa-buracos")), place=place, at=issue.opened_at
        )
        assert issue.team_id == wanted.team.id


@pytest.mark.django_db
def test_an_event_does_not_tell_where_a_request_without_a_public_point_is():
    from issues.catalogue.models import Service

    near = [LngLat(x, y) for x, y in rows(NEAR_AN_ASSET, "viaducts", 10)]
    point = next(p for p, q in zip(near, places_at(near, streets=True), strict=True) if q and q.assets)
    (issue,) = opened([point], code="tapa-buracos")
    Issue.objects.filter(pk=issue.pk).update(team=Team.objects.get(slug="smsurb-triagem"))
    Service.objects.filter(code="tapa-buracos").update(precision="area")
    reroute(by=None, now=NOW)
    issue.refresh_from_db()
    assert "near_asset" in {r["code"] for r in issue.reasons}
    told = Event.objects.get(issue=issue, code="rerouted").data["reasons"]
    assert "near_asset" not in {r["code"] for r in told}


@pytest.mark.django_db
def test_a_point_that_left_the_city_stays_with_its_team():
    issues = [reports.issue(Team.objects.get(slug="smsurb-triagem"), reports.OUTSIDE, service=LAMP)]
    rule_change()
    found = reroute(by=None, now=NOW)
    assert (found.moved, found.outside) == (0, 1)
    assert teams_of(issues) == {"smsurb-triagem"}


@pytest.mark.django_db
def test_the_command_shows_first_and_moves_then():
    opened([reports.CENTRE])
    rule_change()
    for dry, left in ((True, 0), (False, 1), (False, 1)):
        out = io.StringIO()
        call_command("reroute", dry_run=dry, stdout=out, stderr=io.StringIO())
        assert Event.objects.filter(code="rerouted").count() == left
    assert "0 mudam de equipe" in out.getvalue()


# ---- at once


def test_several_at_once_move_each_request_once_and_tell_who_listens(own_database):
    issues = opened([p.point for p in scattered(40)])
    rule = rule_change()

    def go(_n):
        try:
            return reroute(by=None, now=NOW, batch=4)
        finally:
            connections.close_all()

    with psycopg.connect(own_database, autocommit=True) as listener:
        listener.execute("LISTEN issue_events")
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(go, range(4)))
        heard = {int(n.payload) for n in listener.notifies(timeout=5, stop_after=40)}
    assert heard == {i.pk for i in issues}
    assert sum(sum(f.count for f in one.flows) for one in found) == 40
    assert Event.objects.filter(code="rerouted").count() == 40
    assert teams_of(issues) == {"smoi-viadutos"}
    rule.delete()


def test_what_a_person_takes_while_it_is_being_moved_stays_with_them(own_database):
    person = User.objects.create(username="bia")
    mine = Team.objects.get(slug="smsurb-triagem")
    taken, free = opened([p.point for p in scattered(2, seed=11)])
    rule = rule_change()
    decide = operations._Decider.decide

    def while_deciding(self, asked):
        decided = decide(self, asked)
        with ThreadPoolExecutor(1) as other:
            other.submit(take).result()
        return decided

    def take():
        try:
            with transaction.atomic():
                Issue.objects.filter(pk=taken.pk).update(team=mine, assigned_by=person)
        finally:
            connections.close_all()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations._Decider, "decide", while_deciding)
        found = reroute(by=None, now=NOW)
    assert found.overtaken == 1
    assert teams_of([taken]) == {"smsurb-triagem"}
    assert teams_of([free]) == {"smoi-viadutos"}
    rule.delete()
