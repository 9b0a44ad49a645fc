"""Answers to a service's questions, checked. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geo_central.kernel.errors import Invalid

STRING_LIMIT = 200
TEXT_LIMIT = 4000


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question of a service (an Open311 attribute); `values` are (key, name) pairs in order.

    That of the datatype `information` is only read.
    """

    code: str
    datatype: str
    required: bool
    text: str
    hint: str = ""
    values: tuple[tuple[str, str], ...] = ()

    @property
    def is_asked(self) -> bool:
        """Whether there is anything to answer."""
        return self.datatype != "information"


def check_answers(questions: Sequence[QuestionRow], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that were given, normalised: text trimmed, numbers as numbers, lists as lists.

    Empty answers count as absent. Raises Invalid `answer.unknown`, `answer.required` or
    `answer.bad_value`, whose field is `answers.<question code>`.
    """
    questions = [q for q in questions if q.is_asked]
    by_code = {q.code: q for q in questions}
    for code in answers:
        if code not in by_code:
            raise Invalid("answer.unknown", field=f"answers.{code}"[:100], question=code[:60])
    checked: dict[str, Any] = {}
    for question in questions:
        value = answers.get(question.code)
        if isinstance(value, str):
            value = value.strip()
        if value is None or value == "" or value == []:
            if question.required:
                raise _refuse("answer.required", question)
            continue
        checked[question.code] = _READ[question.datatype](question, value)
    return checked


def _refuse(code: str, question: QuestionRow) -> Invalid:
    return Invalid(code, field=f"answers.{question.code}", question=question.code, text=question.text)


def _text(limit: int) -> Any:
    def read(question: QuestionRow, value: Any) -> str:
        if not isinstance(value, str) or len(value) > limit:
            raise _refuse("answer.bad_value", question)
        return value

    return read


def _number(question: QuestionRow, value: Any) -> float | int:
    try:
        if isinstance(value, bool):
            raise ValueError
        number = float(str(value).replace(",", "."))
    except ValueError:
        raise _refuse("answer.bad_value", question) from None
    if not math.isfinite(number) or abs(number) > 1e15:
        raise _refuse("answer.bad_value", question)
    return int(number) if number.is_integer() else number


def _datetime(question: QuestionRow, value: Any) -> str:
    try:
        return datetime.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise _refuse("answer.bad_value", question) from None


def _single(question: QuestionRow, value: Any) -> str:
    if not isinstance(value, str) or value not in dict(question.values):
        raise _refuse("answer.bad_value", question)
    return value


def _multi(question: QuestionRow, value: Any) -> list[str]:
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)):
        raise _refuse("answer.bad_value", question)
    chosen = {_single(question, v) for v in given}
    return [key for key, _ in question.values if key in chosen]


_READ = {
    "string": _text(STRING_LIMIT),
    "text": _text(TEXT_LIMIT),
    "number": _number,
    "datetime": _datetime,
    "singlevaluelist": _single,
    "multivaluelist": _multi,
}
