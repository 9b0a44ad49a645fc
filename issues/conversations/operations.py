"""Telling people: deliver what happened, and let them say what they want to hear."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from geo_central.kernel.errors import Conflict, Invalid, NotFound
from geo_central.kernel.sql import Query
from issues.citizens import operations as citizens
from issues.citizens.contacts import check_contact
from issues.citizens.models import ContactPoint
from issues.lifecycle.models import Follow, Issue

from .channels import endpoints
from .channels.push import check_keys
from .kinds import GROUPS
from .links import Reader
from .models import ContactPreference, Notice, Subscription
from .sending import send_due
from .spreading import spread_next

_PRUNE = Query(__file__, "prune")

KEEP = timedelta(days=90)
_BATCH = 5000


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did: outbox rows made into messages, messages sent, messages that failed for now."""

    spread: int
    sent: int
    failed: int

    @property
    def did_nothing(self) -> bool:
        return not (self.spread or self.sent or self.failed)


def deliver(*, now: Callable[[], datetime], limit: int = 1000) -> Swept:
    """One sweep: make messages of the outbox, then send what is due; at most `limit` of each.

    Any number of sweeps may run at once, anywhere. Whoever is killed in the middle loses nothing:
    what was not finished is due again after `timing.LEASE`, under the same key. `now` is a clock,
    because a sweep is long.
    """
    spread = 0
    while spread < limit and spread_next(now()):
        spread += 1
    sent, failed = send_due(now, limit)
    return Swept(spread, sent, failed)


def resend(notice_id: int, *, now: datetime) -> None:
    """Try a dead letter again from the beginning, under its old key.

    Raises NotFound `notice.unknown`, or Conflict `notice.not_dead` when somebody else was faster.
    """
    _revive(notice_id, state=Notice.State.WAITING, available_at=now, attempts=0, settled_at=None)


def drop(notice_id: int, *, now: datetime) -> None:
    """Give a dead letter up. Raises as `resend` does."""
    _revive(notice_id, state=Notice.State.DROPPED, settled_at=now)


def _revive(notice_id: int, **changes: Any) -> None:
    if Notice.objects.filter(pk=notice_id, state=Notice.State.DEAD).update(**changes):
        return
    state = Notice.objects.filter(pk=notice_id).values_list("state", flat=True).first()
    if state is None:
        raise NotFound("notice.unknown")
    raise Conflict("notice.not_dead", state=state)


def prune(*, now: datetime) -> int:
    """Forget messages and outbox rows that were settled long ago; how many. Dead letters stay."""
    total = 0
    while gone := int(_PRUNE.value({"before": now - KEEP, "limit": _BATCH})):
        total += gone
    return total


# ---- what readers want


def subscribe_email(*, token: str, email: str, language: str, now: datetime) -> Reader:
    """Tell this address of the request of a secret link.

    Raises NotFound `issue.unknown`, Invalid `contact.bad_email` or `field.required`, field `email`.
    """
    if not email.strip():
        raise Invalid("field.required", field="email")
    try:
        address = check_contact("", "", email).email
    except Invalid as error:
        raise Invalid(error.code, field="email") from None
    return _subscribe(token, "mailto", address, "", language, now)


def subscribe_push(*, token: str, subscription: object, language: str, now: datetime) -> Reader:
    """Tell this browser of the request of a secret link; `subscription` is PushSubscription.toJSON().

    Raises NotFound `issue.unknown`, Invalid `push.bad_subscription` or `push.host_not_allowed`.
    """
    endpoint, value = read_subscription(subscription)
    return _subscribe(token, "push", value, endpoint, language, now)


def read_subscription(subscription: object) -> tuple[str, str]:
    """The endpoint of a browser's subscription, and the subscription as we keep it.

    Raises Invalid `push.bad_subscription` or `push.host_not_allowed`.
    """
    try:
        endpoint, keys = subscription["endpoint"], subscription["keys"]  # type: ignore[index]
        kept = {"endpoint": endpoint, "keys": {"p256dh": keys["p256dh"], "auth": keys["auth"]}}
        check_keys(keys["p256dh"], keys["auth"])
    except (TypeError, KeyError, ValueError):
        raise Invalid("push.bad_subscription", field="subscription") from None
    if not isinstance(endpoint, str) or endpoints.parse(endpoint) is None:
        raise Invalid("push.host_not_allowed", field="subscription")
    return endpoint, json.dumps(kept)


def _subscribe(token: str, scheme: str, value: str, identity: str, language: str, now: datetime) -> Reader:
    """Whoever has an anonymous request's own link and leaves a contact is its reporter from then on."""
    with transaction.atomic():
        issue = Issue.objects.select_for_update(of=("self",)).filter(token=token).first()
        own = issue is not None
        if issue is None:
            follow = Follow.objects.select_related("issue").filter(token=token).first()
            if follow is None:
                raise NotFound("issue.unknown", field="token")
            issue = follow.issue
        reached = citizens.reach(scheme=scheme, value=value, identity=identity, now=now)
        if own and issue.citizen_id is None:
            Issue.objects.filter(pk=issue.pk).update(citizen_id=reached.citizen_id)
        Subscription.objects.update_or_create(
            issue_id=issue.pk,
            contact_id=reached.contact_id,
            defaults={"muted_at": None},
            create_defaults={"token": token, "created_at": now},
        )
        ContactPreference.objects.update_or_create(
            contact_id=reached.contact_id,
            defaults={"off_at": None},
            create_defaults={"language": _language(language)},
        )
    return Reader(reached.contact_id, issue.protocol)


def mute(reader: Reader, *, everything: bool, on: bool, now: datetime) -> None:
    """Stop (`on` False) or take up again the messages about the request of a link, or all of them.

    Safe to repeat. A link that names no request means everything. A contact that is gone hears
    nothing anyway.
    """
    if not ContactPoint.objects.filter(pk=reader.contact_id).exists():
        return
    since = None if on else now
    if everything or reader.protocol is None:
        ContactPreference.objects.update_or_create(
            contact_id=reader.contact_id,
            defaults={"off_at": since},
            create_defaults={"off_at": since, "language": settings.LANGUAGE_CODE},
        )
        return
    issue = Issue.objects.filter(protocol=reader.protocol).first()
    if issue is None:
        raise NotFound("issue.unknown")
    Subscription.objects.update_or_create(
        issue=issue,
        contact_id=reader.contact_id,
        defaults={"muted_at": since},
        create_defaults={"muted_at": since, "token": issue.token, "created_at": now},
    )


def choose(reader: Reader, *, language: str, groups: Sequence[str], now: datetime) -> None:
    """What a contact wants to hear, and in which language. No group at all means nothing.

    Raises Invalid `field.not_a_choice` for a group that does not exist, and NotFound `notice.bad_link`
    when the contact is gone.
    """
    if unknown := set(groups) - GROUPS.keys():
        raise Invalid("field.not_a_choice", field="groups", value=min(unknown))
    if not ContactPoint.objects.filter(pk=reader.contact_id).exists():
        raise NotFound("notice.bad_link")
    ContactPreference.objects.update_or_create(
        contact_id=reader.contact_id,
        defaults={
            "language": _language(language),
            "muted": [g for g in GROUPS if g not in groups],
            "off_at": None if groups else now,
        },
    )


def _language(code: str) -> str:
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
