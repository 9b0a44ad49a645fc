"""Bad input gets a 4xx that says what and where; never a 500, never half a report."""

import json
import uuid

import pytest

from issues.lifecycle.models import Issue
from tests.factories.reports import CENTRE, OUTSIDE, body, photo_bytes

pytestmark = pytest.mark.django_db
DOOR = "/api/v1/issues"
PHOTO = "/api/v1/uploads/6f1c1c5e-6e0b-4a55-9f6e-0d8f3f0f8a01"
BOX = "bbox=-51.3,-30.1,-51.1,-29.9"
HERE = f"lat={CENTRE.lat}&lng={CENTRE.lng}"


@pytest.fixture(autouse=True)
def _quiet_doors(settings, tmp_path, client):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 0)
    settings.MEDIA_ROOT = tmp_path
    client.raise_request_exception = True


def problem_of(response, status, code, field):
    assert response["Content-Type"] == "application/problem+json", response.content[:300]
    found = json.loads(response.content)
    assert (response.status_code, found["code"], found.get("field", "")) == (status, code, field)
    assert found["status"] == status
    assert found["title"]
    assert found["title"] != code
    assert "%(" not in found["title"]
    return found


def raw(text: str) -> bytes:
    """A report whose last key is written by hand."""
    return json.dumps(body()).encode()[:-1] + b", " + text.encode() + b"}"


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"lat": ..., "lng": ...}, 400, "place.missing", "lat"),
        ({"lat": ...}, 400, "place.missing", "lat"),
        ({"lng": ...}, 400, "place.missing", "lng"),
        ({"lat": "nan"}, 400, "place.not_a_number", "lat"),
        ({"lng": "aqui"}, 400, "place.not_a_number", "lng"),
        ({"lat": [1]}, 400, "place.not_a_number", "lat"),
        ({"lat": 95}, 422, "place.out_of_range", "lat"),
        ({"lng": 1e300}, 422, "place.out_of_range", "lng"),
        ({"lat": CENTRE.lng, "lng": CENTRE.lat}, 422, "place.swapped", "lat"),
        ({"lat": OUTSIDE.lat, "lng": OUTSIDE.lng}, 422, "place.outside_city", "lat"),
        ({"lat": 0, "lng": 0}, 422, "place.outside_city", "lat"),
        ({"lat": -90, "lng": -180}, 422, "place.outside_city", "lat"),
        ({"service": ...}, 400, "field.required", "service"),
        ({"service": "voar"}, 422, "service.unknown", "service"),
        ({"service": 7}, 400, "body.bad_value", "service"),
        ({"service": "a\u0000"}, 422, "field.bad_text", "service"),
        ({"client_id": ...}, 400, "field.required", "client_id"),
        ({"client_id": "1"}, 422, "field.not_a_uuid", "client_id"),
        ({"urgent": 1}, 400, "body.unknown_key", "urgent"),
        ({"contact": {"cpf": "1"}}, 400, "body.unknown_key", "contact.cpf"),
        ({"contact": {"phone": "1"}}, 422, "contact.bad_phone", "contact.phone"),
        ({"contact": {"email": "a"}}, 422, "contact.bad_email", "contact.email"),
        ({"answers": {"cor": "azul"}}, 422, "answer.unknown", "answers.cor"),
        ({"answers": {"tamanho": "imenso"}}, 422, "answer.bad_value", "answers.tamanho"),
        ({"answers": {"a\u0000": "b"}}, 422, "answer.unknown", "answers.a\u0000"),
        ({"service": "fiacao-solta"}, 422, "answer.required", "answers.situacao"),
        ({"photos": [str(uuid.UUID(int=1))]}, 422, "photo.unknown", "photos"),
        ({"photos": ["1"]}, 422, "field.not_a_uuid", "photos"),
        ({"photos": [str(uuid.UUID(int=n)) for n in range(6)]}, 422, "photo.too_many", "photos"),
        ({"channel": "fax"}, 422, "channel.unknown", "channel"),
        ({"description": "a\u0000b"}, 422, "field.bad_text", "description"),
        ({"description": "x" * 4001}, 422, "field.too_long", "description"),
    ],
)  # fmt: skip
def test_a_bad_report_is_refused_by_the_field(client, changes, status, code, field):
    response = client.post(DOOR, json.dumps(body(**changes)), content_type="application/json")
    problem_of(response, status, code, field)
    assert not Issue.objects.exists()


