"""Words for codes of issues, and the small pieces that several pages share."""

from datetime import datetime
from typing import Any

from django import template

from geo_central.kernel import clock
from issues.interfaces import wording

register = template.Library()

register.filter("state_words", wording.say_state)
register.filter("next_words", wording.say_next)
register.filter("event_words", wording.say_event)
register.filter("channel_words", wording.say_channel)
register.filter("action_words", wording.say_action)
register.filter("precision_words", wording.say_precision)
register.filter("group_words", wording.say_group)
register.filter("day_words", wording.say_day)
register.filter("moment_words", wording.say_moment)
register.filter("distance_words", wording.say_distance)


@register.filter
def face_icon(face: int) -> str:
    """The icon of a face, 1 to 5."""
    return f"face-{face}"


_GOOD = {"resolved", "confirmed"}
_STOPPED = {"rejected", "duplicate", "cancelled"}


@register.simple_tag
def target_words(target: int, unit: str) -> str:
    """A service-level target: "até 5 dias úteis"."""
    return wording.say_target(target, unit)


@register.simple_tag
def due_words(due_at: datetime, is_open: bool = True) -> str:
    """How the due date stands now: "faltam 3 dias"."""
    return wording.say_due(due_at, clock.now(), is_open=is_open)


@register.inclusion_tag("citizen/_state.html")
def state_tag(state: str, due_at: datetime | None = None) -> dict[str, Any]:
    """The state as a label; an open one past its due date is marked late."""
    kind = "closed" if state in _GOOD else "stopped" if state in _STOPPED else ""
    late = not kind and due_at is not None and due_at < clock.now()
    return {"state": state, "kind": kind, "late": late}


@register.inclusion_tag("citizen/_error.html")
def field_error(form: Any, name: str) -> dict[str, Any]:
    """The error of one field of a form, if it has one."""
    return {"error": form.errors.get(name), "id": name}


@register.inclusion_tag("citizen/_script_words.html")
def script_words() -> dict[str, Any]:
    """The sentences that the page's modules say, as a JSON block."""
    return {"words": {code: str(text) for code, text in wording.SCRIPT.items()}}
