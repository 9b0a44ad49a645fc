"""Acts over HTTP that cannot be read or lack something: refused, with the field and the reason."""

import uuid

import pytest

from issues.lifecycle.protocol import format_protocol
from tests.factories.acts_http import body, by_steps, pothole, problem, send, signed_in, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits(settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 0)


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ("", 400, "body.not_json"),
        ("{", 400, "body.not_json"),
        (b'{"note": "\xff"}', 400, "body.not_json"),
        ("[]", 400, "body.not_object"),
        ("null", 400, "body.not_object"),
        ("{}", 400, "field.required"),
        (body("comment", note="x") | {"client_id": None}, 400, "body.bad_value"),
        (body("comment", note="x") | {"client_id": "1"}, 422, "field.not_a_uuid"),
        (body(None), 400, "body.bad_value"),
        (body(""), 422, "act.unknown"),
        (body("fly"), 422, "act.unknown"),
        (body("cancel", colour="red"), 400, "body.unknown_key"),
        (body("comment", note=3), 400, "body.bad_value"),
        (body("comment"), 422, "field.required"),
        (body("comment", note=" \n "), 422, "field.required"),
        (body("comment", note="a\0b"), 422, "field.bad_text"),
        (body("comment", note="x" * 4001), 422, "field.too_long"),
        (body("comment", note="x", reason="weather"), 422, "act.takes_no_reason"),
        (body("cancel", reason="lazy"), 422, "reason.unknown"),
        (body("comment", note="x", photos="1"), 400, "body.bad_value"),
        (body("comment", note="x", photos=["1"]), 422, "field.not_a_uuid"),
        (body("comment", note="x", photos=[str(uuid.uuid4()) for _ in range(6)]), 422, "photo.too_many"),
        (body("comment", note="x", photos=[str(uuid.uuid4())]), 422, "photo.unknown"),
        (body("comment", note="x" * 70_000), 413, "body.too_large"),
    ],
)
@pytest.mark.parametrize("door", ["staff", "reporter"])
def test_a_bad_body_is_refused_with_the_reason(door, client, given, status, code):
    row = pothole()
    who, token = (signed_in("manager"), "") if door == "staff" else (client, row.token)
    answer = send(who, row, given, token=token)
    assert (answer.status_code, problem(answer)["code"]) == (status, code), answer.content
    assert told(row) == 0


@pytest.mark.parametrize(
    ("facts", "status", "code", "field"),
    [
        ({"action": "assign"}, 422, "field.required", "team"),
        ({"action": "assign", "team": "nobody"}, 422, "team.unknown", "team"),
        ({"action": "assign", "team": "x" * 81}, 422, "field.too_long", "team"),
        ({"action": "schedule"}, 422, "field.required", "on"),
        ({"action": "schedule", "on": "amanhã"}, 422, "field.not_a_date", "on"),
        ({"action": "schedule", "on": "2026-02-30"}, 422, "field.not_a_date", "on"),
        ({"action": "schedule", "on": "2020-01-01"}, 422, "act.in_the_past", "on"),
        ({"action": "extend", "reason": "weather"}, 422, "field.required", "until"),
        ({"action": "extend", "reason": "weather", "until": "x"}, 422, "field.not_a_date", "until"),
        (
            {"action": "extend", "reason": "weather", "until": "2020-01-01"},
            422,
            "extension.not_later",
            "until",
        ),
        (
            {"action": "extend", "reason": "weather", "until": "2036-01-01"},
            422,
            "extension.too_long",
            "until",
        ),
        (
            {"action": "extend", "reason": "weather", "until": "9999-12-31"},
            422,
            "extension.too_long",
            "until",
        ),
        (
            {"action": "extend", "reason": "weather", "until": "0001-01-01"},
            422,
            "extension.not_later",
            "until",
        ),
        ({"action": "duplicate"}, 422, "field.required", "original"),
        ({"action": "duplicate", "original": "1"}, 400, "protocol.malformed", "protocol"),
        (
            {"action": "duplicate", "original": format_protocol(2026, 1)},
            422,
            "act.original_unknown",
            "original",
        ),
        ({"action": "reject", "reason": "not_found"}, 422, "field.required", "note"),
        ({"action": "reject", "note": "x"}, 422, "field.required", "reason"),
        ({"action": "reject", "note": "x", "reason": "other_body"}, 422, "field.required", "responsible"),
        ({"action": "complete"}, 422, "field.required", "step"),
        ({"action": "complete", "step": "x", "outcome": "y"}, 422, "step.unknown", "step"),
        ({"action": "complete", "step": "vistoria"}, 422, "step.unknown_outcome", "outcome"),
        ({"action": "resolve", "proof": []}, 400, "body.bad_value", "proof"),
        ({"action": "resolve", "proof": {"lat": 99, "lng": 0}}, 422, "place.out_of_range", "lat"),
        ({"action": "resolve", "proof": {"lat": "x", "lng": 0}}, 400, "place.not_a_number", "lat"),
        ({"action": "resolve", "proof": {"lat": 1}}, 400, "place.missing", "lng"),
        ({"action": "resolve", "proof": {"accuracy_m": -1}}, 422, "field.out_of_range", "proof.accuracy_m"),
        ({"action": "resolve", "proof": {"photos": ["x"]}}, 422, "field.not_a_uuid", "proof.photos"),
    ],
)
def test_what_is_missing_or_wrong_is_named(facts, status, code, field):
    row = by_steps(pothole())
    answer = send(signed_in("manager"), row, body(**facts))
    told_of = problem(answer)
    assert (answer.status_code, told_of["code"], told_of.get("field")) == (status, code, field)
    assert told(row) == 0


@pytest.mark.parametrize("protocol", ["1", "2026-0000001-1", "ção", "2026-00000001-22"])
def test_a_protocol_that_cannot_be_one_is_named(protocol):
    row = pothole()
    row.protocol = protocol
    answer = send(signed_in("crew"), row, body("start"))
    assert answer.status_code == 400
    assert problem(answer)["code"].startswith("protocol.")
