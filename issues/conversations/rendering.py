"""Messages in words: a file an event and language, its first line the subject. Pure but for the files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import translation

from .channels import Message
from .kinds import TEAM

FALLBACK = "update"
_PARTS = {"digest", "footer"}
_FOLDER = Path(__file__).parents[1] / "templates" / "notices"


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened, as its reader may know it. Texts are empty where there is nothing."""

    code: str
    at: datetime
    relation: str
    protocol: str
    service: str
    place: str
    team: str
    department: str
    state: str
    is_open: bool
    due_at: datetime
    note: str
    reason: str
    responsible: str
    on: date | None
    original: str
    link: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered piece: its subject and its paragraphs."""

    subject: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a letter of news: `what` is opened or resolved."""

    what: str
    service: str
    place: str
    at: datetime
    link: str


def languages() -> tuple[str, ...]:
    """The languages that messages are written in; the first is the city's own."""
    return tuple(code for code, _ in settings.LANGUAGES)


def codes(*, for_team: bool) -> tuple[str, ...]:
    """The events that have words of their own, and `update` for all others."""
    folder = _FOLDER / settings.LANGUAGE_CODE / ("team" if for_team else "")
    return tuple(sorted(path.stem for path in folder.glob("*.txt") if path.stem not in _PARTS))


def render_message(
    news: Sequence[News], *, key: str, language: str, is_urgent: bool, unsubscribe: str, preferences: str
) -> Message:
    """One message of one or several news, complete for every channel.

    `unsubscribe` and `preferences` are empty for staff. Raises TemplateDoesNotExist and what a
    faulty template raises.
    """
    language = language if language in languages() else settings.LANGUAGE_CODE
    with translation.override(language):
        letters = [letter_of(each, language) for each in news]
        head = letters[0] if len(letters) == 1 else _digest(news, language)
        link = news[0].link if len({n.link for n in news}) == 1 else ""
        foot = _read("footer", language, {})
        context = {
            "language": language,
            "subject": head.subject,
            "paragraphs": head.paragraphs,
            "items": list(zip(news, letters, strict=True)) if len(letters) > 1 else [],
            "link": link,
            "go": foot.subject,
            "foot": foot.paragraphs,
            "unsubscribe": unsubscribe,
            "preferences": preferences,
            "city": settings.CITY,
        }
        return Message(
            key=key,
            language=language,
            subject=head.subject,
            short=head.paragraphs[0] if len(letters) == 1 else letters[-1].subject,
            text=_plain("notices/message.txt", context),
            html=get_template("notices/message.html").render(context),
            link=link or news[-1].link,
            unsubscribe=unsubscribe,
            is_urgent=is_urgent,
        )


def render_letter(
    name: str,
    context: dict[str, Any],
    *,
    key: str,
    language: str,
    link: str,
    items: Sequence[Item] = (),
    unsubscribe: str = "",
    preferences: str = "",
) -> Message:
    """A letter about nobody's own request: the text of that name, then its items, each a line of its own.

    `name_item` words an item and `name_go` the link. Raises TemplateDoesNotExist.
    """
    language = language if language in languages() else settings.LANGUAGE_CODE
    with translation.override(language):
        head = _read(name, language, context)
        letters = [_read(f"{name}_item", language, {"item": item}) for item in items]
        go = _read(f"{name}_go", language, context)
        told = {
            "language": language,
            "subject": head.subject,
            "paragraphs": head.paragraphs,
            "items": list(zip(items, letters, strict=True)),
            "link": link,
            "go": go.subject,
            "foot": _read("footer", language, {}).paragraphs,
            "unsubscribe": unsubscribe,
            "preferences": preferences,
            "city": settings.CITY,
        }
        return Message(
            key=key,
            language=language,
            subject=head.subject,
            short=head.paragraphs[0],
            text=_plain("notices/message.txt", told),
            html=get_template("notices/message.html").render(told),
            link=link or (items[0].link if items else ""),
            unsubscribe=unsubscribe,
            is_urgent=False,
        )


def _digest(news: Sequence[News], language: str) -> Letter:
    about = {n.protocol for n in news}
    context = {"count": len(news), "one": about.pop() if len(about) == 1 else ""}
    return _read("digest", language, context)


def letter_of(news: News, language: str) -> Letter:
    """The words of one thing that happened; what no file is written for is told in general words."""
    folder = "team/" if news.relation == TEAM else ""
    context = {"news": news}
    try:
        return _read(f"{folder}{news.code}", language, context)
    except TemplateDoesNotExist:
        return _read(f"{folder}{FALLBACK}", language, context)


def _read(name: str, language: str, context: dict[str, Any]) -> Letter:
    subject, _, body = (
        _plain(f"notices/{language}/{name}.txt", {"city": settings.CITY, **context}).strip().partition("\n")
    )
    paragraphs = (" ".join(p.split()) for p in body.split("\n\n"))
    return Letter(" ".join(subject.split()), tuple(p for p in paragraphs if p))


def _plain(name: str, context: dict[str, Any]) -> str:
    """A text template: nothing is escaped, because nothing is markup."""
    text: str = get_template(name).template.render(Context(context, autoescape=False))  # type: ignore[attr-defined]
    return text
