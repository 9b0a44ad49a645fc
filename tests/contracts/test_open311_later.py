"""Open311: numbers that come later, pictures that are fetched, and what is only read."""

import base64
import json
import uuid
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from geo_central.kernel import clock
from issues.catalogue.models import Service
from issues.catalogue.queries import service
from issues.citizens.models import Citizen
from issues.intake.deferred import pending, pictures
from issues.intake.deferred.models import PendingReport, WantedPicture
from issues.lifecycle.models import Issue, Photo
from issues.teams import keys
from issues.teams.models import Team
from tests.factories.open311 import TEST, here, read, send
from tests.factories.partners import road
from tests.factories.reports import OUTSIDE, POTHOLE, issue, photo_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    return keys.make(name="Aplicativo", scopes=["report"], quota=0, by=None, now=clock.now())[1]


@pytest.fixture
def kind():
    """`kind("batch")`: what programs are told of new potholes."""

    def change(to):
        Service.objects.filter(code=POTHOLE).update(open311_type=to)
        cache.clear()

    yield change
    cache.clear()


@pytest.fixture
def way(settings):
    with road() as made:
        settings.PICTURE_ORIGINS = [made.origin]
        made.answers = lambda seen: (200, photo_bytes("blue"))
        yield made


def told(response):
    assert response.status_code == 200, response.content
    (one,) = response.json()
    return one


# ---- Tokens


def test_a_batch_service_gives_a_token_and_the_number_a_moment_later(client, key, kind):
    """Safe choice 14: within seconds."""
    kind("batch")
    given = here(api_key=key, email="maria@example.org", first_name="Maria", description="Fundo")
    one = told(send(client, **given))
    assert set(one) == {"token", "service_notice", "account_id"}
    for form in ("json", "xml"):
        _, answer = read(client, f"tokens/{one['token']}", form)
        assert answer[0].get("service_request_id") is None if form == "json" else len(answer[0]) == 1
    assert not Issue.objects.filter(channel="open311").exists()
    assert pending.file_all(now=clock.now()) == 1
    (answer,) = read(client, f"tokens/{one['token']}")[1]
    row = Issue.objects.get(protocol=answer["service_request_id"])
    assert answer["token"] == one["token"]
    assert (row.description, row.channel, row.citizen_id) == ("Fundo", "open311", Citizen.objects.get().pk)
    assert pending.file_all(now=clock.now()) == 0


def test_what_waits_for_its_number_says_nothing_of_who_asked(client, key, kind):
    kind("batch")
    told(
        send(client, **here(api_key=key, email="maria@example.org", first_name="Maria", phone="51999998888"))
    )
    kept = json.dumps(PendingReport.objects.get().draft)
    assert not any(secret in kept for secret in ("maria", "Maria", "99999"))


def test_a_batch_report_that_cannot_be_is_refused_at_once(client, key, kind):
    kind("batch")
    response = send(client, api_key=key, service_code=POTHOLE, lat=OUTSIDE.lat, long=OUTSIDE.lng)
    assert response.status_code == 400
    assert not PendingReport.objects.exists()
    assert send(client, api_key=key, service_code=POTHOLE).status_code == 400


def test_a_batch_report_sent_again_with_its_key_has_the_same_token(client, key, kind):
    kind("batch")
    address = "/open311/v2/requests.json"
    first, again = (
        told(client.post(address, here(api_key=key), headers={"Idempotency-Key": "k-1"})) for _ in range(2)
    )
    assert first == again
    pending.file_all(now=clock.now())
    assert told(client.post(address, here(api_key=key), headers={"Idempotency-Key": "k-1"})) == first
    assert Issue.objects.filter(channel="open311").count() == 1


def test_a_report_that_became_impossible_says_so_and_holds_up_nobody(client, key, kind):
    kind("batch")
    lost = told(send(client, **here(api_key=key)))["token"]
    PendingReport.objects.filter(token=lost).update(draft={"service": "nada", "lat": -30.0, "lng": -51.2})
    good = told(send(client, **here(api_key=key)))["token"]
    assert pending.file_all(now=clock.now()) == 2
    assert read(client, f"tokens/{lost}")[0].status_code == 404
    assert read(client, f"tokens/{good}")[1][0]["service_request_id"]


def test_a_blackbox_service_tells_neither_number_nor_token(client, key, kind):
    kind("blackbox")
    for form in ("json", "xml"):
        response = send(client, form, **here(api_key=key))
        if form == "json":
            assert set(told(response)) == {"service_notice", "account_id"}
        else:
            tags = {e.tag for e in ElementTree.fromstring(response.content)[0]}
            assert tags == {"service_notice", "account_id"}
    assert Issue.objects.filter(channel="open311").count() == 2


