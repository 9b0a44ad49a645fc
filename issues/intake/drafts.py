"""IssueDraft: what every channel makes, and how a body of text becomes one. Pure."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from geo_central.kernel.errors import Invalid, Malformed
from geo_central.kernel.geo import LngLat, parse_lnglat
from issues.citizens.contacts import Contact, check_contact

DESCRIPTION_LIMIT = 4000
PHOTO_LIMIT = 5
CHANNELS = frozenset(
    {"web", "app", "phone", "whatsapp", "telegram", "email", "sms", "counter", "social", "bot", "open311"}
)


@dataclass(frozen=True, slots=True)
class IssueDraft:
    """A report that has been read but not yet checked against the city."""

    client_id: uuid.UUID
    service: str
    point: LngLat | None = None
    description: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    photos: tuple[uuid.UUID, ...] = ()
    contact: Contact | None = None
    channel: str = "web"


class _Contact(msgspec.Struct, forbid_unknown_fields=True):
    name: str | None = None
    phone: str | None = None
    email: str | None = None


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    client_id: str
    service: str
    lat: Any = None
    lng: Any = None
    description: str | None = None
    answers: dict[str, Any] | None = None
    photos: list[str] | None = None
    contact: _Contact | None = None
    channel: str | None = None


_decoder = msgspec.json.Decoder(_Body)


def decode_draft(body: bytes) -> IssueDraft:
    """Read a JSON body. Raises as `parse_draft`, and Malformed `body.not_json`."""
    try:
        return _draft(_decoder.decode(body))
    except msgspec.ValidationError as error:
        raise refusal(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed("body.not_json") from None


def parse_draft(data: Mapping[str, Any]) -> IssueDraft:
    """Read the same keys from a mapping of plain values.

    Raises Malformed `body.unknown_key`, `field.required`, `body.bad_value`, Invalid
    `field.not_a_uuid`, `field.too_long`, `field.bad_text`, `place.*`, `contact.*`,
    `channel.unknown` or `photo.too_many`, naming the field.
    """
    try:
        return _draft(msgspec.convert(dict(data), _Body))
    except msgspec.ValidationError as error:
        raise refusal(error) from None


def _draft(body: _Body) -> IssueDraft:
    channel = body.channel or "web"
    if channel not in CHANNELS:
        raise Invalid("channel.unknown", field="channel", value=channel[:40])
    photos = body.photos or []
    if len(photos) > PHOTO_LIMIT:
        raise Invalid("photo.too_many", field="photos", limit=PHOTO_LIMIT)
    contact = None
    if body.contact:
        given = body.contact
        contact = check_contact(
            clean(given.name, "contact.name", limit=240, lines=False),
            clean(given.phone, "contact.phone", limit=40, lines=False),
            clean(given.email, "contact.email", limit=254, lines=False),
        )
    return IssueDraft(
        client_id=parse_uuid(body.client_id, "client_id"),
        service=clean(body.service, "service", limit=64, lines=False),
        point=None if body.lat is None and body.lng is None else parse_lnglat(body.lng, body.lat),
        description=clean(body.description, "description", limit=DESCRIPTION_LIMIT),
        answers={k: _clean_answer(v, f"answers.{k[:40]}") for k, v in (body.answers or {}).items()},
        photos=tuple(dict.fromkeys(parse_uuid(p, "photos") for p in photos)),
        contact=None if contact is None or contact.is_empty else contact,
        channel=channel,
    )


def parse_uuid(text: str, name: str) -> uuid.UUID:
    """Raises Invalid `field.not_a_uuid` naming the field."""
    try:
        return uuid.UUID(text)
    except (ValueError, AttributeError, TypeError):
        raise Invalid("field.not_a_uuid", field=name) from None


def clean(text: str | None, name: str, *, limit: int, lines: bool = True) -> str:
    """Trimmed text that PostgreSQL can keep.

    Control characters are refused (`field.bad_text`), but for line breaks and tabs where `lines`;
    so are lone surrogates. More than `limit` characters is `field.too_long`.
    """
    if not text:
        return ""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    allowed = "\n\t" if lines else ""
    if any((c < " " and c not in allowed) or "\ud800" <= c <= "\udfff" or c == "\x7f" for c in text):
        raise Invalid("field.bad_text", field=name)
    if len(text) > limit:
        raise Invalid("field.too_long", field=name, limit=limit)
    return text


def _clean_answer(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return clean(value, name, limit=DESCRIPTION_LIMIT)
    if isinstance(value, list):
        if len(value) > 100:
            raise Invalid("field.too_long", field=name, limit=100)
        return [_clean_answer(v, name) for v in value]
    if value is None or isinstance(value, (int, float)):
        return value
    raise Malformed("body.bad_value", field=name, why="object")


def refusal(error: msgspec.ValidationError) -> Malformed:
    """msgspec's sentence as our code and field: `Object contains unknown field `x` - at `$.contact``."""
    sentence, _, where = str(error).partition(" - at `$")
    path = where.rstrip("`").lstrip(".").replace("[...]", "").split("[")[0]
    if "unknown field" in sentence or "missing required field" in sentence:
        key = sentence.split("`")[1][:60]
        code = "body.unknown_key" if "unknown field" in sentence else "field.required"
        return Malformed(code, field=f"{path}.{key}" if path else key, key=key)
    if not path:
        return Malformed("body.not_object")
    return Malformed("body.bad_value", field=path, why=sentence)
