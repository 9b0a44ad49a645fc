"""A pin dropped on the map reaches its district team: through the real server, from end to end."""

import math
import uuid

import pytest
import requests

from issues.catalogue.models import Service
from issues.routing.models import Rule
from issues.teams.models import Team
from tests.factories.mvt import decode
from tests.factories.reports import CENTRE, body, photo_bytes

BOX = f"{CENTRE.lng - 0.01},{CENTRE.lat - 0.01},{CENTRE.lng + 0.01},{CENTRE.lat + 0.01}"
NEAR = {"lat": CENTRE.lat, "lng": CENTRE.lng, "radius": 500, "limit": 200}


@pytest.fixture
def citizen():
    with requests.Session() as session:
        yield session


def signed_in(city, username):
    session = requests.Session()
    page = session.get(f"{city.url}/entrar/")
    sent = session.post(
        f"{city.url}/entrar/",
        {
            "username": username,
            "password": city.password,
            "csrfmiddlewaretoken": session.cookies["csrftoken"],
        },
        headers={"referer": page.url},
        allow_redirects=False,
    )
    assert sent.status_code == 302, sent.text[:300]
    return session


def tile_of(zoom):
    side = 1 << zoom
    across = (CENTRE.lng + 180) / 360
    down = 0.5 - math.atanh(math.sin(math.radians(CENTRE.lat))) / (2 * math.pi)
    return f"{zoom}/{int(across * side)}/{int(down * side)}"


def heat(session, city):
    answer = session.get(f"{city.url}/tiles/heat/{tile_of(15)}.mvt?service=tapa-buracos")
    assert answer.status_code == 200
    return sum(f.properties["n"] for f in decode(answer.content).get("heat", []))


def file(session, city, **changes):
    answer = session.post(f"{city.url}/api/v1/issues", json=body(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


def work_of(session, city):
    answer = session.get(f"{city.url}/api/v1/crew/issues", params=NEAR)
    assert answer.status_code == 200, answer.text
    return [f["id"] for f in answer.json()["features"]]


def test_a_pin_reaches_its_district_team(live_city, citizen):
    crew, others = signed_in(live_city, "equipe"), signed_in(live_city, "atendente")
    warm = heat(citizen, live_city)

    receipt = file(citizen, live_city, description="Buraco fundo")
    assert receipt["team"] == "SMSURB Conservação Centro"
    assert receipt["department"] == "SMSURB"
    assert receipt["duplicates_of"] is None
    assert any("Centro" in reason for reason in receipt["reasons"])

    public = citizen.get(f"{live_city.url}/api/v1/issues/{receipt['protocol']}").json()
    assert public["state"] == "assigned"
    assert public["due_at"] == receipt["due_at"] or public["due_at"][:16] == receipt["due_at"][:16]
    assert public["description"] == ""

    listed = citizen.get(f"{live_city.url}/api/v1/issues", params={"bbox": BOX, "state": "open"}).json()
    assert receipt["protocol"] in [f["id"] for f in listed["features"]]
    assert heat(citizen, live_city) == warm + 1

    assert receipt["protocol"] in work_of(crew, live_city)
    assert receipt["protocol"] not in work_of(others, live_city)
    assert citizen.get(f"{live_city.url}/api/v1/crew/issues", params=NEAR).status_code == 403


def test_the_same_pin_sent_twice_is_one_request(live_city, citizen):
    sent = body(lat=CENTRE.lat - 0.004)
    first = citizen.post(f"{live_city.url}/api/v1/issues", json=sent)
    again = citizen.post(f"{live_city.url}/api/v1/issues", json=sent)
    assert (first.status_code, again.status_code) == (201, 200)
    one, other = first.json(), again.json()
    assert {k: v for k, v in one.items() if k != "due_at"} == {
        k: v for k, v in other.items() if k != "due_at"
    }


def test_a_neighbour_finds_the_pin_and_follows_it_instead(live_city, citizen):
    there = {"lat": CENTRE.lat - 0.006, "lng": CENTRE.lng}
    first = file(citizen, live_city, **there)
    similar = citizen.get(
        f"{live_city.url}/api/v1/issues/similar", params={"service": "tapa-buracos", **there}
    ).json()["results"]
    assert similar[0]["protocol"] == first["protocol"]
    page = citizen.get(f"{live_city.url}/novo/")
    joined = citizen.post(
        f"{live_city.url}/novo/acompanhar/",
        {
            "protocol": first["protocol"],
            "client_id": str(uuid.uuid4()),
            "csrfmiddlewaretoken": citizen.cookies["csrftoken"],
        },
        headers={"referer": page.url},
    )
    assert joined.status_code == 200
    assert first["protocol"] in joined.text
    public = citizen.get(f"{live_city.url}/api/v1/issues/{first['protocol']}").json()
    assert public["followers"] == 1
    assert [e["code"] for e in public["events"]] == ["opened", "assigned", "followed"]


def test_a_photo_sent_before_the_report_is_with_it(live_city, citizen):
    photo = str(uuid.uuid4())
    kept = citizen.put(
        f"{live_city.url}/api/v1/uploads/{photo}", data=photo_bytes(), headers={"content-type": "image/png"}
    )
    assert kept.status_code == 201
    receipt = file(citizen, live_city, lat=CENTRE.lat - 0.008, photos=[photo])
    assert citizen.get(f"{live_city.url}/foto/{photo}/thumb.jpg").status_code == 404
    mine = citizen.get(f"{live_city.url}/foto/{photo}/thumb.jpg", params={"s": receipt["token"]})
    assert mine.headers["content-type"] == "image/jpeg"
    assert (
        photo
        in citizen.get(receipt["url"] if "://" in receipt["url"] else live_city.url + receipt["url"]).text
    )


def test_every_one_of_the_452_services_can_be_requested(live_city, citizen):
    carta = citizen.get(f"{live_city.url}/api/v1/services").json()["results"]
    assert len(carta) == 452 == Service.objects.filter(is_active=True).count()
    answers = {"string": "x", "text": "x", "number": 1, "datetime": "2026-11-23T10:00"}
    for n, listed in enumerate(carta):
        service = citizen.get(f"{live_city.url}/api/v1/services/{listed['code']}").json()
        given = {
            q["code"]: q["values"][0][0] if q["values"] else answers[q["datatype"]]
            for q in service["questions"]
            if q["required"]
        }
        where = (
            {"lat": CENTRE.lat - n * 1e-5, "lng": CENTRE.lng}
            if service["geolocated"]
            else {"lat": ..., "lng": ...}
        )
        receipt = file(citizen, live_city, service=service["code"], answers=given, **where)
        assert receipt["team"], service["code"]
        assert receipt["due_at"], service["code"]


def test_a_rule_changed_now_decides_the_next_report(live_city, citizen):
    """The server keeps rules in memory; whoever changes them need tell nobody."""
    assert file(citizen, live_city)["team"] == "SMSURB Conservação Centro"
    other = Team.objects.get(slug="smoi-viadutos")
    rule = Rule.objects.create(
        slug="now", priority=1, service=Service.objects.get(code="tapa-buracos"), team=other
    )
    assert file(citizen, live_city)["team"] == other.name
    rule.delete()
    assert file(citizen, live_city)["team"] == "SMSURB Conservação Centro"
