"""What was answered to a service's questions, in words."""

from collections.abc import Mapping
from typing import Any

from geo_central.kernel.errors import DomainError
from issues.catalogue import queries as catalogue


def answers_in_words(service: str, answers: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Questions and answers as (text, text), in the order of the service with this code.

    Nothing where the service has been retired since: its questions are gone with it.
    """
    if not answers:
        return []
    try:
        questions = catalogue.service(service).questions
    except DomainError:
        return []
    told = []
    for question in questions:
        if (value := answers.get(question.code)) is None:
            continue
        names = dict(question.values)
        values = value if isinstance(value, list) else [value]
        told.append((question.text, ", ".join(names.get(str(v), str(v)) for v in values)))
    return told
