"""Choices that keep real clients of Open311 from breaking, one test each, numbered as in the reference."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from geo_central.kernel import clock
from issues.catalogue.queries import service
from issues.lifecycle.models import Issue
from issues.teams import keys
from issues.teams.models import Team
from tests.factories.open311 import ROOT, TYPES, here, read, send
from tests.factories.reports import POTHOLE, issue

pytestmark = pytest.mark.django_db
FIELDS = 17
SAFE = re.compile(r"(?![0-9]+$)[A-Za-z0-9_-]+")


@pytest.fixture
def key():
    return keys.make(name="Aplicativo", scopes=["report"], quota=0, by=None, now=clock.now())[1]


@pytest.fixture
def filed():
    team = Team.objects.order_by("slug")[0]
    return issue(team, opened_at=clock.now() - timedelta(days=1), address="Rua da Praia, 10")


def test_1_numbers_and_codes_are_texts_that_no_client_turns_into_numbers(client, filed):
    (row,) = read(client, f"requests/{filed.protocol}")[1]
    listed = read(client, "services")[1]
    for code in (row["service_request_id"], *(s["service_code"] for s in listed)):
        assert isinstance(code, str)
        assert SAFE.fullmatch(code), code


def test_2_every_field_is_there_and_a_place_is_never_empty(client, filed):
    bare = issue(Team.objects.order_by("slug")[0], None, opened_at=clock.now())
    for number in (filed.protocol, bare.protocol):
        (row,) = read(client, f"requests/{number}")[1]
        assert len(row) == FIELDS
        assert row["address"]
        assert isinstance(row["lat"], float)
        assert isinstance(row["long"], float)


def test_3_truth_is_true_in_both_forms_and_degrees_are_numbers(client, filed):
    assert {type(s["metadata"]) for s in read(client, "services")[1]} == {bool}
    assert {s.findtext("metadata") for s in read(client, "services", "xml")[1]} == {"true", "false"}
    (row,) = read(client, f"requests/{filed.protocol}")[1]
    assert row["zipcode"] is None or isinstance(row["zipcode"], str)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-01T10:00:00Z",
        "2026-11-01T07:00:00-03:00",
        "2026-11-01T10:00:00.250Z",
        "2026-11-01T07:00:00",
        "2026-11-01",
    ],
)
def test_4_moments_are_told_in_utc_and_taken_however_they_are_written(client, filed, written):
    assert read(client, "requests", start_date=written)[0].status_code == 200
    (row,) = read(client, f"requests/{filed.protocol}")[1]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["requested_datetime"])


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("path", ["discovery", "services", "requests", "requests/none", "services/none"])
def test_5_the_media_types_are_the_standards_own(client, form, path):
    assert read(client, path, form)[0]["Content-Type"] == TYPES[form]


def test_6_discovery_has_two_endpoints_that_are_where_it_says(client):
    found = read(client, "discovery")[1]
    assert [e["type"] for e in found["endpoints"]] == ["production", "test"]
    for endpoint in found["endpoints"]:
        assert not endpoint["url"].endswith("/")
        assert sorted(endpoint["formats"]) == ["application/json", "text/xml"]
        assert (
            client.get(endpoint["url"].removeprefix("http://testserver") + "/services.json").status_code
            == 200
        )


def test_7_the_first_error_names_the_attribute(client, key):
    must = next(q for q in service("fiacao-solta").questions if q.required)
    response = send(client, **(here(api_key=key) | {"service_code": "fiacao-solta"}))
    assert response.status_code == 400
    assert f"attribute[{must.code}]" in response.json()[0]["description"]


def test_8_a_post_is_answered_with_200_in_either_form_and_what_is_unknown_is_let_be(client, key):
    given = here(**{"attribute[nobody-asks]": "x", "attribute[tamanho]": "", "whatever": "y"})
    boundary = {"content_type": "multipart/form-data; boundary=a=b"}
    body = "".join(
        f'--a=b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in given.items()
    )
    address = f"{ROOT}/requests.json?api_key={key}"
    assert client.post(address, (body + "--a=b--\r\n").encode(), **boundary).status_code == 200
    assert client.post(address, given).status_code == 200
    assert [i.answers for i in Issue.objects.filter(channel="open311").order_by("pk")] == [{}, {}]


def test_9_the_window_is_ninety_days_and_an_unknown_service_is_an_empty_list(client, filed):
    assert read(client, "requests", service_code="nobody")[1] == []
    wide = {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"}
    assert read(client, "requests", **wide)[0].status_code == 400
    several = f" {filed.protocol} , 2026-0000000-0,nothing"
    assert [r["service_request_id"] for r in read(client, "requests", service_request_id=several)[1]] == [
        filed.protocol
    ]


def test_10_nothing_foreign_stands_in_an_answer_that_did_not_ask_for_it(client, filed):
    (row,) = read(client, f"requests/{filed.protocol}")[1]
    (more,) = read(client, f"requests/{filed.protocol}", extensions="true")[1]
    assert set(more) - set(row) == {"extended_attributes", "notes"}


def test_11_no_text_of_an_attribute_is_empty_and_no_two_services_share_a_name(client):
    listed = read(client, "services")[1]
    assert len({s["service_name"] for s in listed}) == len(listed)
    assert not any(", " in s["keywords"] for s in listed)
    for attribute in read(client, f"services/{POTHOLE}")[1]["attributes"]:
        assert attribute["description"]
        assert attribute["datatype_description"]


def test_12_markup_is_left_out_and_more_than_four_thousand_letters_are_refused(client, key):
    told = send(client, **here(api_key=key, description="<b>Fundo</b> & largo"))
    assert Issue.objects.get(protocol=told.json()[0]["service_request_id"]).description == "Fundo & largo"
    assert send(client, **here(api_key=key, description="x" * 4001)).status_code == 400


def test_13_what_changed_lately_is_found_whenever_it_was_filed(client, filed):
    Issue.objects.filter(pk=filed.pk).update(opened_at=clock.now() - timedelta(days=400))
    since = (clock.now() - timedelta(days=3)).isoformat()
    Issue.objects.filter(pk=filed.pk).update(updated_at=clock.now())
    found = read(client, "requests", updated_after=since)[1]
    assert filed.protocol in {r["service_request_id"] for r in found}


def test_14_a_token_has_its_number_as_soon_as_the_job_has_run(client):
    """Told at length in test_open311_later."""
    assert "batch" in {s["type"] for s in read(client, "services")[1]}


def test_an_error_is_no_page(client):
    response = client.get(f"{ROOT}/services/none.xml")
    assert response.status_code == 404
    assert ElementTree.fromstring(response.content)[0].findtext("code") == "404"
