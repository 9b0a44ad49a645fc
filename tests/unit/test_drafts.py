"""What every channel makes of what it was sent: a draft, or a refusal that names the field."""

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_central.kernel.errors import DomainError, Invalid, Malformed
from geo_central.kernel.geo import LngLat
from issues.intake.drafts import CHANNELS, IssueDraft, decode_draft, parse_draft

ID = "6f1c1c5e-6e0b-4a55-9f6e-0d8f3f0f8a01"
PHOTO = "0b7f2c7e-2f7a-4a06-8f0e-0123456789ab"
GOOD = {"client_id": ID, "service": "tapa-buracos", "lat": -30.03, "lng": -51.22}


def read(**changes) -> IssueDraft:
    body = {k: v for k, v in {**GOOD, **changes}.items() if v is not ...}
    return decode_draft(json.dumps(body).encode())


def refusal(body: bytes | dict) -> DomainError:
    with pytest.raises(DomainError) as refused:
        decode_draft(body if isinstance(body, bytes) else json.dumps({**GOOD, **body}).encode())
    return refused.value


# ---- what is taken


def test_the_least_that_a_report_says():
    draft = decode_draft(json.dumps({"client_id": ID, "service": "iptu"}).encode())
    assert draft == IssueDraft(uuid.UUID(ID), "iptu")
    assert draft.point is None
    assert draft.channel == "web"


def test_all_that_a_report_may_say():
    draft = read(
        description="  Buraco\r\nfundo ",
        answers={"tamanho": "grande", "quantos": 3, "risco": ["a", "b"], "nada": None},
        photos=[PHOTO],
        contact={"name": " Ana  Maria ", "phone": "(51) 99999-8888", "email": "ANA@Example.com"},
        channel="whatsapp",
    )
    assert draft.point == LngLat(-51.22, -30.03)
    assert draft.description == "Buraco\nfundo"
    assert draft.answers == {"tamanho": "grande", "quantos": 3, "risco": ["a", "b"], "nada": None}
    assert draft.photos == (uuid.UUID(PHOTO),)
    assert draft.contact.name == "Ana Maria"
    assert draft.contact.phone == "+5551999998888"
    assert draft.contact.email == "ana@example.com"
    assert draft.channel == "whatsapp"


def test_null_is_as_good_as_absent():
    absent = dict.fromkeys(("lat", "lng", "description", "answers", "photos", "contact", "channel"))
    assert read(**absent) == IssueDraft(uuid.UUID(ID), "tapa-buracos")


def test_an_empty_contact_is_nobody():
    assert read(contact={}).contact is None
    assert read(contact={"name": " ", "phone": "", "email": None}).contact is None


def test_the_same_photo_twice_is_one_photo():
    assert read(photos=[PHOTO, PHOTO.upper(), PHOTO]).photos == (uuid.UUID(PHOTO),)


def test_coordinates_may_come_as_text():
    assert read(lat="-30.03", lng="-51.22").point == LngLat(-51.22, -30.03)


def test_swapped_coordinates_are_still_somewhere_on_earth():
    """Only the city's boundary can tell; see the geo tests."""
    assert read(lat=-51.22, lng=-30.03).point == LngLat(-30.03, -51.22)


def test_emoji_accents_and_line_breaks_are_text():
    assert read(description="Água 💧 na rua\ne no pátio").description == "Água 💧 na rua\ne no pátio"


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_every_channel_makes_the_same_draft(channel):
    assert read(channel=channel).channel == channel


def test_a_form_and_a_json_body_make_the_same_draft():
    assert parse_draft(GOOD) == read()


