"""Pictures that a report names by address: fetched by a job, never while somebody waits."""

from base64 import b64decode
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin
from uuid import UUID, uuid5

from django.conf import settings

from geo_central.kernel.errors import DomainError, Unsupported
from geo_central.kernel.sql import Query
from issues.intake.drafts import PHOTO_LIMIT
from issues.intake.outside import OutsideFailed, OutsideRefused, delay_after, fetch, split
from issues.intake.photos import store_photo

from .models import WantedPicture

_CLAIM = Query(__file__, "claim_picture")
_GIVE = Query(__file__, "give_picture")

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 6
_REDIRECTS = 3
_MOVED = frozenset({301, 302, 303, 307, 308})
_TIMEOUT_S = 20.0


def picture_at(address: str, *, trusted: Collection[str] = (), plain: bool = False) -> bytes:
    """What is at an address, through at most three redirects, each checked; as much as a photo may be.

    `trusted` and `plain` as `outside.fetch` has them. Raises OutsideRefused and OutsideFailed.
    """
    for _ in range(_REDIRECTS + 1):
        answer = fetch(
            address,
            limit_bytes=settings.PHOTO_MAX_BYTES,
            timeout_s=_TIMEOUT_S,
            plain=plain,
            trusted=trusted,
        )
        if answer.status == 200:
            return answer.body
        if answer.status in _MOVED and "location" in answer.headers:
            address = urljoin(address, answer.headers["location"])
            continue
        if answer.status >= 500 or answer.status == 429:
            raise OutsideFailed(f"answered {answer.status}", was_sent=True)
        raise OutsideRefused(f"answered {answer.status}", was_sent=True)
    raise OutsideRefused("too many redirects", was_sent=True)


def picture_in(address: str) -> bytes | None:
    """The picture that a `data:` address holds itself (RFC 2397, base64 or not); None for another address.

    Raises Unsupported `photo.not_an_image`.
    """
    if address[:5].lower() != "data:":
        return None
    head, comma, body = address[5:].partition(",")
    if not comma:
        raise Unsupported("photo.not_an_image", field="media_url")
    content = unquote_to_bytes(body)
    if not head.lower().endswith(";base64"):
        return content
    try:
        return b64decode(content.replace(b" ", b"+"), validate=True)
    except ValueError:
        raise Unsupported("photo.not_an_image", field="media_url") from None


def want(addresses: Sequence[str], *, client_id: UUID, now: datetime) -> None:
    """Have these pictures fetched for the report of that client id. Repeatable."""
    WantedPicture.objects.bulk_create(
        [
            WantedPicture(
                photo_id=uuid5(client_id, f"media_url:{n}"),
                client_id=client_id,
                address=address,
                created_at=now,
                available_at=now,
            )
            for n, address in enumerate(addresses)
        ],
        ignore_conflicts=True,
    )


def is_address(text: str) -> bool:
    """Whether something could be fetched there."""
    return split(text) is not None


def forget(*, older_than: datetime) -> int:
    """Forget what was wanted before then and is settled; how many."""
    settled = WantedPicture.objects.filter(created_at__lt=older_than).exclude(state="waiting")
    return settled.delete()[0]


def fetch_due(now: Callable[[], datetime], limit: int = 200) -> int:
    """Fetch what is due; how many pictures were kept. Any number of these may run at once."""
    kept = 0
    for _ in range(limit):
        moment = now()
        claimed = _CLAIM.one({"now": moment, "until": moment + LEASE})
        if claimed is None:
            break
        kept += _attempt(claimed, now)
    return kept


def _attempt(claimed: Any, now: Callable[[], datetime]) -> bool:
    try:
        content = picture_at(claimed.address, trusted=settings.PICTURE_ORIGINS, plain=True)
        store_photo(photo_id=claimed.photo_id, content=content, now=now())
        given = _GIVE.one({"photo_id": claimed.photo_id, "client_id": claimed.client_id, "most": PHOTO_LIMIT})
        if not given.known:  # a report that has no number yet
            raise OutsideFailed("its request is not there yet", was_sent=False)
    except OutsideFailed as error:
        _put_off(claimed, str(error), now())
        return False
    except (OutsideRefused, DomainError) as error:
        _settle(claimed, WantedPicture.State.REFUSED, str(error))
        return False
    _settle(claimed, WantedPicture.State.KEPT, "")
    return True


def _put_off(claimed: Any, reason: str, now: datetime) -> None:
    if claimed.attempts >= MOST_ATTEMPTS:
        return _settle(claimed, WantedPicture.State.REFUSED, reason)
    WantedPicture.objects.filter(pk=claimed.photo_id, state="waiting").update(
        available_at=now + delay_after(claimed.attempts, str(claimed.photo_id)), failure=reason[:500]
    )


def _settle(claimed: Any, state: str, failure: str) -> None:
    WantedPicture.objects.filter(pk=claimed.photo_id, state="waiting").update(
        state=state, failure=failure[:500]
    )
