"""The periods that pages of whole months offer with one tap."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext

from maps.opendata.ranking import Asked, usual


@dataclass(frozen=True, slots=True)
class Choice:
    """A link to the same page seen otherwise."""

    code: str
    name: str
    query: str
    current: bool


def offered(asked: Asked, today: date, query: Callable[..., str]) -> list[Choice]:
    """This month, three, twelve, last year; `query(asked, from, to)` writes the address of each."""
    names = (gettext("Este mês"), gettext("3 meses"), gettext("12 meses"), gettext("Ano passado"))
    return [
        Choice(
            f"{first:%Y-%m}",
            name,
            query(asked, **{"from": f"{first:%Y-%m}", "to": f"{last:%Y-%m}"}),
            (first, last) == (asked.first, asked.last),
        )
        for name, (first, last) in zip(names, usual(today), strict=True)
    ]