# ---- what is refused, and under which name


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"urgent": True}, "body.unknown_key", "urgent"),
        ({"contact": {"cpf": "1"}}, "body.unknown_key", "contact.cpf"),
        ({"client_id": None}, "body.bad_value", "client_id"),
        ({"client_id": 7}, "body.bad_value", "client_id"),
        ({"client_id": "7"}, "field.not_a_uuid", "client_id"),
        ({"service": None}, "body.bad_value", "service"),
        ({"service": ["a"]}, "body.bad_value", "service"),
        ({"service": "x" * 65}, "field.too_long", "service"),
        ({"service": "a\u0000b"}, "field.bad_text", "service"),
        ({"lat": None}, "place.missing", "lat"),
        ({"lng": None}, "place.missing", "lng"),
        ({"lat": ""}, "place.missing", "lat"),
        ({"lat": "aqui"}, "place.not_a_number", "lat"),
        ({"lng": True}, "place.not_a_number", "lng"),
        ({"lng": [1]}, "place.not_a_number", "lng"),
        ({"lng": {}}, "place.not_a_number", "lng"),
        ({"lat": "nan"}, "place.not_a_number", "lat"),
        ({"lat": "-inf"}, "place.not_a_number", "lat"),
        ({"lat": 90.001}, "place.out_of_range", "lat"),
        ({"lng": -180.001}, "place.out_of_range", "lng"),
        ({"lat": 10**30}, "place.out_of_range", "lat"),
        ({"description": 3}, "body.bad_value", "description"),
        ({"description": "x" * 4001}, "field.too_long", "description"),
        ({"description": "a\u0000b"}, "field.bad_text", "description"),
        ({"description": "a\u001bb"}, "field.bad_text", "description"),
        ({"answers": [1]}, "body.bad_value", "answers"),
        ({"answers": {"q": "a\u0000b"}}, "field.bad_text", "answers.q"),
        ({"answers": {"q": ["a\u0000b"]}}, "field.bad_text", "answers.q"),
        ({"answers": {"q": {"a": 1}}}, "body.bad_value", "answers.q"),
        ({"answers": {"q": list(range(101))}}, "field.too_long", "answers.q"),
        ({"photos": PHOTO}, "body.bad_value", "photos"),
        ({"photos": [7]}, "body.bad_value", "photos"),
        ({"photos": ["7"]}, "field.not_a_uuid", "photos"),
        ({"photos": [PHOTO] * 6}, "photo.too_many", "photos"),
        ({"contact": "ana"}, "body.bad_value", "contact"),
        ({"contact": {"phone": "123"}}, "contact.bad_phone", "contact.phone"),
        ({"contact": {"phone": 51999998888}}, "body.bad_value", "contact.phone"),
        ({"contact": {"email": "ana"}}, "contact.bad_email", "contact.email"),
        ({"contact": {"name": "x" * 121}}, "field.too_long", "contact.name"),
        ({"contact": {"name": "a\nb"}}, "field.bad_text", "contact.name"),
        ({"channel": "fax"}, "channel.unknown", "channel"),
        ({"channel": 1}, "body.bad_value", "channel"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(changes, code, field):
    error = refusal(changes)
    assert (error.code, error.field) == (code, field)


@pytest.mark.parametrize("key", ["client_id", "service"])
def test_what_is_missing_is_named(key):
    body = {k: v for k, v in GOOD.items() if k != key}
    error = refusal(json.dumps(body).encode())
    assert (error.code, error.field) == ("field.required", key)


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"{", b"nothing", b'{"client_id":', b"\xff\xfe", b'{"service": "\xff"}', b"\0", b'"a',
        b"{]", b'{"lat": NaN}', b'{"lat": Infinity}', b'{"lat": -Infinity}', b"{'service': 1}",
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused(body):
    assert refusal(body).code == "body.not_json"


@pytest.mark.parametrize("body", [b"[]", b"3", b"null", b'"texto"', b"true", b'[{"service": "a"}]'])
def test_what_is_no_object_is_refused(body):
    assert refusal(body).code == "body.not_object"


@pytest.mark.parametrize("depth", [100, 5_000, 200_000])
def test_deep_nesting_is_refused(depth):
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        body = b'{"answers": {"q": ' + opening * depth + b"1" + closing * depth + b"}}"
        assert isinstance(refusal(body), Malformed | Invalid)


@pytest.mark.parametrize("escape", [rb"\ud800", rb"a\udfffb", rb"\udc00\ud800"])
@pytest.mark.parametrize("key", [b"description", b"service", b"channel", b"client_id"])
def test_a_lone_surrogate_is_refused(key, escape):
    body = json.dumps({k: v for k, v in GOOD.items() if k != key.decode()}).encode()[:-1]
    error = refusal(body + b', "' + key + b'": "' + escape + b'"}')
    assert isinstance(error, Malformed | Invalid)


@pytest.mark.parametrize(
    "answers",
    [rb'{"q": "\ud800"}', rb'{"\ud800": "a"}', rb'{"a\u0000": "b"}', rb'{"q": 1e999}', rb'{"q": [NaN]}'],
)
def test_strange_answers_are_refused_or_left_to_the_questions(answers):
    body = json.dumps(GOOD).encode()[:-1] + b', "answers": ' + answers + b"}"
    try:
        draft = decode_draft(body)
    except DomainError:
        return
    for name in draft.answers:
        name.encode()


def test_ten_megabytes_of_text_are_refused_quickly():
    error = refusal({"description": "x" * 10_000_000})
    assert (error.code, error.field) == ("field.too_long", "description")


def test_a_very_long_unknown_key_is_cut():
    assert len(refusal({"k" * 10_000: 1}).field) <= 100


# ---- whatever is sent

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from([*GOOD, "description", "answers", "photos", "contact", "channel"])


@given(st.dictionaries(keys | st.text(max_size=5), values, max_size=6), st.booleans())
def test_any_json_is_a_draft_or_a_domain_error(changes, from_a_form):
    body = {**GOOD, **changes}
    try:
        draft = parse_draft(body) if from_a_form else decode_draft(json.dumps(body).encode())
    except DomainError:
        return
    assert isinstance(draft, IssueDraft)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_domain_error(body):
    with pytest.raises(DomainError):
        decode_draft(body)