def test_the_list_of_services_says_which_is_which(client):
    types = {s["service_code"]: s["type"] for s in read(client, "services")[1]}
    assert types[POTHOLE] == "realtime"
    assert types["obra-sem-licenca"] == "batch"
    assert types["ouvidoria-denuncia"] == "blackbox"


def test_the_test_endpoint_takes_a_batch_report_and_keeps_nothing(client, key, kind):
    kind("batch")
    assert told(send(client, root=TEST, **here(api_key=key)))["service_request_id"]
    assert not PendingReport.objects.exists()
    assert not Issue.objects.filter(channel="open311").exists()


# ---- Pictures by address


def test_pictures_are_fetched_afterwards_and_wait_for_moderation(client, key, way):
    addresses = [f"{way.origin}/a.png", f"{way.origin}/b.png"]
    number = told(send(client, **here(api_key=key, media_url=addresses)))["service_request_id"]
    row = Issue.objects.get(protocol=number)
    assert way.seen == []
    assert not row.photos.exists()
    assert pictures.fetch_due(clock.now) == 2
    assert [p.is_moderated for p in row.photos.order_by("id")] == [False, False]
    assert read(client, f"requests/{number}")[1][0]["media_url"] is None
    assert pictures.fetch_due(clock.now) == 0


@pytest.mark.parametrize("between", [",", ", ", "\n"])
def test_several_addresses_may_come_in_one_field(client, key, way, between):
    said = between.join([f"{way.origin}/a.png", f"{way.origin}/b.png?x=1,2"])
    told(send(client, **here(api_key=key, media_url=said)))
    assert sorted(WantedPicture.objects.order_by("pk").values_list("address", flat=True)) == [
        f"{way.origin}/a.png", f"{way.origin}/b.png?x=1,2",
    ]  # fmt: skip


def test_a_picture_that_the_address_itself_holds_is_kept_at_once(client, key):
    held = "data:image/png;base64," + base64.b64encode(photo_bytes()).decode()
    number = told(send(client, **here(api_key=key, media_url=held)))["service_request_id"]
    assert Issue.objects.get(protocol=number).photos.count() == 1
    assert not WantedPicture.objects.exists()
    broken = send(client, **here(api_key=key, media_url="data:image/png;base64,@@@"))
    assert broken.status_code == 400


