"""Reports whose number comes later (Open311's batch): checked at once, filed by a job, told by a token."""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from geo_central.kernel.errors import DomainError, NotFound
from geo_central.kernel.sql import Query
from issues.citizens import operations as citizens
from issues.intake import operations
from issues.intake.drafts import IssueDraft, parse_draft

from .models import PendingReport

_CLAIM = Query(__file__, "claim_report")


def take(draft: IssueDraft, *, now: datetime) -> str:
    """Keep a report for later and give the token that will tell its number.

    The same client id has the same token. What is wrong with it is known now: raises as
    `intake.operations.report`.
    """
    known = PendingReport.objects.filter(client_id=draft.client_id).values_list("token", flat=True).first()
    if known is not None:
        return known
    with transaction.atomic():
        operations.report(draft=replace(draft, contact=None), now=now)
        transaction.set_rollback(True)
    with transaction.atomic():
        row, _ = PendingReport.objects.get_or_create(
            client_id=draft.client_id,
            defaults={
                "token": secrets.token_urlsafe(16),
                "draft": _kept(draft),
                "citizen_id": citizens.recognise(contact=draft.contact, now=now),
                "created_at": now,
            },
        )
    return row.token


def file_all(*, now: datetime, limit: int = 1000) -> int:
    """File the reports that wait; how many. What cannot be filed any more says why. Any number at once."""
    filed = 0
    while filed < limit and _file_next(now):
        filed += 1
    return filed


def number_of(token: str) -> str | None:
    """The number of the report with that token; None while it has none.

    Raises NotFound `issue.unknown`, also for one that became no request.
    """
    row = PendingReport.objects.filter(token=token).first()
    if row is None or row.failure:
        raise NotFound("issue.unknown", field="token")
    return row.protocol or None


def _file_next(now: datetime) -> bool:
    with transaction.atomic():
        row = _CLAIM.one()
        if row is None:
            return False
        protocol = failure = ""
        try:
            with transaction.atomic():
                receipt = operations.report(draft=_draft(row), reporter=row.citizen_id, now=now)
            protocol = receipt.protocol
        except DomainError as error:  # the city has changed since it was checked
            failure = str(error)[:120]
        PendingReport.objects.filter(pk=row.id).update(
            settled_at=now, protocol=protocol, failure=failure, draft={}
        )
    return True


def _kept(draft: IssueDraft) -> dict[str, Any]:
    return {
        "service": draft.service,
        "lat": draft.point.lat if draft.point else None,
        "lng": draft.point.lng if draft.point else None,
        "description": draft.description or None,
        "answers": dict(draft.answers),
        "photos": [str(photo) for photo in draft.photos],
        "channel": draft.channel,
    }


def _draft(row: Any) -> IssueDraft:
    return parse_draft({"client_id": str(row.client_id), **row.draft})
