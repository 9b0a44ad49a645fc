"""An act on a request as a JSON body: read strictly, for crews and citizens alike."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import msgspec
from rest_framework import serializers as s

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Forbidden, Invalid, Malformed
from geo_central.kernel.geo import parse_lnglat
from issues.intake.drafts import clean, parse_uuid, refusal
from issues.interfaces.wording import say_state
from issues.lifecycle.operations import Acted, Actor, Proof
from issues.lifecycle.protocol import parse
from issues.lifecycle.states import TABLE, Role
from issues.teams.models import User
from issues.teams.queries import memberships


class _Proof(msgspec.Struct, forbid_unknown_fields=True):
    photos: list[str] | None = None
    lat: Any = None
    lng: Any = None
    accuracy_m: float | None = None
    without: str | None = None


class CitizenBody(msgspec.Struct, forbid_unknown_fields=True):
    """What a citizen's act may say."""

    client_id: str
    action: str
    seen: str | None = None
    reason: str | None = None
    note: str | None = None
    photos: list[str] | None = None


class StaffBody(CitizenBody, forbid_unknown_fields=True):
    """What a member of staff's act may say besides."""

    team: str | None = None
    original: str | None = None
    on: str | None = None
    until: str | None = None
    responsible: str | None = None
    step: str | None = None
    outcome: str | None = None
    proof: _Proof | None = None


def read_act(body: bytes, kind: type[CitizenBody]) -> dict[str, Any]:
    """The arguments of `lifecycle.operations.act` but for whom, what and when.

    Raises Malformed `body.*`, `field.required`, Invalid `field.*`, `protocol.*`, `place.*`.
    """
    try:
        given = msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise refusal(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed("body.not_json") from None
    return _asked(given)


def read_staff_form(fields: Mapping[str, str], photos: Sequence[str]) -> dict[str, Any]:
    """The same of a plain form: empty fields were not given; `step` holds a step and its outcome.

    Raises as `read_act`.
    """
    text = {k: v.strip() or None for k, v in fields.items()}
    step, _, outcome = (text.get("step") or "").partition(" ")
    accuracy = text.get("accuracy_m")
    try:
        metres = float(accuracy) if accuracy else None
    except ValueError:
        raise Invalid("field.not_a_number", field="accuracy_m") from None
    proof = _Proof(list(photos), text.get("lat"), text.get("lng"), metres, text.get("without"))
    body = StaffBody(
        client_id=text.get("client_id") or "",
        action=text.get("action") or "",
        seen=text.get("seen"),
        reason=text.get("reason"),
        note=text.get("note"),
        team=text.get("team"),
        original=text.get("original"),
        on=text.get("on"),
        until=text.get("until"),
        responsible=text.get("responsible"),
        step=step,
        outcome=outcome,
        proof=proof,
    )
    return _asked(body)


def _asked(given: CitizenBody) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "action": given.action,
        "client_id": parse_uuid(given.client_id, "client_id"),
        "seen": given.seen,
        "reason": clean(given.reason, "reason", limit=40, lines=False),
        "note": clean(given.note, "note", limit=4000),
        "photos": _photos(given.photos, "photos"),
    }
    if isinstance(given, StaffBody):
        asked |= {
            "team": clean(given.team, "team", limit=80, lines=False),
            "original": parse(given.original) if given.original else None,
            "on": _day(given.on, "on"),
            "until": _until(given.until),
            "responsible": clean(given.responsible, "responsible", limit=160, lines=False),
            "step": clean(given.step, "step", limit=40, lines=False),
            "outcome": clean(given.outcome, "outcome", limit=40, lines=False),
            "proof": _proof(given.proof),
        }
    return asked


def actor_of(user: object) -> Actor:
    """A signed-in member of staff as the life of a request knows people. Forbidden for strangers."""
    if not isinstance(user, User):
        raise Forbidden("auth.needed")
    teams, leads = memberships(user)
    return Actor("staff", user.pk, user.role, teams, leads)


def acted_body(done: Acted) -> dict[str, Any]:
    """The document that answers an act."""
    return {
        "protocol": done.protocol,
        "state": done.state,
        "state_words": say_state(done.state),
        "is_open": done.is_open,
        "due_at": done.due_at,
        "event": done.event_id,
    }


def _proof(given: _Proof | None) -> Proof | None:
    if given is None:
        return None
    accuracy = given.accuracy_m
    if accuracy is not None and not 0 <= accuracy < 1e6:
        raise Invalid("field.out_of_range", field="proof.accuracy_m", low=0, high=1_000_000)
    return Proof(
        photos=_photos(given.photos, "proof.photos"),
        point=None if given.lat is None and given.lng is None else parse_lnglat(given.lng, given.lat),
        accuracy_m=accuracy,
        without=clean(given.without, "proof.without", limit=40, lines=False),
    )


def _photos(given: list[str] | None, name: str) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(parse_uuid(p, name) for p in given or ()))


def _day(text: str | None, name: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("field.not_a_date", field=name) from None


def _until(text: str | None) -> datetime | None:
    """A day counts to its end in the city; a moment is a moment."""
    if not text:
        return None
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(23, 59), city_zone())
        given = datetime.fromisoformat(text)
        return given if given.tzinfo else given.replace(tzinfo=city_zone())
    except ValueError:
        raise Invalid("field.not_a_date", field="until") from None


# ---- the shapes of both for the OpenAPI document


def _actions(*roles: Role) -> list[str]:
    return [t.action for t in TABLE.values() if t.by & set(roles)]


class CitizenActBody(s.Serializer[Any]):
    client_id = s.UUIDField(help_text="Made by the sender; the same id twice is one act.")
    action = s.ChoiceField(choices=_actions(Role.CITIZEN))
    seen = s.CharField(required=False, allow_null=True, help_text="The state that was on the screen.")
    reason = s.CharField(required=False, allow_null=True, max_length=40)
    note = s.CharField(required=False, allow_null=True, max_length=4000)
    photos = s.ListField(child=s.UUIDField(), required=False, allow_null=True, max_length=5)


class ProofBody(s.Serializer[Any]):
    photos = s.ListField(child=s.UUIDField(), required=False, allow_null=True, max_length=5)
    lat = s.FloatField(required=False, allow_null=True, min_value=-90, max_value=90)
    lng = s.FloatField(required=False, allow_null=True, min_value=-180, max_value=180)
    accuracy_m = s.FloatField(required=False, allow_null=True, min_value=0, help_text="Metres.")
    without = s.CharField(required=False, allow_null=True, help_text="Why a photo or a position is missing.")


class StaffActBody(CitizenActBody):
    action = s.ChoiceField(choices=_actions(*(r for r in Role if r not in (Role.CITIZEN, Role.SYSTEM))))
    team = s.CharField(required=False, allow_null=True, help_text="Slug of the team to assign.")
    original = s.CharField(required=False, allow_null=True, help_text="Protocol that this one repeats.")
    on = s.DateField(required=False, allow_null=True)
    until = s.CharField(required=False, allow_null=True, help_text="ISO 8601 date or moment.")
    responsible = s.CharField(required=False, allow_null=True, max_length=160)
    step = s.CharField(required=False, allow_null=True)
    outcome = s.CharField(required=False, allow_null=True)
    proof = ProofBody(required=False, allow_null=True)


class ActedDocument(s.Serializer[Any]):
    protocol = s.CharField()
    state = s.CharField()
    state_words = s.CharField()
    is_open = s.BooleanField()
    due_at = s.DateTimeField()
    event = s.IntegerField(help_text="Id of the event that the act wrote.")
