"""Open requests go where the rules and maps of now would send them. Nobody's own choice is undone."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query
from issues.routing.facts import ServiceFact, service_facts
from issues.routing.queries import Decision, RuleBook, active_rules
from layers.queries import Place, places_at, published_versions

from .models import RerouteRun

BATCH = 500

_CANDIDATES = Query(__file__, "candidates")
_COUNT = Query(__file__, "candidate_count")
_LOCK = Query(__file__, "lock")
_MOVE = Query(__file__, "move")
_EDITION = Query(__file__, "edition")

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Flow:
    """So many requests from one team to another, by name."""

    team_before: str
    team_after: str
    count: int


@dataclass(frozen=True, slots=True)
class Rerouting:
    """How a pass stands. `overtaken` were changed by somebody in the meantime and left to them;
    `outside` lie no longer in the city and stay where they are. `run` is None for a preview."""

    run: int | None
    looked: int
    moved: int
    overtaken: int
    outside: int
    is_finished: bool
    flows: tuple[Flow, ...] = ()


@dataclass(slots=True)
class _Decider:
    """Rules, services and what the database says when they change; one per basis."""

    book: RuleBook = field(default_factory=RuleBook.load)
    services: dict[int, ServiceFact] = field(default_factory=service_facts)
    near: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        rules = [r for r in active_rules() if r.where == "near_asset"]
        self.near = frozenset(id_ for id_, s in self.services.items() if any(map(s.is_about, rules)))

    def decide(self, rows: Sequence[Any]) -> list[tuple[Place | None, Decision] | None]:
        """Where each request would go if it were reported at its own time; None outside the city."""
        places: dict[int, Place | None] = {}
        placed = [r for r in rows if r.lng is not None]
        for deep in (False, True):
            some = [r for r in placed if (r.service_id in self.near) == deep]
            if some:
                points = [LngLat(r.lng, r.lat) for r in some]
                found = places_at(points, streets=False, assets=deep)
                places.update(zip([r.id for r in some], found, strict=True))
        return [self._decide(r, places) for r in rows]

    def _decide(self, row: Any, places: dict[int, Place | None]) -> tuple[Place | None, Decision] | None:
        place = places.get(row.id)
        if place is None and row.lng is not None:
            return None
        subject = self.services[row.service_id].subject
        return place, self.book.decide(subject=subject, place=place, at=row.opened_at)


def preview(*, batch: int = BATCH, tell: Tell | None = None) -> Rerouting:
    """What `reroute` would do just now; nothing is written."""
    decider, total = _Decider(), _COUNT.value()
    looked, outside = 0, 0
    flows: Counter[tuple[str, str]] = Counter()
    for rows in _pages(batch):
        for row, decided in zip(rows, decider.decide(rows), strict=True):
            if decided is None:
                outside += 1
            elif decided[1].team.id != row.team_id:
                flows[row.team_name, decided[1].team.name] += 1
        looked += len(rows)
        if tell:
            tell(looked, total)
    return Rerouting(None, looked, flows.total(), 0, outside, True, _flows(flows))


def reroute(
    *,
    by: int | None,
    now: datetime,
    batch: int = BATCH,
    batches: int | None = None,
    tell: Tell | None = None,
) -> Rerouting:
    """Move the open requests whose team would be another one by the rules and maps of now.

    Never one that a person assigned, nor one whose process is at a step of its own. The rules hold
    as of the moment when a request was opened, as in a simulation. Every batch is one transaction
    that moves the run's own place with it: a run that was killed goes on by itself with the next
    call, several at once share one run, and a second pass finds nothing. When rules or maps change
    on the way, the pass starts again. `batches` stops early (the rest waits for the next call).
    Raises Unready `routing.no_team`, `place.no_boundary`.
    """
    run_id, total = _begin(by, now), _COUNT.value()
    decider: tuple[str, _Decider] | None = None
    flows: Counter[tuple[str, str]] = Counter()
    done = 0
    while batches is None or done < batches:
        with transaction.atomic():
            run = RerouteRun.objects.select_for_update(of=("self",)).get(pk=run_id)
            if run.finished_at is not None:
                break
            basis = _basis()
            if run.basis != basis:
                RerouteRun.objects.filter(pk=run.pk).update(basis=basis, last_id=0, until_id=_newest())
                run.refresh_from_db()
            if decider is None or decider[0] != basis:
                decider = (basis, _Decider())
            flows += _step(run, decider[1], batch, now)
        done += 1
        if tell:
            tell(run.looked, max(total, run.looked))
    run = RerouteRun.objects.get(pk=run_id)
    return _state(run, flows)


def last_run() -> Rerouting | None:
    """How the newest pass stands, whoever runs it."""
    run = RerouteRun.objects.order_by("-started_at", "-id").first()
    return None if run is None else _state(run, Counter())


def _state(run: RerouteRun, flows: Counter[tuple[str, str]]) -> Rerouting:
    return Rerouting(
        run.pk, run.looked, run.moved, run.overtaken, run.outside, run.finished_at is not None, _flows(flows)
    )


def _begin(by: int | None, now: datetime) -> int:
    """The run that is under way, or a new one."""
    for _ in range(2):
        run = RerouteRun.objects.filter(finished_at__isnull=True).order_by("id").first()
        if run is not None:
            return int(run.pk)
        try:
            with transaction.atomic():
                made = RerouteRun.objects.create(
                    started_at=now, started_by_id=by, basis=_basis(), until_id=_newest()
                )
                return int(made.pk)
        except IntegrityError:  # somebody else began in this very moment: theirs is ours too
            continue
    return int(RerouteRun.objects.order_by("-started_at", "-id").values_list("pk", flat=True)[0])


def _basis() -> str:
    text = f"{_EDITION.value()} {sorted(published_versions().items())}"
    return hashlib.sha256(text.encode()).hexdigest()


def _newest() -> int:
    from issues.lifecycle.models import Issue

    return int(Issue.objects.order_by("-id").values_list("id", flat=True).first() or 0)


def _pages(batch: int) -> Iterator[list[Any]]:
    after, until = 0, _newest()
    while rows := _CANDIDATES.rows({"after": after, "until": until, "limit": batch}):
        yield rows
        after = rows[-1].id


def _step(run: RerouteRun, decider: _Decider, batch: int, now: datetime) -> Counter[tuple[str, str]]:
    """One batch, in the caller's transaction."""
    rows = _CANDIDATES.rows({"after": run.last_id, "until": run.until_id, "limit": batch})
    decided = dict(zip([r.id for r in rows], decider.decide(rows), strict=True))
    seen = {r.id: r for r in rows}
    wanted = [i for i, d in decided.items() if d is not None and d[1].team.id != seen[i].team_id]
    held = _LOCK.rows({"ids": wanted}) if wanted else []
    if other := [r for r in held if _asked(r) != _asked(seen[r.id])]:  # told better where or what it is
        decided.update(zip([r.id for r in other], decider.decide(other), strict=True))
    moves = [
        _move(row, *found)
        for row in held
        if (found := decided[row.id]) is not None and found[1].team.id != row.team_id
    ]
    if moves:
        given = {"moves": msgspec.json.encode(moves).decode(), "now": now, "actor": run.started_by_id}
        written = len(_MOVE.rows({**given, "run": run.pk}))
        assert written == len(moves), (written, len(moves))
    ended = len(rows) < batch
    RerouteRun.objects.filter(pk=run.pk).update(
        last_id=rows[-1].id if rows else F("last_id"),
        looked=F("looked") + len(rows),
        moved=F("moved") + len(moves),
        overtaken=F("overtaken") + len(wanted) - len(moves),
        outside=F("outside") + sum(d is None for d in decided.values()),
        finished_at=now if ended else None,
    )
    run.refresh_from_db()
    return Counter((m["team_before_name"], m["team_name"]) for m in moves)


def _asked(row: Any) -> tuple[Any, ...]:
    return (row.service_id, row.lng, row.lat, row.opened_at)


def _move(row: Any, place: Place | None, decision: Decision) -> dict[str, Any]:
    areas = {a.layer: a.code for a in place.areas} if place else {}
    reasons = [{"code": r.code, **r.data} for r in decision.reasons]
    return {
        "id": row.id,
        "team": decision.team.slug,
        "team_name": decision.team.name,
        "team_before": row.team_slug,
        "team_before_name": row.team_name,
        "team_id": decision.team.id,
        "department_id": decision.team.department_id,
        "rule_id": decision.rule_id,
        "reasons": reasons,
        # Events are public: what stands near would tell where a request is that has no public point.
        "told": [r for r in reasons if row.precision == "exact" or r["code"] != "near_asset"],
        "areas": areas,
        "district": areas.get(settings.CITY.district_layer, ""),
        "neighbourhood": areas.get(settings.CITY.neighbourhood_layer, ""),
    }


def _flows(flows: Counter[tuple[str, str]]) -> tuple[Flow, ...]:
    ordered = sorted(flows.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Flow(was, will, count) for (was, will), count in ordered)
