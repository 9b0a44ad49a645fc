"""From messages to providers: claim, render, send, and settle. No transaction is open meanwhile."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from geo_central.kernel.sql import Query
from issues.citizens import operations as citizens
from issues.citizens import queries as people
from issues.intake.outside import delay_after
from issues.teams.models import User

from .channels import BY_NAME, CHANNELS, Gone, Message, Passing, Permanent, Send
from .kinds import TEAM
from .links import Reader, follow_link, preferences_link, staff_link, unsubscribe_link
from .models import ContactPreference, Notice
from .rendering import News, render_message
from .timing import LEASE, MOST_ATTEMPTS

log = logging.getLogger(__name__)

_CLAIM = Query(__file__, "claim")
_BURY = Query(__file__, "bury")
_FACTS = Query(__file__, "facts")

PURPOSE = "notice"
_HIDDEN = "•••"


class _Nobody(Exception):
    """There is nobody left to tell, or nothing left to tell them."""


def send_due(now: Callable[[], datetime], limit: int) -> tuple[int, int]:
    """Send what is due, at most `limit` messages; (sent, failed).

    A provider that is down is left alone for the rest of the sweep. `now` is asked before every
    message: a lease is counted from there.
    """
    _BURY.run({"now": now(), "most": MOST_ATTEMPTS})
    open_channels = {c.name for c in CHANNELS if c.is_ready()}
    sent = failed = 0
    with ExitStack() as stack:
        sessions: dict[str, Send] = {}
        while sent + failed < limit:
            moment = now()
            claimed = _CLAIM.one(
                {
                    "now": moment,
                    "until": moment + LEASE,
                    "most": MOST_ATTEMPTS,
                    "channels": sorted(open_channels),
                }
            )
            if claimed is None:
                break
            if claimed.channel not in sessions:
                sessions[claimed.channel] = stack.enter_context(BY_NAME[claimed.channel].session())
            went, is_down = _attempt(claimed, sessions[claimed.channel], now)
            sent, failed = sent + went, failed + (not went)
            if is_down:
                open_channels.discard(claimed.channel)
    return sent, failed


def _attempt(claimed: Any, send: Send, now: Callable[[], datetime]) -> tuple[bool, bool]:
    """Send one claimed message and write down what came of it; (settled well, provider is down)."""
    address = ""
    try:
        address, message = compose(claimed, now())
        send(address, message)
    except _Nobody:
        _settle(claimed, Notice.State.DROPPED, now())
    except Gone:
        _settle(claimed, Notice.State.DROPPED, now())
        citizens.forget_contact(claimed.contact_id)
    except Permanent as error:
        _fail(claimed, _clean(str(error), address), now(), None)
        return False, False
    except Passing as error:
        _fail(claimed, _clean(str(error), address), now(), _delay(claimed, error.retry_after))
        return False, error.is_down
    except Exception as error:
        log.exception("message %s was not sent", claimed.id)
        reason = _clean(f"{type(error).__name__}: {error}", address)
        _fail(claimed, reason, now(), _delay(claimed, None))
        return False, False
    else:
        _settle(claimed, Notice.State.SENT, now())
    return True, False


def compose(claimed: Any, now: datetime) -> tuple[str, Message]:
    """The address and the words of a claimed message. Personal data are read here, and that is logged."""
    rows = _FACTS.rows({"notice": claimed.id, "contact": claimed.contact_id})
    if not rows:
        raise _Nobody
    news = [news_of(row) for row in rows]
    unsubscribe = preferences = ""
    language = settings.LANGUAGE_CODE
    if claimed.contact_id is None:
        address = (
            User.objects.filter(pk=claimed.user_id, is_active=True).values_list("email", flat=True).first()
        )
    else:
        address = people.address_of(claimed.contact_id, reader_id=None, purpose=PURPOSE, now=now)
        wish = ContactPreference.objects.filter(pk=claimed.contact_id).values_list("language", flat=True)
        language = wish.first() or language
        about = {n.protocol for n in news}
        reader = Reader(claimed.contact_id, about.pop() if len(about) == 1 else None)
        unsubscribe, preferences = unsubscribe_link(reader), preferences_link(reader)
    if not address:
        raise _Nobody
    return address, render_message(
        news,
        key=claimed.key.hex,
        language=language,
        is_urgent=claimed.is_urgent,
        unsubscribe=unsubscribe,
        preferences=preferences,
    )


def news_of(row: Any) -> News:
    """A row of `facts.sql` as the templates know it."""
    facts = row.data
    return News(
        code=row.code,
        at=row.at,
        relation=row.relation,
        protocol=row.protocol,
        service=row.service,
        place=row.place,
        team=row.team,
        department=row.department,
        state=row.state,
        is_open=row.is_open,
        due_at=datetime.fromisoformat(facts["due_at"]) if facts.get("due_at") else row.due_at,
        note=row.note or str(facts.get("note") or ""),
        reason=str(facts.get("reason_text") or ""),
        responsible=str(facts.get("responsible") or ""),
        on=date.fromisoformat(facts["on"][:10]) if facts.get("on") else None,
        original=row.original or "",
        link=staff_link(row.protocol) if row.relation == TEAM else follow_link(row.token),
    )


def _settle(claimed: Any, state: str, now: datetime) -> None:
    # Whoever has sent it says so even when the lease is over: nobody need send it again.
    Notice.objects.filter(pk=claimed.id, state=Notice.State.WAITING).update(
        state=state, settled_at=now, failure=""
    )


def _fail(claimed: Any, reason: str, now: datetime, delay: timedelta | None) -> None:
    """Put off by `delay`, or a dead letter when there is none. Nothing if another worker has it by now."""
    mine = Notice.objects.filter(pk=claimed.id, state=Notice.State.WAITING, attempts=claimed.attempts)
    if delay is None:
        mine.update(state=Notice.State.DEAD, settled_at=now, failure=reason)
    else:
        mine.update(available_at=now + delay, failure=reason)


def _delay(claimed: Any, wish: int | None) -> timedelta | None:
    if claimed.attempts >= MOST_ATTEMPTS:
        return None
    return delay_after(claimed.attempts, claimed.key.hex, wish)


def _clean(reason: str, address: str) -> str:
    """A reason without the address that a server may have repeated in it."""
    return (reason.replace(address, _HIDDEN) if address else reason)[:500]