def test_swapped_coordinates_get_the_hint(client):
    response = client.post(
        DOOR, json.dumps(body(lat=CENTRE.lng, lng=CENTRE.lat)), content_type="application/json"
    )
    assert "trocadas" in problem_of(response, 422, "place.swapped", "lat")["title"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "body.not_json"),
        (b"{", 400, "body.not_json"),
        (b"\xff\xfe\x00", 400, "body.not_json"),
        (b"[]", 400, "body.not_object"),
        (b'"a"', 400, "body.not_object"),
        (b"[" * 60_000, 400, "body.not_object"),
        (b'{"a":' * 10_000, 400, "body.unknown_key"),
        (b'{"lat": NaN}', 400, "body.not_json"),
        (b" " * 70_000, 413, "body.too_large"),
        (json.dumps({"description": "x" * 10_000_000}).encode(), 413, "body.too_large"),
    ],
    ids=lambda v: str(v)[:20],
)
def test_a_body_that_cannot_be_read_is_refused(client, content, status, code):
    response = client.post(DOOR, content, content_type="application/json")
    found = json.loads(response.content)
    assert (response.status_code, found["code"]) == (status, code)


@pytest.mark.parametrize("key", ["description", "service", "channel", "client_id", "lat"])
@pytest.mark.parametrize("escape", [r"\ud800", r"\udfff\ud800", r"a\udc00"])
def test_a_lone_surrogate_is_refused(client, key, escape):
    response = client.post(DOOR, raw(f'"{key}": "{escape}"'), content_type="application/json")
    assert response.status_code in {400, 422}
    assert json.loads(response.content)["code"]


@pytest.mark.parametrize(
    "answers",
    [r'{"\ud800": 1}', r'{"tamanho": "\ud800"}', r'{"tamanho": [["a"]]}', r'{"tamanho": 1e999}', "[]", "1"],
)
def test_strange_answers_are_refused(client, answers):
    response = client.post(DOOR, raw(f'"answers": {answers}'), content_type="application/json")
    assert response.status_code in {400, 422}
    assert json.loads(response.content)["code"]


@pytest.mark.parametrize(
    ("address", "status", "code", "field"),
    [
        (DOOR, 400, "bbox.four_numbers", "bbox"),
        (f"{DOOR}?bbox=", 400, "bbox.four_numbers", "bbox"),
        (f"{DOOR}?bbox=1,2,3", 400, "bbox.four_numbers", "bbox"),
        (f"{DOOR}?bbox=a,b,c,d", 400, "bbox.four_numbers", "bbox"),
        (f"{DOOR}?bbox=nan,nan,nan,nan", 400, "bbox.four_numbers", "bbox"),
        (f"{DOOR}?bbox=3,2,1,4", 422, "bbox.empty_or_outside", "bbox"),
        (f"{DOOR}?bbox=-999,-999,999,999", 422, "bbox.empty_or_outside", "bbox"),
        (f"{DOOR}?bbox=%00,1,2,3", 422, "field.bad_text", "bbox"),
        (f"{DOOR}?{BOX}&service=voar", 422, "service.unknown", "service"),
        (f"{DOOR}?{BOX}&service=a%00", 422, "field.bad_text", "service"),
        (f"{DOOR}?{BOX}&state=voando", 422, "field.not_a_choice", "state"),
        (f"{DOOR}?{BOX}&since=ontem", 422, "field.not_a_date", "since"),
        (f"{DOOR}?{BOX}&cursor=x", 400, "cursor.bad", "cursor"),
        (f"{DOOR}?{BOX}&cursor=%F0%9F%92%A9", 400, "cursor.bad", "cursor"),
        (f"{DOOR}?{BOX}&limit=0", 422, "field.out_of_range", "limit"),
        (f"{DOOR}?{BOX}&limit=--1", 400, "field.not_a_number", "limit"),
        (f"{DOOR}?{BOX}&limit=99999999999999999999", 400, "field.not_a_number", "limit"),
        (f"{DOOR}/2026", 400, "protocol.malformed", "protocol"),
        (f"{DOOR}/2026-0000001-3", 400, "protocol.check_digit", "protocol"),
        (f"{DOOR}/2026-0000001-2", 404, "issue.unknown", "protocol"),
        (f"{DOOR}/%00", 400, "protocol.malformed", "protocol"),
        (f"{DOOR}/{'9' * 3000}", 400, "protocol.malformed", "protocol"),
        (f"{DOOR}/similar?{HERE}", 422, "field.required", "service"),
        (f"{DOOR}/similar?service=tapa-buracos", 400, "place.missing", "lat"),
        (f"{DOOR}/similar?service=voar&{HERE}", 422, "service.unknown", "service"),
        (f"{DOOR}/similar?service=tapa-buracos&lat=nan&lng=1", 400, "place.not_a_number", "lat"),
        ("/api/v1/services/voar", 422, "service.unknown", "service"),
        (f"/api/v1/services?q={'x' * 201}", 422, "field.too_long", "q"),
        ("/api/v1/services?q=%00", 422, "field.bad_text", "q"),
        ("/api/v1/services?limit=51", 422, "field.out_of_range", "limit"),
        ("/api/v1/place", 400, "place.missing", "lat"),
        ("/api/v1/place?lat=1", 400, "place.missing", "lng"),
        ("/api/v1/place?lat=x&lng=1", 400, "place.not_a_number", "lat"),
        ("/api/v1/place?lat=91&lng=1", 422, "place.out_of_range", "lat"),
        ("/api/v1/place?lat=0&lng=0", 422, "place.outside_city", "lat"),
        (f"/api/v1/place?lat={CENTRE.lng}&lng={CENTRE.lat}", 422, "place.swapped", "lat"),
        ("/api/v1/addresses", 400, "field.required", "q"),
        (f"/api/v1/addresses?q={'x' * 201}", 422, "field.too_long", "q"),
        ("/api/v1/crew/issues?lat=1&lng=1", 403, "auth.needed", ""),
        ("/api/v1/layers/voar", 404, "layer.unknown", "layer"),
        ("/api/v1/nowhere", 404, "not_found", ""),
    ],
)
def test_a_bad_question_is_refused_by_the_parameter(client, address, status, code, field):
    problem_of(client.get(address), status, code, field)


