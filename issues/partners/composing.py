"""What is said to a partner: of the request itself, and of what happened to it since. Pure but for links."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from geo_central.kernel.errors import DomainError
from issues.catalogue.queries import service

from .links import hook_link, photo_link
from .peer import moment
from .words import NEWS

LONGEST = 4000
Fields = list[tuple[str, str]]
Say = Callable[[str], object]
"""Words for an event's code, in the city's language."""


@dataclass(frozen=True, slots=True)
class Reference:
    """How a partner's lists name our request: the last line of its description."""

    protocol: str

    def __str__(self) -> str:
        return f"{settings.CITY.service_name}: {self.protocol}"


def report_fields(facts: Any) -> Fields:
    """POST requests, as GeoReport v2 has it. Nothing of who asked is in it."""
    fields = [
        ("service_code", facts.remote_code),
        ("description", _description(facts)),
    ]
    if facts.lat is not None:
        fields += [("lat", f"{facts.lat:.6f}"), ("long", f"{facts.lng:.6f}")]
    fields += [("address_string", facts.address or settings.CITY.name)]
    for code, value in facts.answers.items():
        many = isinstance(value, list)
        for one in value if many else [value]:
            fields.append((f"attribute[{code}]{'[]' if many else ''}", _plain(one)))
    return fields + [("media_url", photo_link(photo)) for photo in facts.photos]


def update_fields(facts: Any, say: Say) -> Fields:
    """POST servicerequestupdates; the id of our event is the id of the update."""
    return [
        ("service_request_id", facts.remote_id),
        ("update_id", str(facts.event_id)),
        ("updated_datetime", moment(facts.at)),
        ("status", NEWS[facts.code]),
        ("description", _news(facts, say)),
    ]


def hook_body(facts: Any, kind: str, slug: str, say: Say, now: datetime) -> bytes:
    """The same for a webhook, as JSON."""
    data: dict[str, Any] = {
        "protocol": facts.protocol,
        "service_request_id": facts.remote_id or None,
        "service_code": facts.remote_code,
    }
    if kind == "report":
        data |= {
            "service_name": facts.service_name,
            "description": facts.description,
            "answers": facts.answers,
            "lat": facts.lat,
            "long": facts.lng,
            "address": facts.address or None,
            "requested_datetime": moment(facts.opened_at),
            "expected_datetime": moment(facts.due_at),
            "media_urls": [photo_link(photo) for photo in facts.photos],
            "reply_to": hook_link(slug),
        }
    else:
        data |= {
            "update_id": str(facts.event_id),
            "status": NEWS[facts.code],
            "description": _news(facts, say),
            "updated_datetime": moment(facts.at),
        }
    told = {"type": f"request.{_TYPES[kind]}", "timestamp": moment(now), "data": data}
    return json.dumps(told, ensure_ascii=False).encode()


_TYPES = {"report": "created", "update": "updated"}


def _description(facts: Any) -> str:
    """The words of the reporter, the answers as a person reads them, and our number as the last line."""
    end = f"\n\n{Reference(facts.protocol)}"
    said = "\n".join([facts.description, *_answers(facts)]).strip() or facts.service_name
    return said[: LONGEST - len(end)] + end


def _answers(facts: Any) -> list[str]:
    if not facts.answers:
        return []
    try:
        asked = {q.code: q for q in service(facts.service_code).questions}
    except DomainError:  # not offered any more
        asked = {}
    lines = []
    for code, value in facts.answers.items():
        question = asked.get(code)
        names = dict(question.values) if question else {}
        said = [names.get(v, _plain(v)) for v in (value if isinstance(value, list) else [value])]
        lines.append(f"{question.text if question else code}: {', '.join(said)}")
    return lines


def _news(facts: Any, say: Say) -> str:
    said = str(say(facts.code))
    note = facts.note or str(facts.data.get("note") or "")
    return f"{said}: {note}"[:LONGEST] if note else said


def _plain(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
