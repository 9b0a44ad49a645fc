"""The report as it travels between the steps of a form: plain text in, a draft or errors out."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from geo_central.kernel.errors import DomainError
from geo_central.kernel.geo import LngLat, parse_lnglat
from issues.catalogue.answers import QuestionRow
from issues.intake.drafts import PHOTO_LIMIT, IssueDraft, parse_draft

_TEXTS = ("client_id", "description", "address", "lat", "lng", "service", "name", "phone", "email")


@dataclass(slots=True)
class ReportForm:
    """What has been filled in so far, as text. `errors` maps a field to its DomainError."""

    client_id: str = ""
    description: str = ""
    address: str = ""
    lat: str = ""
    lng: str = ""
    service: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    photos: list[str] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, DomainError] = field(default_factory=dict)

    @classmethod
    def read(cls, post: QueryDict) -> "ReportForm":
        """From a form's fields; a missing client id is made here. Nothing is refused yet."""
        form = cls()
        for name in _TEXTS:
            setattr(form, name, post.get(name, "").strip())
        form.client_id = form.client_id or str(uuid.uuid4())
        form.photos = [p for p in post.getlist("photos") if p][:PHOTO_LIMIT]
        form.answers = {
            key.removeprefix("answers."): [v for v in post.getlist(key) if v.strip()]
            for key in post
            if key.startswith("answers.")
        }
        return form

    @property
    def point(self) -> LngLat | None:
        """The place so far; None while there is none. Raises as `parse_lnglat`."""
        return parse_lnglat(self.lng, self.lat) if self.lat or self.lng else None

    def put(self, point: LngLat | None) -> None:
        """Set or forget the place."""
        self.lat, self.lng = (repr(point.lat), repr(point.lng)) if point else ("", "")

    def keep(self, error: DomainError, field_name: str = "") -> None:
        """Show the error beside its field; one error a field."""
        name = (field_name or error.field or "form").removeprefix("contact.")
        self.errors.setdefault("place" if name in {"lat", "lng"} else name, error)

    def draft(self, questions: Sequence[QuestionRow]) -> IssueDraft:
        """What is sent to the one door. Raises as `parse_draft`."""
        contact = {k: v for k in ("name", "phone", "email") if (v := getattr(self, k))}
        return parse_draft(
            {
                "client_id": self.client_id,
                "service": self.service,
                "lat": self.lat or None,
                "lng": self.lng or None,
                "description": self.description,
                "answers": dict(self._answers(questions)),
                "photos": self.photos,
                "contact": contact or None,
                "channel": "web",
            }
        )

    def questions(self, questions: Sequence[QuestionRow]) -> list[dict[str, Any]]:
        """The questions with what was answered, for the template."""
        return [
            {
                "row": q,
                "given": self.answers.get(q.code, []),
                "value": (self.answers.get(q.code) or [""])[0],
                "error": self.errors.get(f"answers.{q.code}"),
            }
            for q in questions
        ]

    def _answers(self, questions: Sequence[QuestionRow]) -> Iterable[tuple[str, Any]]:
        """Only this service's: answers left from another choice of service are dropped."""
        for question in questions:
            if given := self.answers.get(question.code):
                yield question.code, given if question.datatype == "multivaluelist" else given[0]


def empty_form() -> ReportForm:
    """A form nobody has touched."""
    return ReportForm(client_id=str(uuid.uuid4()))