@pytest.mark.parametrize(
    ("verb", "address", "status", "code"),
    [
        ("delete", DOOR, 405, "method_not_allowed"),
        ("put", DOOR, 405, "method_not_allowed"),
        ("post", f"{DOOR}/similar", 405, "method_not_allowed"),
        ("get", PHOTO, 405, "method_not_allowed"),
    ],
)
def test_a_wrong_verb_is_told(client, verb, address, status, code):
    response = getattr(client, verb)(address)
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "photo.empty"),
        (b"um texto", 415, "photo.not_an_image"),
        (b"<svg/>", 415, "photo.not_an_image"),
        (photo_bytes()[:40], 415, "photo.not_an_image"),
        (b"x" * (15 * 2**20 + 1), 413, "photo.too_large"),
    ],
    ids=lambda v: str(v)[:20],
)
@pytest.mark.parametrize("media_type", ["image/png", "application/octet-stream", "multipart/form-data"])
def test_what_is_no_photo_is_refused_by_name(client, content, status, code, media_type):
    response = client.generic("PUT", PHOTO, content, content_type=media_type)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_another_photo_under_the_same_id_is_a_conflict(client):
    assert client.put(PHOTO, photo_bytes(), content_type="image/png").status_code == 201
    assert client.put(PHOTO, photo_bytes(), content_type="image/png").status_code == 200
    response = client.put(PHOTO, photo_bytes("blue"), content_type="image/png")
    problem_of(response, 409, "photo.id_taken", "id")


def test_an_upload_needs_a_uuid(client):
    assert client.put("/api/v1/uploads/1", photo_bytes(), content_type="image/png").status_code == 404


def test_who_asks_too_often_waits(client, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "lookup": 2}
    answers = [client.get(f"{DOOR}/2026-0000001-2", REMOTE_ADDR="203.0.113.9") for _ in range(3)]
    assert [a.status_code for a in answers] == [404, 404, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


# ---- pages, for people


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/chamado/2026/", 400),
        ("/chamado/2026-0000001-2/", 404),
        ("/s/nada/", 404),
        ("/s/%00/", 404),
        ("/carta/voar/", 404),
        ("/nada/", 404),
        ("/foto/1/full.jpg", 404),
        (f"/foto/{uuid.UUID(int=1)}/full.jpg", 404),
        ("/consulta/?protocolo=abc", 404),
        ("/consulta/?protocolo=%00", 404),
    ],
)
def test_a_page_that_cannot_be_shown_says_so_in_words(client, address, status):
    response = client.get(address, headers={"accept": "text/html"})
    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")
    assert "Traceback" not in response.content.decode()


