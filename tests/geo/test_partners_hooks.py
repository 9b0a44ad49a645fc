"""A department is a signed webhook, or an Open311 server that is not quite like ours."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from geo_central.kernel import clock
from issues.intake.photos import store_photo
from issues.interfaces.wording import say_event
from issues.lifecycle.models import Event, Issue, Photo
from issues.lifecycle.operations import CITIZEN, act
from issues.partners import operations, signing
from issues.partners.models import Forwarding, Parcel, Partner
from tests.factories.partners import road
from tests.factories.reports import POTHOLE, photo_bytes
from tests.geo.test_partners import Clock, filed, in_order, parcels

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture
def way(settings):
    with road() as made:
        settings.PARTNER_ORIGINS = [made.origin]
        yield made


@pytest.fixture
def make(way):
    """`make(**facts)`: a partner on the road that does the potholes, and its secret."""
    made = []

    def maker(**facts):
        given = {"name": f"Órgão {clock.now().timestamp()}", "kind": "webhook", "url": f"{way.origin}/hook"}
        partner, secret = operations.make(**{**given, **facts}, by=None, now=clock.now())
        operations.choose(partner.slug, {POTHOLE: "B-12"}, now=clock.now())
        made.append(partner)
        return partner, secret

    yield maker
    for partner in made:
        operations.choose(partner.slug, {}, now=clock.now())
        Partner.objects.filter(pk=partner.pk).update(is_active=False)


@pytest.fixture
def hands():
    return Clock()


def sweep(hands=clock.now):
    in_order()
    return operations.sweep(now=hands, say=say_event)


def numbered(number="DEP-1"):
    return lambda seen: (200, json.dumps({"service_request_id": number}).encode())


def call(slug, secret, said, *, message_id="m1", off=timedelta(0), body=None, sign=None):
    """What a partner would post to us."""
    content = json.dumps(said).encode() if body is None else body
    headers = signing.signed(sign or secret, message_id, content, clock.now() + off)
    return Client(raise_request_exception=False).post(
        reverse("webhooks:partner", args=[slug]), content, content_type="application/json", headers=headers
    )


def updated(**data):
    return {"type": "request.updated", "data": data}


# ---- What it is told


def test_a_message_is_signed_says_all_that_is_needed_and_names_where_to_answer(make, way):
    partner, secret = make()
    way.answers = numbered("DEP-7")
    issue = filed(description="Buraco", contact={"name": "Maria", "email": "maria@example.org"})
    assert sweep().sent == 1
    (seen,) = way.seen
    assert (
        signing.check(secret, seen.headers, seen.body, clock.now())
        == Forwarding.objects.get(issue=issue).key.hex
    )
    told = seen.json
    assert told["type"] == "request.created"
    data = told["data"]
    assert (data["protocol"], data["service_code"], data["description"]) == (issue.protocol, "B-12", "Buraco")
    assert (data["lat"], data["long"]) == (issue.geom.y, issue.geom.x)
    assert data["reply_to"].endswith(reverse("webhooks:partner", args=[partner.slug]))
    assert b"maria" not in seen.body.lower()
    assert Forwarding.objects.get(issue=issue).remote_id == "DEP-7"


def test_a_repetition_has_the_id_of_the_first_and_news_have_their_own(make, way, hands):
    _, secret = make()
    way.answers = lambda seen: (500, b"")
    issue = filed()
    sweep()
    way.answers = numbered("DEP-8")
    hands.ahead = timedelta(minutes=2)
    sweep(hands)
    act(issue_id=issue.pk, action="comment", by=CITIZEN, now=clock.now(), note="Está maior")
    sweep(hands)
    first, again, news = way.seen
    assert first.headers["webhook-id"] == again.headers["webhook-id"] != news.headers["webhook-id"]
    assert news.json["type"] == "request.updated"
    assert news.json["data"]["description"].endswith("Está maior")
    assert news.json["data"]["service_request_id"] == "DEP-8"
    signing.check(secret, news.headers, news.body, hands())


def test_it_is_given_pictures_that_the_public_does_not_see_for_a_while(make, way, client, settings, hands):
    make()
    photo = store_photo(photo_id=uuid.uuid4(), content=photo_bytes(), now=clock.now())
    filed(photos=[str(photo.id)])
    sweep()
    (address,) = way.seen[0].json["data"]["media_urls"]
    assert Photo.objects.get(pk=photo.id).is_moderated is False
    path = address.removeprefix(settings.ORIGIN)
    shown = client.get(path)
    assert shown["Content-Type"] == "image/jpeg"
    assert b"".join(shown.streaming_content).startswith(b"\xff\xd8")
    assert client.get(path.replace(".jpg", "x.jpg")).status_code == 404
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("issues.partners.links.KEEP_S", -1)
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("status", "state"), [(400, "dead"), (410, "dead"), (429, "waiting"), (500, "waiting")]
)
def test_what_it_answers_decides_what_becomes_of_the_message(make, way, status, state):
    make()
    way.answers = lambda seen: (status, b"because")
    issue = filed()
    sweep()
    (parcel,) = parcels(issue)
    assert (parcel.state, parcel.failure) == (state, f"{status} because")


def test_a_partner_in_a_private_network_is_called_only_when_the_operator_names_it(make, way, settings):
    make()
    settings.PARTNER_ORIGINS = []
    issue = filed()
    sweep()
    (parcel,) = parcels(issue)
    assert parcel.state == "dead"
    assert way.seen == []


# ---- What it tells us


@pytest.fixture
def held(make, way):
    """A request that a partner has: (partner, secret, issue)."""
    partner, secret = make()
    number = f"DEP-{clock.now().timestamp()}"
    way.answers = numbered(number)
    issue = filed()
    sweep()
    return partner, secret, issue, number


def test_a_partner_begins_and_finishes_by_its_number_and_each_message_counts_once(held):
    partner, secret, issue, number = held
    begun = updated(service_request_id=number, status="IN_PROGRESS")
    assert call(partner.slug, secret, begun).json() == {"done": True}
    assert call(partner.slug, secret, begun).json() == {"done": True}
    done = updated(service_request_id=number, status="FIXED", description="Feito <b>hoje</b>", update_id=9)
    assert call(partner.slug, secret, done, message_id="m2").json() == {"done": True}
    issue.refresh_from_db()
    assert issue.state == "resolved"
    codes = [(e.code, e.note) for e in issue.events.filter(by="partner").order_by("id")]
    assert codes == [("started", ""), ("resolved", "Feito hoje")]


def test_words_are_kept_whatever_word_of_state_comes_with_them(held):
    partner, secret, issue, number = held
    said = updated(service_request_id=number, status="OPEN", description="Falta a peça")
    assert call(partner.slug, secret, said).json() == {"done": True}
    assert Event.objects.get(issue=issue, by="partner").note == "Falta a peça"


def test_our_protocol_serves_where_the_partner_gave_no_number(make, way):
    partner, secret = make()
    issue = filed()
    sweep()
    said = updated(protocol=issue.protocol, status="IN_PROGRESS", service_request_id="N-55")
    assert call(partner.slug, secret, said).status_code == 200
    assert Forwarding.objects.get(issue=issue).remote_id == "N-55"
    issue.refresh_from_db()
    assert issue.state == "in_progress"


def test_what_cannot_be_done_any_more_is_kept_as_words_and_said(held):
    partner, secret, issue, number = held
    act(issue_id=issue.pk, action="cancel", by=CITIZEN, now=clock.now(), reason="mistake")
    late = updated(service_request_id=number, status="FIXED", description="Feito ontem")
    assert call(partner.slug, secret, late).json() == {"done": False, "reason": "act.not_now"}
    issue.refresh_from_db()
    assert issue.state == "cancelled"
    assert Event.objects.get(issue=issue, by="partner").note == "Feito ontem"
    assert Forwarding.objects.get(issue=issue).failure == "act.not_now"


def test_a_picture_of_the_finished_work_is_fetched_and_kept(held, way):
    partner, secret, issue, number = held
    way.answers = lambda seen: (200, photo_bytes("green"))
    done = updated(
        service_request_id=number, status="FIXED", media_url=[f"{way.origin}/p.png", "https://localhost/x"]
    )
    assert call(partner.slug, secret, done).json() == {"done": True}
    (photo,) = Photo.objects.filter(issue=issue)
    assert (photo.kind, photo.is_moderated) == ("after", False)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"sign": signing.new_secret()}, 403, "webhook.bad_signature"),
        ({"off": timedelta(minutes=-6)}, 403, "webhook.too_old"),
        ({"off": timedelta(minutes=6)}, 403, "webhook.too_old"),
        ({"body": b"not json"}, 400, "body.not_json"),
        ({"body": b"[" * 5000}, 400, "body.not_object"),
        ({"body": b"\xff\xfe"}, 400, "body.not_json"),
        ({"body": b"x" * 300_000}, 413, "body.too_large"),
        ({"said": {"type": "request.deleted", "data": {}}}, 422, "field.not_a_choice"),
        ({"said": updated(status="FIXED")}, 400, "field.required"),
        ({"said": updated(service_request_id="nobody's", status="FIXED")}, 404, "issue.unknown"),
        ({"said": updated(service_request_id="x", status="EATEN")}, 422, "field.not_a_choice"),
        ({"said": updated(service_request_id="x\0y")}, 422, "field.bad_text"),
        ({"said": updated(service_request_id=["x"])}, 400, None),
        ({"said": updated(protocol="2026-1")}, 400, None),
        ({"said": updated(service_request_id="x", updated_datetime="yesterday")}, 422, "field.not_a_date"),
    ],
)
def test_a_message_that_cannot_be_taken_is_refused_by_name(make, change, status, code):
    partner, secret = make()
    response = call(partner.slug, secret, change.pop("said", updated(service_request_id="x")), **change)
    assert response.status_code in (status, 422 if code is None else status), response.content
    assert code in (None, response.json()["code"])


def test_headers_are_needed_and_a_stranger_or_a_partner_switched_off_is_not_heard(make, client):
    partner, secret = make()
    address = reverse("webhooks:partner", args=[partner.slug])
    response = client.post(address, b"{}", content_type="application/json")
    assert (response.status_code, response.json()["field"]) == (400, "webhook-id")
    assert call("ninguem", secret, {"type": "ping"}).status_code == 404
    assert call(partner.slug, secret, {"type": "ping"}).json() == {"done": True}
    operations.change(partner.slug, changes={"is_active": False})
    assert call(partner.slug, secret, {"type": "ping"}).status_code == 404
    assert client.get(address).status_code == 405


# ---- Open311 as others speak it


def answering(**resources):
    """Answers by resource; a callable gets the call."""

    def answer(seen):
        name = seen.path.partition("?")[0].rpartition("/v2/")[2].rpartition(".")[0]
        found = resources.get(name.split("/")[0], (404, b"[]"))
        return found(seen) if callable(found) else found

    return answer


def test_a_token_becomes_a_number_later(make, way, hands):
    make(kind="open311", url=f"{way.origin}/v2")
    way.answers = answering(requests=(200, b'[{"token":"t-1"}]'), tokens=(200, b'[{"token":"t-1"}]'))
    issue = filed()
    sweep()
    row = Forwarding.objects.get(issue=issue)
    assert (row.token, row.remote_id) == ("t-1", "")
    assert [p.state for p in parcels(issue)] == ["sent"]
    way.answers = answering(
        tokens=(200, b'[{"service_request_id":"77","token":"t-1"}]'), requests=(200, b"[]")
    )
    hands.ahead = timedelta(minutes=3)
    sweep(hands)
    row.refresh_from_db()
    assert row.remote_id == "77"


def test_a_token_that_is_refused_holds_up_nobody(make, way, hands):
    make(kind="open311", url=f"{way.origin}/v2")
    given = iter(["t-8", "t-9"])
    way.answers = answering(requests=lambda seen: (200, json.dumps([{"token": next(given)}]).encode()))
    lost, found = filed(), filed(lat=-30.06)
    sweep()
    number = f"T{int(clock.now().timestamp() * 1e6)}"
    known = json.dumps([{"service_request_id": number}]).encode()
    way.answers = answering(
        tokens=lambda seen: (404, b"[]") if "t-8" in seen.path else (200, known), requests=(200, b"[]")
    )
    hands.ahead = timedelta(minutes=3)
    sweep(hands)
    rows = [Forwarding.objects.get(issue=i) for i in (lost, found)]
    assert [r.remote_id for r in rows] == ["", number]
    assert rows[0].failure == "404"


def test_a_server_without_updates_is_asked_how_its_requests_stand(make, way, hands):
    make(kind="open311", url=f"{way.origin}/v2")
    number = f"W{int(clock.now().timestamp() * 1e6)}"
    stands = {"service_request_id": number, "status": "open", "updated_datetime": "2026-01-01"}
    queued, closed = {"status_notes": "Na fila"}, {"status": "closed", "status_notes": None}

    def requests(seen):
        told = [{"service_request_id": number}] if seen.method == "POST" else [stands]
        return 200, json.dumps({"service_requests": told}).encode()  # wrapped, as some do

    way.answers = answering(requests=requests)
    issue = filed()
    sweep()
    for minutes, change in enumerate([{}, queued, queued, closed], 1):
        stands.update(change)
        hands.ahead = timedelta(minutes=3 * minutes)
        sweep(hands)
    codes = [(e.code, e.note) for e in issue.events.filter(by="partner").order_by("id")]
    assert codes == [("noted", "Na fila"), ("resolved", "")]


def test_a_server_that_speaks_xml_only(make, way, hands):
    make(kind="open311", url=f"{way.origin}/v2", form="xml", tells="updates")
    number = f"X{int(clock.now().timestamp() * 1e6)}"
    named = f"<service_request_id>{number}</service_request_id>"
    filed_there = f"<service_requests><request>{named}</request></service_requests>"
    news = (
        "<service_request_updates><request_update><update_id>5</update_id>"
        f"{named}<status>in_progress</status>"
        "<updated_datetime>2026-11-01T10:00:00Z</updated_datetime><description/></request_update>"
        "</service_request_updates>"
    )
    way.answers = answering(requests=(200, filed_there.encode()), servicerequestupdates=(200, news.encode()))
    issue = filed()
    first = sweep().heard
    hands.ahead = timedelta(minutes=3)
    assert first + sweep(hands).heard == 1
    issue.refresh_from_db()
    assert issue.state == "in_progress"


@pytest.mark.parametrize(
    "body", [b"<html>", b"not json", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', b"[" * 100_000, b"7"]
)
@pytest.mark.parametrize("form", ["json", "xml"])
def test_an_answer_that_nobody_understands_is_a_failure_and_a_doubt(make, way, body, form):
    make(kind="open311", url=f"{way.origin}/v2", form=form)
    way.answers = lambda seen: (200, body)
    issue = filed()
    sweep()
    (parcel,) = parcels(issue)
    assert (parcel.state, parcel.in_doubt) == ("waiting", True)
    assert parcel.failure.startswith("answer not understood")


def test_a_partner_that_gives_one_number_twice_does_not_mix_up_two_requests(make, way):
    make(kind="open311", url=f"{way.origin}/v2")
    number = f"S{int(clock.now().timestamp() * 1e6)}"
    way.answers = answering(requests=(200, json.dumps([{"service_request_id": number}]).encode()))
    issues = [filed(), filed(lat=-30.05)]
    sweep()
    kept = sorted(Forwarding.objects.get(issue=i).remote_id for i in issues)
    assert kept == ["", number]
    assert [p.state for i in issues for p in parcels(i)] == ["sent", "sent"]


def test_asking_that_fails_is_put_off_and_said(make, way, hands):
    partner, _ = make(kind="open311", url=f"{way.origin}/v2", tells="updates")
    way.answers = lambda seen: (500, b"[]")
    sweep()
    partner.refresh_from_db()
    assert (partner.ask_failures, partner.ask_failure) == (1, "500")
    assert partner.ask_at > clock.now() + timedelta(minutes=1)


def test_parcels_and_issues_are_tidy():
    assert not Parcel.objects.filter(state="waiting", settled_at__isnull=False).exists()
    assert Issue.objects.exists()
