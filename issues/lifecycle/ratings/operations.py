"""Rating the result of a request, and keeping the counts that the ranking reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from geo_central.kernel.sql import Query
from issues.catalogue.models import Service
from issues.lifecycle.models import Follow
from issues.lifecycle.queries import is_token

from .models import Rating, RatingBaseline, RatingMonth
from .queries import rating_reasons

_LOCK = Query(__file__, "lock")
_RATE = Query(__file__, "rate")
_COUNT_AGAIN = Query(__file__, "count_again", planned=True)

FACES = (1, 2, 3, 4, 5)
WORDS_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Rated:
    """A judgement that is kept; `may_reopen` where one of its reasons says that work is left."""

    issue_id: int
    protocol: str
    state: str
    face: int
    changed: bool
    may_reopen: bool


def rate(*, token: str, face: int, reasons: Sequence[str] = (), words: str = "", now: datetime) -> Rated:
    """Judge the last closing of the request with this secret link, once; again changes it.

    `face` is 1 (very bad) to 5 (very good), which the city's scale calls -5 to +5. Only the
    reporter's own link may. Raises NotFound `issue.unknown`, Forbidden `rating.only_reporter`,
    Conflict `rating.not_yet` (with the state), Invalid `rating.face`, `rating.reason`, `field.too_long`.
    """
    if face not in FACES:
        raise Invalid("rating.face", field="face")
    known = {r.code: r.may_reopen for r in rating_reasons()} if reasons else {}
    if unknown := next((r for r in reasons if r not in known), None):
        raise Invalid("rating.reason", field="reasons", value=unknown[:40])
    if len(words) > WORDS_LIMIT:
        raise Invalid("field.too_long", field="words", limit=WORDS_LIMIT)
    with transaction.atomic():
        held = _LOCK.one({"token": token}) if is_token(token) else None
        if held is None:
            if is_token(token) and Follow.objects.filter(token=token).exists():
                raise Forbidden("rating.only_reporter")
            raise NotFound("issue.unknown", field="token")
        if held.state not in ("resolved", "confirmed"):
            raise Conflict("rating.not_yet", state=held.state)
        row = _RATE.one(
            {
                "issue_id": held.id,
                "closed_at": held.closed_at,
                "service_id": held.service_id,
                "district": held.district,
                "face": face,
                "reasons": list(dict.fromkeys(reasons)),
                "words": words.strip(),
                "zone": city_zone().key,
                "now": now,
            }
        )
    may_reopen = any(known[r] for r in reasons)
    return Rated(held.id, held.protocol, held.state, face, bool(row.changed), may_reopen)


def write_past_ratings(rows: Iterable[Mapping[str, Any]]) -> int:
    """Ratings of a known history (`issue_id`, `closed_at`, `service_id`, `district`, `face`,
    `reasons`, `rated_at`); how many. The months are counted again."""
    given = [Rating(**row, updated_at=row["rated_at"]) for row in rows]
    with transaction.atomic():
        Rating.objects.bulk_create(given, batch_size=5_000, ignore_conflicts=True)
        count_again()
    return len(given)


def count_again() -> int:
    """Count every month from the ratings; how many rows. Ratings that are being given wait for it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE issues_rating, issues_ratingmonth IN SHARE ROW EXCLUSIVE MODE")
        RatingMonth.objects.all().delete()
        return _COUNT_AGAIN.run({"zone": city_zone().key})


def load_baselines(rows: Iterable[Mapping[str, Any]], *, year: int) -> int:
    """The scores that the city published for `year` (`service` code, `score`); how many.

    Raises Invalid `catalogue.unknown_reference` naming the service.
    """
    services = dict(Service.objects.order_by("pk").values_list("code", "pk"))
    given = []
    for row in rows:
        if row["service"] not in services:
            raise Invalid("catalogue.unknown_reference", field="service", reference=row["service"])
        given.append(RatingBaseline(service_id=services[row["service"]], year=year, score=row["score"]))
    RatingBaseline.objects.bulk_create(
        given, update_conflicts=True, unique_fields=["service", "year"], update_fields=["score"]
    )
    return len(given)
