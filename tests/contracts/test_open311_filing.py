"""Reports that come in by Open311, and the keys that let them in."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from geo_central.kernel import clock
from issues.catalogue.queries import service, services
from issues.lifecycle.models import Event, Issue, Photo
from issues.teams import keys
from issues.teams.models import ApiKey, Team
from tests.factories.open311 import ROOT, TEST, here, read, send
from tests.factories.reports import CENTRE, OUTSIDE, POTHOLE, photo_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    return keys.make(name="Aplicativo", scopes=["report"], quota=0, by=None, now=clock.now())[1]


def that_asks():
    """A service with a place that cannot be asked for without an answer."""
    every = (service(row.code) for row in services() if row.geolocated)
    return next(s for s in every if any(q.required for q in s.questions))


def test_a_report_is_filed_through_the_one_door(client, key):
    for form in ("json", "xml"):
        response = send(client, form, api_key=key, **here(description="Buraco <b>fundo</b>\nna pista"))
        assert response.status_code == 200
        if form == "json":
            (told,) = response.json()
            number = told["service_request_id"]
            assert set(told) == {"service_request_id", "service_notice", "account_id"}
        else:
            number = ElementTree.fromstring(response.content)[0].findtext("service_request_id")
        row = Issue.objects.get(protocol=number)
        assert (row.channel, row.description) == ("open311", "Buraco fundo\nna pista")
        assert row.team_id
        assert row.events.count() == 2
        assert read(client, f"requests/{number}")[0].status_code == 200
        assert read(client, f"tokens/{number}")[1] == [{"service_request_id": number, "token": number}]


def test_a_report_with_photos_and_contact_and_answers(client, key):
    asking = that_asks()
    given = {}
    for q in asking.questions:
        if q.datatype == "multivaluelist":
            given[f"attribute[{q.code}][]"] = [q.values[0][0], q.values[-1][0]]
        elif q.datatype == "singlevaluelist":
            given[f"attribute[{q.code}]"] = q.values[0][0]
        else:
            given[f"attribute[{q.code}]"] = "12" if q.datatype == "number" else "2026-11-01T10:00:00"
    photo = SimpleUploadedFile("buraco.png", photo_bytes(), "image/png")
    response = send(
        client, api_key=key, service_code=asking.code, lat=CENTRE.lat, long=CENTRE.lng, media=photo,
        email="ana@example.com", first_name="Ana", last_name="Souza", **given, **{"attribute[outra]": "x"},
    )  # fmt: skip
    assert response.status_code == 200, response.content
    row = Issue.objects.get(protocol=response.json()[0]["service_request_id"])
    assert row.photos.count() == 1
    assert row.citizen_id
    assert set(row.answers) == {q.code for q in asking.questions}


def test_an_address_is_found_and_one_that_is_not_is_named(client, key):
    from layers.models import Street

    name = Street.objects.filter(version__state="active").order_by("pk")[0].name
    response = send(client, api_key=key, service_code=POTHOLE, address_string=name)
    assert response.status_code == 200
    wrong = send(client, api_key=key, service_code=POTHOLE, address_string="Xyzzyqq Wvutsr")
    assert wrong.status_code == 400
    assert wrong.json()[0]["description"].startswith("address_string")


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(
    ("change", "status", "named"),
    [
        ({"api_key": ""}, 403, "api_key"),
        ({"api_key": "errada"}, 403, "api_key"),
        ({"service_code": ""}, 400, "service_code"),
        ({"service_code": "nao-existe"}, 404, "service_code"),
        ({"lat": "", "long": ""}, 400, "lat"),
        ({"lat": "x"}, 400, "lat"),
        ({"lat": OUTSIDE.lat, "long": OUTSIDE.lng}, 400, ""),
        ({"lat": "", "long": "", "address_id": "7"}, 400, "address_id"),
        ({"description": "x" * 4001}, 400, "description"),
        ({"email": "sem-arroba"}, 400, "email"),
        ({"jurisdiction_id": "outra.cidade"}, 404, "jurisdiction_id"),
    ],
)
def test_a_bad_report_is_refused_by_name_and_nothing_is_kept(client, key, form, change, status, named):
    before = Issue.objects.count()
    response = send(client, form, **{"api_key": key, **here(), **change})
    assert response.status_code == status
    assert named in response.content.decode()
    assert Issue.objects.count() == before


def test_a_missing_answer_is_named_as_its_attribute(client, key):
    asking = that_asks()
    missing = next(q.code for q in asking.questions if q.required)
    response = send(client, api_key=key, service_code=asking.code, lat=CENTRE.lat, long=CENTRE.lng)
    assert response.status_code == 400
    assert response.json()[0]["description"].startswith(f"attribute[{missing}]")


def test_the_key_may_stand_in_the_address_and_the_boundary_be_bare(client, key):
    body = "".join(
        f'--a=b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in here().items()
    )
    response = client.generic(
        "POST",
        f"{ROOT}/requests.json?api_key={key}",
        body + "--a=b--\r\n",
        "multipart/form-data; boundary=a=b",
    )
    assert response.status_code == 200, response.content


def test_the_same_report_sent_again_is_the_same_request(client, key):
    answers = [
        client.post(f"{ROOT}/requests.json", {"api_key": key, **here()}, headers={"Idempotency-Key": "abc"})
        for _ in range(2)
    ]
    assert answers[0].json()[0]["service_request_id"] == answers[1].json()[0]["service_request_id"]


def test_what_was_filed_in_earnest_is_not_told_by_the_test_endpoint(client, key):
    numbers = [
        client.post(
            f"{root}/requests.json", {"api_key": key, **here()}, headers={"Idempotency-Key": "abc"}
        ).json()[0]["service_request_id"]
        for root in (ROOT, TEST)
    ]
    assert numbers[0] != numbers[1]


def test_photos_sent_again_with_the_same_report_are_the_same(client, key):
    for _ in range(2):
        photo = SimpleUploadedFile("buraco.png", photo_bytes(), "image/png")
        given = {"api_key": key, "media": photo, **here()}
        assert (
            client.post(f"{ROOT}/requests.json", given, headers={"Idempotency-Key": "k"}).status_code == 200
        )
    assert Photo.objects.count() == 1


def test_the_test_endpoint_says_the_same_and_keeps_nothing(client, key):
    before = (Issue.objects.count(), Event.objects.count(), Photo.objects.count())
    photo = SimpleUploadedFile("buraco.png", photo_bytes(), "image/png")
    response = send(client, root=TEST, api_key=key, media=photo, **here())
    assert response.status_code == 200
    number = response.json()[0]["service_request_id"]
    assert (Issue.objects.count(), Event.objects.count(), Photo.objects.count()) == before
    assert read(client, f"requests/{number}", root=TEST)[0].status_code == 404


# ---- keys


def test_a_key_opens_what_it_is_for_until_it_is_revoked(client):
    some = Team.objects.values_list("pk", flat=True)[:1]
    made, secret = keys.make(name="Leitor", scopes=["update"], quota=0, teams=some, by=None, now=clock.now())
    assert send(client, api_key=secret, **here()).status_code == 403
    ApiKey.objects.filter(pk=made.pk).update(scopes=["report"])
    assert send(client, api_key=secret, **here()).status_code == 200
    made.refresh_from_db()
    assert clock.now() - made.used_at < timedelta(minutes=1)
    assert secret.encode() not in bytes(made.digest)
    keys.revoke(made.pk, now=clock.now())
    assert send(client, api_key=secret, **here()).status_code == 403


def test_a_key_has_its_quota(client):
    secret = keys.make(name="Pouco", scopes=["report"], quota=2, by=None, now=clock.now())[1]
    answers = [send(client, api_key=secret, **here()) for _ in range(5)]
    assert 429 in {a.status_code for a in answers}
    late = next(a for a in answers if a.status_code == 429)
    assert int(late["Retry-After"]) > 0
    assert late.json()[0]["code"] == 429


def test_other_methods_are_refused_in_the_form_asked_for(client):
    response = client.delete(f"{ROOT}/requests.xml")
    assert response.status_code == 400
    assert ElementTree.fromstring(response.content).tag == "errors"
    assert client.options(f"{ROOT}/requests.json")["Access-Control-Allow-Origin"] == "*"


def test_a_person_finds_a_page_about_it(client):
    page = client.get("/open311/").content.decode()
    assert all(said in page for said in (ROOT, TEST, "updated_after"))
    assert client.get(ROOT, follow=True).status_code == 200


def test_a_body_of_xml_is_not_read_whatever_entities_it_names(client, key):
    bomb = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]><r>&a;&b;</r>'
    response = client.post(f"{ROOT}/requests.xml?api_key={key}", bomb, content_type="text/xml")
    assert response.status_code == 400
    told = ElementTree.fromstring(response.content)
    assert told[0].findtext("description").startswith("service_code")