def test_a_redirect_is_followed_and_checked_each_time(client, key, way, settings):
    told(send(client, **here(api_key=key, media_url=f"{way.origin}/a.png")))
    way.headers = {"Location": "http://169.254.169.254/latest/meta-data"}
    way.answers = lambda seen: (302, b"")
    assert pictures.fetch_due(clock.now) == 0
    row = WantedPicture.objects.get()
    assert (row.state, "private" in row.failure) == ("refused", True)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9/x.png", "http://localhost/x.png", "http://[::1]/x.png", "http://169.254.169.254/"],
)
def test_our_own_network_is_never_asked(client, key, address):
    told(send(client, **here(api_key=key, media_url=address)))
    assert pictures.fetch_due(clock.now) == 0
    row = WantedPicture.objects.get()
    assert row.state == "refused"
    assert "private" in row.failure


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((200, b"<html>no picture</html>"), "refused"),
        ((404, b""), "refused"),
        ((500, b""), "waiting"),
        ((429, b""), "waiting"),
        ((200, b"x" * 30_000_000), "refused"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_reason_and_a_bad_day_is_waited_out(
    client, key, way, answer, state
):
    told(send(client, **here(api_key=key, media_url=f"{way.origin}/a.png")))
    way.answers = lambda seen: answer
    assert pictures.fetch_due(clock.now) == 0
    row = WantedPicture.objects.get()
    assert row.state == state
    assert row.failure
    if state == "waiting":
        way.answers = lambda seen: (200, photo_bytes())
        assert pictures.fetch_due(lambda: clock.now() + timedelta(minutes=5)) == 1
        assert Photo.objects.get(pk=row.pk).issue_id


def test_pictures_of_a_batch_report_wait_for_its_number(client, key, way, kind):
    kind("batch")
    token = told(send(client, **here(api_key=key, media_url=f"{way.origin}/a.png")))["token"]
    assert pictures.fetch_due(clock.now) == 0
    pending.file_all(now=clock.now())
    assert pictures.fetch_due(lambda: clock.now() + timedelta(minutes=5)) == 1
    assert Issue.objects.get(protocol=pending.number_of(token)).photos.count() == 1


def test_the_same_report_again_wants_its_pictures_once(client, key, way):
    given = here(api_key=key, media_url=f"{way.origin}/a.png")
    for _ in range(2):
        client.post("/open311/v2/requests.json", given, headers={"Idempotency-Key": "k-2"})
    assert WantedPicture.objects.count() == 1


def test_no_more_than_five_pictures_however_they_come(client, key, way):
    files = [SimpleUploadedFile(f"{n}.png", photo_bytes(), "image/png") for n in range(3)]
    six = here(api_key=key, media_url=[f"{way.origin}/{n}.png" for n in range(3)], media=files)
    assert send(client, **six).status_code == 400
    for file in files:
        file.seek(0)
    five = here(api_key=key, media_url=[f"{way.origin}/{n}.png" for n in range(2)], media=files)
    number = told(send(client, **five))["service_request_id"]
    assert pictures.fetch_due(clock.now) == 2
    assert Issue.objects.get(protocol=number).photos.count() == 5


@pytest.mark.parametrize(
    "address", ["buraco.png", "ftp://example.org/a.png", "https://u:p@example.org/a.png"]
)
def test_what_is_no_address_is_refused_by_name(client, key, address):
    response = send(client, **here(api_key=key, media_url=address))
    assert response.status_code == 400
    assert response.json()[0]["description"].startswith("media_url:")
    assert not Issue.objects.filter(channel="open311").exists()


def test_the_test_endpoint_fetches_nothing(client, key, way):
    told(send(client, root=TEST, **here(api_key=key, media_url=f"{way.origin}/a.png")))
    assert not WantedPicture.objects.exists()


# ---- What is only read


def test_what_is_only_read_is_an_attribute_that_is_no_variable(client):
    definition = read(client, "services/arvore-caida")[1]
    (shown,) = (a for a in definition["attributes"] if not a["variable"])
    assert (shown["datatype"], shown["required"], shown["values"]) == ("text", False, [])
    assert "193" in shown["description"]
    assert [a["order"] for a in definition["attributes"]] == list(range(1, len(definition["attributes"]) + 1))


def test_what_is_only_read_needs_no_answer_takes_none_and_stands_on_the_page(client, key):
    asking = service("fiacao-solta")
    (must,) = (q for q in asking.questions if q.required)
    given = here(api_key=key, service_code="fiacao-solta") | {
        f"attribute[{must.code}]": must.values[0][0],
        "attribute[emergencia]": "ignored",
    }
    number = told(send(client, **given))["service_request_id"]
    assert "emergencia" not in Issue.objects.get(protocol=number).answers
    page = client.get("/novo/servico/?servico=fiacao-solta").content.decode()
    assert "ligue para os Bombeiros, 193" in page
    assert 'name="answers.emergencia"' not in page


def test_an_answer_to_what_is_only_read_is_unknown_to_the_one_door(client):
    body = {"client_id": str(uuid.uuid4()), "service": "fiacao-solta", "answers": {"emergencia": "x"}}
    response = client.post(
        "/api/v1/issues", json.dumps({**body, "lat": -30.03, "lng": -51.22}), "application/json"
    )
    assert (response.status_code, response.json()["code"]) == (422, "answer.unknown")


# ---- Addresses by name


def test_an_address_has_a_name_that_files_a_request_where_it_is(client, key):
    first = told(
        send(client, api_key=key, service_code=POTHOLE, address_string="Rua General Lima e Silva, 750")
    )
    (row,) = read(client, f"requests/{first['service_request_id']}")[1]
    assert row["address_id"] == "rua-general-lima-e-silva-750"
    again = told(send(client, api_key=key, service_code=POTHOLE, address_id=row["address_id"]))
    (twin,) = read(client, f"requests/{again['service_request_id']}")[1]
    assert (twin["lat"], twin["long"], twin["address_id"]) == (row["lat"], row["long"], row["address_id"])


def test_degrees_are_believed_before_the_name_of_an_address(client, key):
    given = here(api_key=key, address_id="rua-general-lima-e-silva-750")
    (row,) = read(client, f"requests/{told(send(client, **given))['service_request_id']}")[1]
    assert (row["lat"], row["long"]) == (given["lat"], given["long"])


@pytest.mark.parametrize("name", ["rua-que-nao-existe-1", "750", "x", "Rua X, 7", "a" * 150 + "-1", "-1"])
def test_a_name_that_no_address_has_is_refused_by_name(client, key, name):
    response = send(client, api_key=key, service_code=POTHOLE, address_id=name)
    assert response.status_code == 400
    assert response.json()[0]["description"].startswith("address_id:")


def test_a_request_that_is_shown_by_area_has_no_named_address(client):
    hidden = Service.objects.filter(precision="area", geolocated=True).order_by("code").first()
    row = issue(
        Team.objects.order_by("slug")[0], service=hidden.code, address="Rua General Lima e Silva, 750"
    )
    (shown,) = read(client, f"requests/{row.protocol}")[1]
    assert shown["address_id"] is None