ODD = [
    "%00",
    "a%00b",
    "%F0%9F%92%A9",
    "%ED%A0%80",
    "%FF",
    "x" * 3000,
    "nan",
    "-1",
    "1e400",
    "'%22<script>",
    "%25s",
]


@pytest.mark.parametrize("odd", ODD, ids=lambda v: v[:12])
@pytest.mark.parametrize(
    "address",
    [
        "/novo/?servico=",
        "/novo/assuntos/?q=",
        "/novo/assuntos/?servico=",
        "/novo/servico/?servico=",
        "/novo/servico/?servico=tapa-buracos&lng=1&lat=",
        "/novo/lugar/?lng=1&lat=",
        "/perto/?lat=",
        "/perto/?lng=1&lat=",
        "/perto/?endereco=",
        "/perto/?q=",
        "/consulta/?protocolo=",
        "/carta/?q=",
        "/mapa/?service=",
        "/mapa/?from=",
        "/mapa/?theme=",
        "/mapa/?state=",
        "/foto/6f1c1c5e-6e0b-4a55-9f6e-0d8f3f0f8a01/full.jpg?s=",
        "/s/x/?novo=",
        "/entrar/?next=",
        "/api/v1/issues?bbox=-51.3,-30.1,-51.1,-29.9&cursor=",
        "/api/v1/services?theme=",
        "/api/v1/services?q=",
        "/api/v1/addresses?q=",
        "/api/v1/addresses?q=ipiranga&limit=",
        "/api/v1/addresses?q=ipiranga&lng=1&lat=",
        "/api/v1/layers/bairros?simplify=",
        "/tiles/heat/10/366/600.mvt?service=",
        "/tiles/heat/10/366/600.mvt?from=",
        "/tiles/heat/10/366/600.mvt?theme=",
        "/tiles/heat/10/366/600.mvt?state=",
    ],
)
def test_no_parameter_breaks_a_page(client, address, odd):
    assert client.get(address + odd).status_code < 500


@pytest.mark.parametrize("odd", ["\0", "a\0b", "\ud800", "x" * 5000, "<script>", "%s"], ids=ascii)
@pytest.mark.parametrize("step", ["tell", "choose", "search", "review", "send", "back", "?"])
def test_no_field_breaks_the_form(client, step, odd):
    """The same hostile text in every field of every step of the form without JavaScript."""
    names = [
        "client_id",
        "description",
        "address",
        "service",
        "name",
        "phone",
        "email",
        "photos",
        "q",
        "candidate",
    ]
    try:
        given = dict.fromkeys(names, odd.encode("utf-8", "surrogatepass"))
        for fields in (given, {**given, "service": "tapa-buracos", "lat": CENTRE.lat, "lng": CENTRE.lng}):
            response = client.post("/novo/", {**fields, "step": step, "answers.tamanho": given["name"]})
            assert response.status_code < 500
    finally:
        assert not Issue.objects.exists()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 422),
        ({"protocol": "2026-0000001-2"}, 422),
        ({"protocol": "2026-0000001-2", "client_id": "1"}, 422),
        ({"protocol": "x", "client_id": str(uuid.UUID(int=5))}, 400),
        ({"protocol": "2026-0000001-2", "client_id": str(uuid.UUID(int=5))}, 404),
        ({"protocol": "\0", "client_id": "\0"}, 422),
    ],
)
def test_following_what_is_not_there_says_so(client, sent, status):
    response = client.post("/novo/acompanhar/", sent, headers={"accept": "text/html"})
    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")


def test_following_a_closed_request_is_a_conflict_that_says_so(client):
    sent = client.post(DOOR, json.dumps(body()), content_type="application/json").json()
    Issue.objects.filter(protocol=sent["protocol"]).update(state="resolved")
    join = {"protocol": sent["protocol"], "client_id": str(uuid.uuid4())}
    problem_of(client.post("/novo/acompanhar/", join), 409, "issue.closed", "protocol")


def test_one_form_follows_one_request(client):
    first, second = (
        client.post(DOOR, json.dumps(body()), content_type="application/json").json() for _ in range(2)
    )
    me = str(uuid.uuid4())
    assert (
        client.post("/novo/acompanhar/", {"protocol": first["protocol"], "client_id": me}).status_code == 302
    )
    again = client.post("/novo/acompanhar/", {"protocol": second["protocol"], "client_id": me})
    problem_of(again, 409, "follow.id_taken", "client_id")
