"""What a phone did without a connection: each act once, in order, with an answer of its own."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from geo_central.kernel import clock
from issues.lifecycle.models import Event, Photo
from issues.lifecycle.operations import act
from issues.teams.models import Membership, Team
from tests.factories.acts import manager, person, photo, team
from tests.factories.reports import CENTRE, OUTSIDE, issue

pytestmark = pytest.mark.django_db
HOUR = 3_600_000


@pytest.fixture
def mine():
    return Team.objects.filter(slug__startswith="smsurb-conservacao-").order_by("slug")[0]


@pytest.fixture
def phone(mine):
    """A crew's phone: signed in, of that team."""
    user = person("crew")
    Membership.objects.create(user=user, team=mine)
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def opened(mine):
    """An assigned pothole that was opened three hours ago."""
    return lambda **more: issue(
        mine, opened_at=clock.now() - timedelta(hours=3), updated_at=clock.now(), **more
    )


def now_ms():
    return int(clock.now().timestamp() * 1000)


def one(row, action, ago=0, **more):
    return {
        "client_id": str(uuid.uuid4()), "protocol": row.protocol, "action": action,
        "at": now_ms() - int(ago * HOUR), **more,
    }  # fmt: skip


def send(phone, *acts, ahead=0):
    """Send a batch by a clock that is so many milliseconds ahead; the results."""
    acts = [{**a, "at": a["at"] + ahead} for a in acts]
    answer = phone.post(
        "/api/v1/crew/sync", {"sent_at": now_ms() + ahead, "acts": acts}, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def statuses(results):
    return [r["status"] for r in results]


def resolution(row, ago=0, **more):
    proof = {"photos": [str(photo())], "lat": CENTRE.lat, "lng": CENTRE.lng, "accuracy_m": 5}
    return one(row, "resolve", ago, proof=proof, **more)


def events(row):
    return list(Event.objects.filter(issue=row).order_by("at", "id").values_list("code", flat=True))


def test_a_morning_of_work_arrives_in_order(phone, opened):
    row = opened()
    acts = [one(row, "go", 2), one(row, "start", 1.5), one(row, "parts", 1.2, note="1 saco de asfalto")]
    results = send(phone, *acts, resolution(row, 1, seen="in_progress"))
    assert statuses(results) == ["done"] * 4
    assert results[-1]["acted"]["state"] == "resolved"
    assert events(row) == ["on_the_way", "started", "parts_used", "resolved"]


def test_an_event_has_the_moment_of_the_act_and_that_of_its_arrival(phone, opened):
    row = opened()
    send(phone, resolution(row, 1))
    event = Event.objects.get(issue=row, code="resolved")
    assert abs(event.recorded_at - event.at - timedelta(hours=1)) < timedelta(seconds=5)
    row.refresh_from_db()
    assert row.closed_at == event.at
    assert row.updated_at == event.recorded_at


@pytest.mark.parametrize("ahead", [24 * HOUR, -24 * HOUR])
def test_a_clock_that_is_wrong_by_a_day_spoils_no_timeline(phone, opened, ahead):
    row = opened()
    send(phone, one(row, "start", 2), resolution(row, 1), ahead=ahead)
    started, resolved = Event.objects.filter(issue=row).order_by("at", "id")
    assert (started.code, resolved.code) == ("started", "resolved")
    assert abs(clock.now() - started.at - timedelta(hours=2)) < timedelta(seconds=5)
    assert abs(clock.now() - resolved.at - timedelta(hours=1)) < timedelta(seconds=5)


def test_what_was_done_earlier_is_not_told_before_what_happened_last(phone, opened):
    row = opened()
    act(issue_id=row.pk, action="note", by=manager(), now=clock.now() - timedelta(minutes=30), note="Veja")
    send(phone, one(row, "start", 2))
    assert events(row) == ["internal_note", "started"]


def test_the_same_batch_twice_is_done_once(phone, opened):
    row = opened()
    batch = [one(row, "start", 1), resolution(row)]
    first, second = send(phone, *batch), send(phone, *batch)
    assert statuses(first) == statuses(second) == ["done", "done"]
    assert [r["acted"]["event"] for r in first] == [r["acted"]["event"] for r in second]
    assert events(row) == ["started", "resolved"]


def test_whoever_comes_too_late_is_told_how_it_stands_and_who_was_first(phone, opened):
    row = opened()
    other = manager()
    act(issue_id=row.pk, action="duplicate", by=other, now=clock.now(), original=opened().protocol)
    (answer,) = send(phone, resolution(row, 1, seen="assigned"))
    assert answer["status"] == "conflict"
    assert answer["problem"]["code"] == "issue.changed"
    assert answer["standing"]["state"] == "duplicate"
    assert answer["standing"]["by"]
    assert Photo.objects.filter(issue=row).count() == 0


def test_what_follows_an_act_that_did_not_pass_waits_behind_it_and_other_requests_go_on(phone, opened):
    row, other = opened(), opened()
    results = send(
        phone, one(row, "start", seen="received"), one(row, "note", note="Fechado"), one(other, "start")
    )
    assert statuses(results) == ["conflict", "held", "done"]
    assert events(row) == []


def test_the_crew_keeps_its_act_by_saying_that_it_has_seen_the_new_state(phone, opened):
    row = opened()
    late = resolution(row, 1, seen="assigned")
    act(issue_id=row.pk, action="start", by=manager(), now=clock.now())
    assert statuses(send(phone, late)) == ["conflict"]
    assert statuses(send(phone, {**late, "seen": "in_progress"})) == ["done"]


def test_an_act_that_cannot_be_read_spoils_no_other(phone, opened):
    row, other = opened(), opened()
    results = send(
        phone,
        one(row, "resolve"),
        {**one(other, "start"), "client_id": "x"},
        {**one(other, "start"), "protocol": "2026-0000001-1"},
        {**one(opened(), "start"), "colour": "red"},
        one(opened(), "fly"),
    )
    assert statuses(results) == ["refused"] * 5
    assert [r["problem"]["code"] for r in results] == [
        "proof.photo", "field.not_a_uuid", "protocol.check_digit", "body.unknown_key", "act.unknown",
    ]  # fmt: skip


def test_a_request_that_was_routed_away_is_not_there_any_more(phone, opened):
    row = opened()
    act(issue_id=row.pk, action="assign", by=manager(), now=clock.now(), team="smsurb-triagem")
    (answer,) = send(phone, one(row, "start"))
    assert (answer["status"], answer["problem"]["code"]) == ("refused", "issue.unknown")
    assert not [f for f in carried(phone) if f["id"] == row.protocol]


def carried(phone, **query):
    given = {"lat": CENTRE.lat, "lng": CENTRE.lng, "radius": 3000, **query}
    answer = phone.get("/api/v1/crew/area", given)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.json()["features"]


def test_the_area_carries_all_that_is_needed_offline(phone, opened):
    row = opened(description="Buraco fundo " * 40)
    picture = photo(row)
    (feature,) = [f for f in carried(phone) if f["id"] == row.protocol]
    assert feature["work"]["description"] == row.description
    assert feature["work"]["photos"] == [{"id": str(picture), "kind": "before"}]
    assert feature["work"]["roles"] == ["crew"]
    assert feature["geometry"]["coordinates"] == [CENTRE.lng, CENTRE.lat]


def test_a_crew_of_several_teams_chooses_one(phone, opened, mine):
    second = team("smsurb-triagem")
    Membership.objects.create(user=phone.user, team=second)
    a, b = opened(), issue(second)
    assert {f["id"] for f in carried(phone)} >= {a.protocol, b.protocol}
    only = {f["id"] for f in carried(phone, team=second.slug)}
    assert b.protocol in only
    assert a.protocol not in only
    assert phone.get(f"/api/v1/crew/area?lat=-30&lng=-51.2&team={'x' * 9}").status_code == 422


def test_the_phone_learns_who_it_is_and_what_may_follow_what(phone, mine):
    body = phone.get("/api/v1/crew/me").json()
    assert body["user"]["id"] == phone.user.pk
    assert body["teams"] == [{"slug": mine.slug, "name": mine.name}]
    acts = {a["action"]: a for a in body["acts"]}
    assert acts["start"]["target"] == "in_progress"
    assert acts["cannot_do"]["reasons"]
    assert "proof" in acts["resolve"]["needs"]
    assert body["csrf"]


def test_a_batch_is_small(phone, opened):
    row = opened()
    acts = [one(row, "note", note="x") for _ in range(51)]
    answer = phone.post(
        "/api/v1/crew/sync", {"sent_at": now_ms(), "acts": acts}, content_type="application/json"
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("body", ["", "[]", "{", '{"sent_at": "x", "acts": []}', '{"acts": 3}'])
def test_nonsense_is_a_bad_request(phone, body):
    answer = phone.post("/api/v1/crew/sync", body, content_type="application/json")
    assert answer.status_code == 400


def test_a_batch_of_fifty_asks_little_more_than_its_acts(phone, opened, statements):
    rows = [opened() for _ in range(5)]
    with statements() as seen:
        send(phone, *(one(r, "start") for r in rows))
    assert len([s for s in seen if s.startswith("-- ")]) <= 3 + 3 * len(rows)


# ---- a wrong place


def test_a_wrong_place_is_mended_with_its_address_and_areas(phone, opened):
    row = opened(address="", areas={})
    there = {"lat": CENTRE.lat - 0.002, "lng": CENTRE.lng + 0.001}
    given = one(row, "move", 1, **there, note="Em frente ao 120")
    assert statuses(send(phone, given, given)) == ["done", "done"]
    row.refresh_from_db()
    assert (row.geom.x, row.geom.y) == pytest.approx((there["lng"], there["lat"]))
    assert row.public_geom.coords == row.geom.coords
    assert row.areas
    (event,) = Event.objects.filter(issue=row)
    assert (event.code, event.note) == ("moved", "Em frente ao 120")
    assert event.data["distance_m"] == pytest.approx(241, abs=5)


def test_what_the_public_sees_of_a_mended_place_obeys_the_service(phone, opened):
    row = opened()
    row.service.precision = "area"
    row.service.save(update_fields=["precision"])
    send(phone, one(row, "move", lat=CENTRE.lat - 0.002, lng=CENTRE.lng))
    row.refresh_from_db()
    assert row.public_geom is None


def test_a_place_is_not_mended_out_of_the_city_nor_after_the_end(phone, opened):
    row, ended = opened(), opened(state="resolved", closed_at=clock.now())
    results = send(
        phone,
        one(row, "move", lat=OUTSIDE.lat, lng=OUTSIDE.lng),
        one(ended, "move", lat=CENTRE.lat, lng=CENTRE.lng),
        one(opened(), "move"),
    )
    assert statuses(results) == ["refused", "conflict", "refused"]
    assert [r["problem"]["code"] for r in results] == ["place.outside_city", "act.not_now", "place.missing"]


# ---- who may do what

WHO = ("crew", "leader", "stranger", "attendant", "planner", "manager", "admin", "nobody")
TEAM = {"crew", "leader", "manager", "admin"}
MAY = {
    "go": TEAM, "start": TEAM, "parts": TEAM, "cannot_do": TEAM, "resolve": TEAM, "move": TEAM,
    "note": TEAM | {"attendant"}, "duplicate": TEAM | {"attendant"},
    "reject": {"leader", "attendant", "manager", "admin"}, "cancel": {"attendant", "manager", "admin"},
}  # fmt: skip


def signed_in(who, mine):
    client = Client()
    if who == "nobody":
        return client
    role = "crew" if who in ("crew", "leader", "stranger") else who
    user = person(role)
    if who in ("crew", "leader"):
        Membership.objects.create(user=user, team=mine, is_leader=who == "leader")
    if who == "stranger":
        Membership.objects.create(user=user, team=team("smsurb-triagem"))
    client.force_login(user)
    return client


def with_all_it_needs(row, action, original):
    if action == "resolve":
        return resolution(row)
    needs = {
        "cannot_do": {"reason": "unsafe"}, "move": {"lat": CENTRE.lat, "lng": CENTRE.lng},
        "note": {"note": "x"}, "parts": {"note": "x"}, "duplicate": {"original": original.protocol},
        "reject": {"reason": "not_found", "note": "x"},
    }  # fmt: skip
    return one(row, action, **needs.get(action, {}))


@pytest.mark.parametrize("action", sorted(MAY))
@pytest.mark.parametrize("who", WHO)
def test_everybody_does_what_their_role_allows_and_nothing_else(who, action, mine, opened):
    row, original = opened(), opened()
    client = signed_in(who, mine)
    given = with_all_it_needs(row, action, original)
    answer = client.post(
        "/api/v1/crew/sync", {"sent_at": now_ms(), "acts": [given]}, content_type="application/json"
    )
    if who == "nobody":
        assert answer.status_code == 403
    else:
        (result,) = answer.json()["results"]
        code = result.get("problem", {}).get("code", "")
        if who in MAY[action]:
            assert result["status"] == "done", result
        else:
            unseen = who in ("stranger", "planner")
            assert (result["status"], code) == ("refused", "issue.unknown" if unseen else "act.not_allowed")
    touched = Event.objects.filter(issue=row).exists()
    assert touched is (who in MAY[action])


@pytest.mark.parametrize("who", WHO)
def test_everybody_carries_the_work_of_their_own_teams(who, mine, opened):
    row = opened()
    picture = photo(row)
    client = signed_in(who, mine)
    answer = client.get("/api/v1/crew/area", {"lat": CENTRE.lat, "lng": CENTRE.lng})
    sees = who in TEAM
    assert answer.status_code == (403 if who == "nobody" else 200)
    if who != "nobody":
        assert (row.protocol in {f["id"] for f in answer.json()["features"]}) is sees
    assert client.get(f"/foto/{picture}/thumb.jpg").status_code == 404  # no file; and none for strangers
    assert client.get(f"/equipe/chamado/{row.protocol}/").status_code == (
        302 if who == "nobody" else 200 if sees or who == "attendant" else 404
    )
