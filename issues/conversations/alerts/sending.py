"""Letters to people: claimed, worded, sent by e-mail, settled. No transaction is open meanwhile."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from geo_central.kernel.sql import Query
from issues.citizens import operations as citizens
from issues.citizens import queries as people
from issues.conversations.channels import BY_NAME, Gone, Message, Passing, Permanent, Send
from issues.conversations.rendering import Item, render_letter
from issues.conversations.timing import LEASE, MOST_ATTEMPTS
from issues.intake.outside import delay_after

from .links import confirm_link, mine_link, stop_link
from .models import AlertLetter

log = logging.getLogger(__name__)

_CLAIM = Query(__file__, "claim_letter")
_ITEMS = Query(__file__, "letter_items")

PURPOSE = "alert"
_HIDDEN = "•••"


def send_due(now: Callable[[], datetime], limit: int) -> int:
    """Send what is due, at most `limit` letters; how many went. A server that is down is left for later."""
    sent = 0
    with BY_NAME["email"].session() as send:
        for _ in range(limit):
            moment = now()
            claimed = _CLAIM.one({"now": moment, "until": moment + LEASE, "most": MOST_ATTEMPTS})
            if claimed is None:
                break
            went, is_down = _attempt(claimed, send, now)
            sent += went
            if is_down:
                break
    return sent


def _attempt(claimed: Any, send: Send, now: Callable[[], datetime]) -> tuple[bool, bool]:
    address = ""
    try:
        if claimed.is_over or (claimed.kind == "news" and not claimed.is_confirmed):
            _settle(claimed, AlertLetter.State.DROPPED, now())
            return False, False
        address = people.address_of(claimed.contact_id, reader_id=None, purpose=PURPOSE, now=now())
        message = compose(claimed) if address else None
        if message is None:  # nobody, or nothing that is still public
            _settle(claimed, AlertLetter.State.DROPPED, now())
            return False, False
        send(address, message)
    except Gone:
        _settle(claimed, AlertLetter.State.DROPPED, now())
        citizens.forget_contact(claimed.contact_id)
    except Permanent as error:
        _settle(claimed, AlertLetter.State.DEAD, now(), _clean(str(error), address))
    except Passing as error:
        _put_off(claimed, _clean(str(error), address), now(), error.retry_after)
        return False, error.is_down
    except Exception as error:
        log.exception("letter %s was not sent", claimed.id)
        _put_off(claimed, _clean(f"{type(error).__name__}: {error}", address), now(), None)
    else:
        _settle(claimed, AlertLetter.State.SENT, now())
        return True, False
    return False, False


def compose(claimed: Any) -> Message | None:
    """The words of a claimed letter; None when nothing of it is left to tell."""
    if claimed.kind == AlertLetter.Kind.CONFIRM:
        return render_letter(
            "alerts/confirm", {}, key=claimed.key.hex, language=claimed.language,
            link=confirm_link(claimed.alert_id),
        )  # fmt: skip
    items = claimed.items or []
    rows = _ITEMS.rows(
        {
            "ids": [i for i, _ in items],
            "whats": [what for _, what in items],
            "neighbourhoods": settings.CITY.neighbourhood_layer,
        }
    )
    if not rows:
        return None
    told = [
        Item(
            what=r.what,
            service=r.service,
            place=" · ".join(filter(None, (r.address, r.neighbourhood))),
            at=r.at,
            link=settings.ORIGIN + reverse("citizen:issue", args=[r.protocol]),
        )
        for r in rows
    ]
    return render_letter(
        "alerts/news",
        {"count": claimed.total, "more": claimed.total - len(told)},
        key=claimed.key.hex,
        language=claimed.language,
        link=settings.ORIGIN + reverse("maps:heat") if claimed.total > len(told) else "",
        items=told,
        unsubscribe=stop_link(claimed.alert_id),
        preferences=mine_link(claimed.contact_id),
    )


def _settle(claimed: Any, state: str, now: datetime, failure: str = "") -> None:
    AlertLetter.objects.filter(pk=claimed.id, state="waiting").update(
        state=state, settled_at=now, failure=failure[:500]
    )


def _put_off(claimed: Any, reason: str, now: datetime, wish: int | None) -> None:
    """Later again, or a dead letter when it has been tried often enough. Nothing if another worker has it."""
    mine = AlertLetter.objects.filter(pk=claimed.id, state="waiting", attempts=claimed.attempts)
    if claimed.attempts >= MOST_ATTEMPTS:
        mine.update(state=AlertLetter.State.DEAD, settled_at=now, failure=reason[:500])
        return
    delay = delay_after(claimed.attempts, claimed.key.hex, wish)
    mine.update(available_at=now + delay, failure=reason[:500])


def _clean(reason: str, address: str) -> str:
    return reason.replace(address, _HIDDEN) if address else reason
