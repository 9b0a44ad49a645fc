"""What the requests of a period would have done under other rules or boundaries. Nothing is moved.

Both sides are decided by the same pure `match`, over distinct keys: service, areas of the place, which
asset rules the place is near enough for, and between which beginnings and ends of rules it was opened.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from geo_central.kernel.errors import Invalid, NotFound
from geo_central.kernel.geo import LngLat
from geo_central.kernel.sql import Query

from .facts import ServiceFact, service_facts, teams
from .models import RuleDraft, Simulation
from .placing import Placing, Side, stored_areas_hold
from .queries import Decision, RuleBook, active_rules
from .rows import rule_rows

KEPT = timedelta(days=7)

_KEYS = Query(__file__, "simulate_keys", planned=True)
_MOVES = Query(__file__, "simulate_moves", planned=True)
_STAGE = Query(__file__, "simulate_staging")
_PAGE = Query(__file__, "simulated_page", planned=True)
_ISSUE = Query(__file__, "simulated_issue")


@dataclass(frozen=True, slots=True)
class Change:
    """What is tried: a draft's rules (None: the active ones) and staged layer versions, by id."""

    draft: int | None = None
    versions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamCount:
    """How many requests a team gets; `arrive` and `leave` are those that would have moved."""

    team: int
    slug: str
    name: str
    before: int = 0
    after: int = 0
    arrive: int = 0
    leave: int = 0


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many requests a rule decides, and how many it should have decided and could not."""

    slug: str
    before: int = 0
    after: int = 0
    failed_before: int = 0
    failed_after: int = 0


@dataclass(frozen=True, slots=True)
class Simulated:
    """The outcome. `outside` are requests whose point one of the two sides has not in the city.

    `triage_before` and `triage_after` are those that no rule places. `is_current` is False once the
    draft has been edited.
    """

    id: int
    change: Change
    revision: int | None
    is_current: bool
    opened_from: datetime
    opened_until: datetime
    made_at: datetime
    total: int
    moved: int
    outside: int
    triage_before: int
    triage_after: int
    looked_up: bool
    teams: tuple[TeamCount, ...]
    rules: tuple[RuleCount, ...]


@dataclass(slots=True)
class _Tally:
    """Counts while the keys are gone through."""

    total: int = 0
    outside: int = 0
    moved: int = 0
    teams: dict[str, Counter[int]] = field(default_factory=dict)
    rules: dict[str, Counter[str]] = field(default_factory=dict)
    triage: Counter[str] = field(default_factory=Counter)

    def add(self, side: str, decision: Decision, slugs: dict[int, str], count: int) -> None:
        self.teams.setdefault(side, Counter())[decision.team.id] += count
        if decision.rule_id is None:
            self.triage[side] += count
        else:
            self.rules.setdefault(side, Counter())[slugs[decision.rule_id]] += count
        for failure in decision.failures:
            self.rules.setdefault(f"failed_{side}", Counter())[failure.data["rule"]] += count


def simulate(
    *, change: Change, period: tuple[datetime, datetime], now: datetime, look_again: bool | None = None
) -> Simulated:
    """Decide the requests opened in a period (half-open) twice, by what is and by what is staged.

    The rules hold or not as of the moment when a request was opened. Its areas are those that were
    stored with it; they are looked up again (`look_again`) when a boundary is staged, or when a
    sample shows that the published maps have changed since. The outcome is kept for a week. Raises
    Invalid `period.backwards`, `rule.unknown_code`; NotFound `draft.unknown`,
    `layer.unknown_version`; Unready `routing.no_team`, `place.no_boundary`.
    """
    if period[0] >= period[1]:
        raise Invalid("period.backwards", field="until")
    before, after, draft = sides(change)
    turns = sorted({m for s in (before, after) for r in s.rules for m in (r.valid_from, r.valid_until) if m})
    with transaction.atomic():
        Simulation.objects.filter(made_at__lt=now - KEPT).delete()
        placing = Placing(period, before, after, service_facts())
        _STAGE.run()
        placing.find_near()
        again = bool(change.versions) if look_again is None else look_again
        if not again and look_again is None:
            again = not stored_areas_hold(placing)
        if again:
            from .looking_up import look_up  # numpy, for those who simulate only

            look_up(placing)
        tally, moves = _decide(placing, turns)
        made = Simulation.objects.create(
            draft=draft, revision=draft.revision if draft else None, versions=after.instead,
            opened_from=period[0], opened_until=period[1], made_at=now, total=tally.total,
            moved=tally.moved, outcome=_outcome(tally, again),
        )  # fmt: skip
        _write(made.pk, placing, turns, moves)
    return simulated(made.pk)


def sides(change: Change) -> tuple[Side, Side, RuleDraft | None]:
    """The rules and maps before and after a change. Raises as `simulate`."""
    from layers.models import LayerVersion

    active, all_teams = active_rules(), teams()
    draft = None
    rules = active
    if change.draft is not None:
        draft = RuleDraft.objects.filter(pk=change.draft).first()
        if draft is None:
            raise NotFound("draft.unknown", field="draft", draft=change.draft)
        rules = rule_rows(draft.rows)
    found = LayerVersion.objects.filter(pk__in=change.versions)
    instead = dict(found.order_by("pk").values_list("layer__slug", "pk"))
    if missing := set(change.versions) - set(instead.values()):
        raise NotFound("layer.unknown_version", field="version", version=min(missing))
    others = found.exclude(layer__kind="area").order_by("pk").values_list("layer__slug", flat=True)
    if layer := others.first():  # a decision knows the published assets only
        raise Invalid("layer.not_areas", field="version", layer=layer)
    return Side(active, RuleBook(active, all_teams)), Side(rules, RuleBook(rules, all_teams), instead), draft


def _decide(placing: Placing, turns: list[datetime]) -> tuple[_Tally, list[tuple[Any, ...]]]:
    """Both decisions of every key; the keys whose team differs, with the two teams."""
    tally, moves = _Tally(), []
    rows = _KEYS.rows(placing.params(turns))
    placing.fetch_near(rows)
    names = [{r.id: r.slug for r in side.rules} for side in (placing.before, placing.after)]
    known: dict[tuple[Any, ...], tuple[Decision, Decision]] = {}
    for row in rows:
        places = placing.places(row)
        if places is None:
            tally.outside += row.count
            continue
        fact: ServiceFact = placing.services[row.service_id]
        key = (row.service_id, row.window, places)
        if key not in known:
            known[key] = (
                placing.before.book.decide(subject=fact.subject, place=places[0], at=row.at),
                placing.after.book.decide(subject=fact.subject, place=places[1], at=row.at),
            )
        was, will = known[key]
        tally.total += row.count
        tally.add("before", was, names[0], row.count)
        tally.add("after", will, names[1], row.count)
        if was.team.id != will.team.id:
            tally.moved += row.count
            tally.teams.setdefault("leave", Counter())[was.team.id] += row.count
            tally.teams.setdefault("arrive", Counter())[will.team.id] += row.count
            moves.append((*row[:6], was.team.id, will.team.id))
    return tally, moves


def _outcome(tally: _Tally, looked_up: bool) -> dict[str, Any]:
    known = {t.id: t for t in teams(with_inactive=True)}
    ids = {team for counter in tally.teams.values() for team in counter}
    slugs = {slug for counter in tally.rules.values() for slug in counter}
    counts = [
        TeamCount(
            id_, known[id_].slug, known[id_].name,
            *(tally.teams.get(of, Counter())[id_] for of in ("before", "after", "arrive", "leave")),
        )
        for id_ in ids
    ]  # fmt: skip
    rules = [
        RuleCount(
            slug,
            *(
                tally.rules.get(of, Counter())[slug]
                for of in ("before", "after", "failed_before", "failed_after")
            ),
        )
        for slug in slugs
    ]  # fmt: skip
    return {
        "outside": tally.outside,
        "triage_before": tally.triage["before"],
        "triage_after": tally.triage["after"],
        "looked_up": looked_up,
        "teams": [asdict(t) for t in sorted(counts, key=lambda t: (-(t.arrive + t.leave), t.name))],
        "rules": [asdict(r) for r in sorted(rules, key=lambda r: (-abs(r.after - r.before), r.slug))],
    }


def _write(
    simulation: int, placing: Placing, turns: list[datetime], moves: Sequence[tuple[Any, ...]]
) -> None:
    with connection.cursor() as cursor:
        columns = 'placeless, service_id, areas, combination, near, "window", team_before, team_after'
        with cursor.copy(f"COPY tried_move ({columns}) FROM STDIN") as copy:
            for placeless, service, areas, combination, near, window, was, will in moves:
                copy.write_row(
                    (placeless, service, json.dumps(areas), combination, list(near), window, was, will)
                )
        cursor.execute("ANALYZE tried_move")
    services = sorted({service for _placeless, service, *_ in moves})
    _MOVES.run({**placing.params(turns), "simulation": simulation, "services": services})


@dataclass(frozen=True, slots=True)
class MovedPage:
    """A GeoJSON FeatureCollection as text, and the key of the next page (None: this was the last)."""

    geojson: str
    next: int | None


@dataclass(frozen=True, slots=True)
class Explained:
    """One request under both sides; a side is None when its maps have the point outside the city."""

    protocol: str
    opened_at: datetime
    is_open: bool
    service_name: str
    point: LngLat | None
    before: Decision | None
    after: Decision | None


def simulated(simulation_id: int) -> Simulated:
    """An outcome that is kept. Raises NotFound `simulation.unknown`."""
    kept = Simulation.objects.select_related("draft").filter(pk=simulation_id).first()
    if kept is None:
        raise NotFound("simulation.unknown", field="simulation", simulation=simulation_id)
    outcome = dict(kept.outcome)
    return Simulated(
        id=kept.pk,
        change=Change(kept.draft_id, tuple(kept.versions.values())),
        revision=kept.revision,
        is_current=kept.draft is None or kept.draft.revision == kept.revision,
        opened_from=kept.opened_from,
        opened_until=kept.opened_until,
        made_at=kept.made_at,
        total=kept.total,
        moved=kept.moved,
        teams=tuple(TeamCount(**t) for t in outcome.pop("teams")),
        rules=tuple(RuleCount(**r) for r in outcome.pop("rules")),
        **outcome,
    )


def simulations(draft_id: int | None = None, *, limit: int = 20) -> list[Simulated]:
    """The last outcomes kept, of one draft or of all."""
    kept = Simulation.objects.order_by("-made_at", "-id")
    if draft_id is not None:
        kept = kept.filter(draft_id=draft_id)
    return [simulated(pk) for pk in kept.values_list("pk", flat=True)[:limit]]


def moved_page(
    simulation_id: int, *, after: int = 0, limit: int = 1_000, team: int | None = None
) -> MovedPage:
    """Those that would have moved, by id, from or to a team (or any), with their exact points.

    For managers only. Raises NotFound `simulation.unknown`.
    """
    if not Simulation.objects.filter(pk=simulation_id).exists():
        raise NotFound("simulation.unknown", field="simulation", simulation=simulation_id)
    row = _PAGE.one({"simulation": simulation_id, "after": after, "limit": limit, "team": team})
    return MovedPage(row.features, row.last if row.count == limit else None)


def explain(*, change: Change, protocol: str) -> Explained:
    """Why one request goes where it goes, before and after a change, on the maps as they are now.

    Raises NotFound `issue.unknown`, and as `simulate`.
    """
    row = _ISSUE.one({"protocol": protocol})
    if row is None:
        raise NotFound("issue.unknown", field="protocol")
    before, after, _draft = sides(change)
    subject = service_facts()[row.service_id].subject
    point = None if row.lng is None else LngLat(row.lng, row.lat)

    def decided(side: Side) -> Decision | None:
        place = side.places([point], assets=True)[0] if point else None
        if point and place is None:
            return None
        return side.book.decide(subject=subject, place=place, at=row.opened_at)

    return Explained(
        row.protocol, row.opened_at, row.is_open, subject.service_name, point, decided(before), decided(after)
    )
