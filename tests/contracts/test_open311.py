"""Open311 as its clients read it: forms, fields, errors, and the choices that no client breaks on."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.cache import cache

from geo_central.kernel import clock
from issues.catalogue.models import Question
from issues.catalogue.queries import services
from issues.lifecycle.models import Event, Issue, Photo
from issues.teams.models import Team
from tests.factories.open311 import ROOT, TEST, read
from tests.factories.reports import CENTRE, OUTSIDE, POTHOLE, issue, service_with

pytestmark = pytest.mark.django_db
FIELDS = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
    "address", "address_id", "zipcode", "lat", "long", "media_url",
]  # fmt: skip


@pytest.fixture
def team():
    return Team.objects.order_by("slug")[0]


def recent(team, **fields):
    return issue(team, opened_at=fields.pop("opened_at", clock.now() - timedelta(hours=1)), **fields)


# ---- discovery and services


def test_discovery_names_both_endpoints_in_both_forms(client):
    for form in ("json", "xml"):
        response, told = read(client, "discovery", form)
        assert response.status_code == 200
        if form == "json":
            assert [e["type"] for e in told["endpoints"]] == ["production", "test"]
            assert all(e["formats"] == ["text/xml", "application/json"] for e in told["endpoints"])
            assert datetime.fromisoformat(told["changeset"]) <= datetime.now(UTC)
            assert [e["url"].split("/", 3)[3] for e in told["endpoints"]] == [ROOT[1:], TEST[1:]]
        else:
            assert told.tag == "discovery"
            assert [e.findtext("type") for e in told.iter("endpoint")] == ["production", "test"]


def test_every_endpoint_that_discovery_names_answers(client):
    _, told = read(client, "discovery")
    for endpoint in told["endpoints"]:
        path = "/" + endpoint["url"].split("/", 3)[3]
        assert client.get(f"{path}/services.json").status_code == 200
        assert client.get(f"{path}/discovery.xml").status_code == 200


def test_services_have_all_their_fields_and_names_of_their_own(client):
    _, told = read(client, "services")
    assert len(told) == len(services())
    assert {tuple(s) for s in told} == {
        ("service_code", "service_name", "description", "metadata", "type", "keywords", "group")
    }
    assert len({s["service_name"] for s in told}) == len(told)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", s["service_code"]) for s in told)
    assert all(", " not in s["keywords"] for s in told)
    assert {s["metadata"] for s in told} == {True, False}
    _, xml = read(client, "services", "xml")
    assert [e.findtext("service_code") for e in xml] == [s["service_code"] for s in told]
    assert {e.findtext("metadata") for e in xml} == {"true", "false"}


def test_services_of_a_place_are_those_that_have_one_and_none_outside_the_city(client):
    _, inside = read(client, "services", lat=CENTRE.lat, long=CENTRE.lng)
    assert {s["service_code"] for s in inside} == {s.code for s in services() if s.geolocated}
    _, outside = read(client, "services", lat=OUTSIDE.lat, long=OUTSIDE.lng)
    assert outside == []


def test_a_definition_has_its_attributes_in_order_and_no_empty_texts(client):
    asked = Question.objects.order_by().values_list("service__code", flat=True).distinct()
    kinds = set()
    for code in asked:
        _, told = read(client, f"services/{code}")
        assert told["service_code"] == code
        assert [a["order"] for a in told["attributes"]] == list(range(1, len(told["attributes"]) + 1))
        for attribute in told["attributes"]:
            kinds.add(attribute["datatype"])
            assert attribute["variable"] in (True, False)
            assert attribute["variable"] or not attribute["required"]
            assert attribute["description"]
            assert attribute["datatype_description"]
            assert bool(attribute["values"]) == attribute["datatype"].endswith("list")
    assert {"singlevaluelist", "string"} & kinds
    _, xml = read(client, f"services/{code}", "xml")
    assert xml.tag == "service_definition"
    assert [a.findtext("code") for a in xml.iter("attribute")] == [a["code"] for a in told["attributes"]]


def test_a_service_without_questions_is_defined_by_an_empty_list(client):
    _, told = read(client, f"services/{service_with(precision='exact').code}")
    assert isinstance(told["attributes"], list)


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("services/nao-existe", {}, 404),
        ("requests/2026-0000000-0", {}, 404),
        ("requests/abc", {}, 404),
        ("tokens/abc", {}, 404),
        ("nada", {}, 404),
        ("services", {"jurisdiction_id": "outra.cidade"}, 404),
        ("requests", {"status": "aberto"}, 400),
        ("requests", {"start_date": "ontem"}, 400),
        ("requests", {"start_date": "2026-01-01", "end_date": "2026-06-01"}, 400),
        ("requests", {"start_date": "2026-06-01", "end_date": "2026-01-01"}, 400),
        ("requests", {"start_date": "9999-12-31"}, 400),
        ("requests", {"end_date": "0001-01-01"}, 400),
        ("requests", {"page": "zero"}, 400),
        ("requests", {"page": "1", "page_size": "5000"}, 400),
        ("requests", {"page": "1", "cursor": "x"}, 400),
        ("requests", {"bbox": "1,2,3"}, 400),
        ("requests", {"lat": "91", "long": "0"}, 400),
        ("requests", {"lat": "-30", "long": "-51", "radius": "many"}, 400),
        ("requests", {"extensions": "perhaps"}, 400),
        ("services", {"lat": "x", "long": "y"}, 400),
    ],
)
def test_what_is_wrong_is_told_in_the_form_asked_for_and_named(client, form, path, params, status):
    response, told = read(client, path, form, **params)
    assert response.status_code == status
    if form == "json":
        assert told[0]["code"] == status
        said = told[0]["description"]
    else:
        assert told.tag == "errors"
        assert told[0].findtext("code") == str(status)
        said = told[0].findtext("description")
    assert said
    if status == 400:
        assert any(name in said for name in params)


# ---- reading requests


def test_a_request_has_the_seventeen_fields_and_no_others(client, team):
    row = recent(team)
    for path in ("requests", f"requests/{row.protocol}"):
        response, (told,) = read(client, path)
        assert response.status_code == 200
        assert list(told) == FIELDS
        assert told["service_request_id"] == row.protocol
        assert (told["lat"], told["long"]) == (pytest.approx(CENTRE.lat), pytest.approx(CENTRE.lng))
        assert told["requested_datetime"] == row.opened_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        _, xml = read(client, path, "xml")
        assert xml.tag == "service_requests"
        assert [e.tag for e in xml[0]] == FIELDS
        assert {e.tag: e.text for e in xml[0]} == {k: None if v is None else str(v) for k, v in told.items()}


def test_nothing_of_the_reporter_and_no_text_before_it_is_moderated(client, team):
    row = recent(team, description="Fale com Ana, 51 99999-0000", token="segredo-do-pedido-123")
    _, (told,) = read(client, "requests", extensions="true")
    assert told["description"] is None
    assert "segredo" not in json.dumps(told)
    Issue.objects.filter(pk=row.pk).update(is_moderated=True)
    _, (told,) = read(client, "requests")
    assert told["description"] == "Fale com Ana, 51 99999-0000"


def test_a_place_shown_by_area_is_the_middle_of_its_neighbourhood(client, team):
    shy = service_with(precision="area")
    row = recent(team, service=shy.code)
    from layers.queries import areas_of

    area = areas_of("bairros")[0]
    Issue.objects.filter(pk=row.pk).update(neighbourhood=area.code, address="Rua Secreta, 10")
    _, (told,) = read(client, "requests")
    assert told["address"] == area.name
    assert (told["lat"], told["long"]) != (pytest.approx(CENTRE.lat), pytest.approx(CENTRE.lng))
    assert -31 < told["lat"] < -29


def test_what_has_no_place_at_all_is_in_the_city(client, team):
    row = recent(team, point=None)
    Issue.objects.filter(pk=row.pk).update(neighbourhood="", address="")
    _, (told,) = read(client, "requests")
    assert told["address"] == settings.CITY.name
    assert (told["long"], told["lat"]) == pytest.approx(settings.CITY.centre)


def test_a_closed_request_says_when_it_was_closed(client, team):
    now = clock.now()
    recent(team, state="resolved", closed_at=now - timedelta(minutes=5), updated_at=now)
    _, (told,) = read(client, "requests", status="closed")
    assert told["status"] == "closed"
    assert told["updated_datetime"] == (now - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_last_ninety_days_unless_told_and_older_windows_where_asked(client, team):
    new = recent(team)
    old = recent(team, opened_at=clock.now() - timedelta(days=120))
    assert [r["service_request_id"] for r in read(client, "requests")[1]] == [new.protocol]
    until = (clock.now() - timedelta(days=100)).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = read(client, "requests", end_date=until)[1]
    assert [r["service_request_id"] for r in found] == [old.protocol]


def test_a_list_of_numbers_overrides_everything_and_tolerates_what_does_not_exist(client, team):
    old = recent(team, opened_at=clock.now() - timedelta(days=300))
    new = recent(team)
    numbers = f"{old.protocol}, 2026-0000000-0 ,nada,{new.protocol}"
    found = read(client, "requests", service_request_id=numbers, status="closed")[1]
    assert [r["service_request_id"] for r in found] == [new.protocol, old.protocol]


def test_filters_of_service_state_and_words(client, team):
    pothole = recent(team, address="Rua dos Andradas, 100")
    other = recent(team, service=service_with(precision="exact", theme="iluminacao-publica").code)
    Issue.objects.filter(pk=other.pk).update(state="resolved", closed_at=clock.now())

    def ask(**params):
        return {r["service_request_id"] for r in read(client, "requests", **params)[1]}

    both = {pothole.protocol, other.protocol}
    assert ask() == ask(status="open,closed") == both
    assert ask(service_code=POTHOLE) == ask(status="open") == {pothole.protocol}
    assert ask(service_code=f"{POTHOLE},nao-existe") == {pothole.protocol}
    assert ask(service_code="nao-existe") == set()
    assert ask(q="andradas") == {pothole.protocol}
    assert ask(q="100%") == set()


def test_filters_of_place_and_of_change(client, team):
    near = recent(team)
    far = recent(team)
    Issue.objects.filter(pk=far.pk).update(public_geom=Point(-51.20, -30.10, srid=4326))

    def ask(**params):
        return {r["service_request_id"] for r in read(client, "requests", **params)[1]}

    assert ask(lat=CENTRE.lat, long=CENTRE.lng, radius=300) == {near.protocol}
    assert ask(bbox="-51.21,-30.11,-51.19,-30.09") == {far.protocol}
    Issue.objects.filter(pk=far.pk).update(
        updated_at=clock.now(), opened_at=clock.now() - timedelta(days=400)
    )
    since = (clock.now() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert ask(updated_after=since) == {far.protocol}


def test_pages_lose_nothing_repeat_nothing_and_end(client, team):
    rows = [recent(team, opened_at=clock.now() - timedelta(minutes=n)) for n in range(7)]
    seen, number = [], 1
    while True:
        response, page = read(client, "requests", page=number, page_size=3)
        assert response["X-Total-Count"] == "7"
        seen += [r["service_request_id"] for r in page]
        if not page:
            break
        number += 1
    assert number == 4
    assert seen == [r.protocol for r in rows]
    followed, address = [], f"{ROOT}/requests.json?page=1&page_size=3"
    while address:
        response = client.get(address)
        followed += [r["service_request_id"] for r in response.json()]
        link = re.match(r'<([^>]+)>; rel="next"', response.get("Link", ""))
        address = link[1] if link else ""
    assert followed == seen


def test_a_long_answer_comes_in_pieces_and_whole(client, team):
    rows = [recent(team) for _ in range(230)]
    for form in ("json", "xml"):
        response, told = read(client, "requests", form)
        assert response.streaming
        assert len(told) == len(rows)


def test_more_than_the_standard_only_where_asked_for(client, team):
    row = recent(team)
    Event.objects.create(issue=row, code="opened", at=row.opened_at, recorded_at=row.opened_at)
    Photo.objects.create(
        id="6f1c1c5e-6e0b-4a55-9f6e-0d8f3f0f8a01", issue=row, file="a.jpg", thumbnail="b.jpg",
        width=1, height=1, size=1, digest=b"x", uploaded_at=row.opened_at, is_moderated=True,
    )  # fmt: skip
    _, (told,) = read(client, "requests", extensions="true")
    assert told["extended_attributes"]["detailed_status"] == "assigned"
    assert told["extended_attributes"]["media_urls"] == [told["media_url"]]
    assert [n["type"] for n in told["notes"]] == ["opened"]
    assert told["media_url"].startswith("http://testserver/foto/6f1c1c5e")


def test_whoever_pages_on_is_told_the_same_total_for_a_minute_and_keeps_the_window(client, team):
    for n in range(3):
        recent(team, opened_at=clock.now() - timedelta(hours=1, minutes=n))
    asked = {"end_date": clock.now().isoformat(), "page_size": "2"}
    first = read(client, "requests", page="1", **asked)[0]
    recent(team)
    second = read(client, "requests", page="2", **asked)[0]
    assert (first["X-Total-Count"], second["X-Total-Count"]) == ("3", "3")
    cache.clear()
    assert read(client, "requests", page="1", **asked)[0]["X-Total-Count"] == "4"
    link = read(client, "requests", page="1", page_size="2")[0]["Link"]
    assert "start_date=" in link
