"""A set of rules that somebody edits, tries and publishes; until then the active set stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from geo_central.kernel.errors import Conflict, Invalid, NotFound
from geo_central.kernel.sql import Query

from .models import RuleDraft
from .operations import load_rules
from .rows import COLUMNS, Row, active_rows, digest, parse_row

_ALONE = Query(__file__, "alone")


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule that a draft adds, drops or changes; `before` or `after` is None where there is none."""

    slug: str
    before: Row | None
    after: Row | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that differ, where the rule is on both sides."""
        if self.before is None or self.after is None:
            return ()
        return tuple(c for c in COLUMNS if self.before[c] != self.after[c])


@dataclass(frozen=True, slots=True)
class Draft:
    """A staged set of rules. `is_outdated` when the active rules have changed since it was started."""

    id: int
    title: str
    state: str
    revision: int
    rows: tuple[Row, ...]
    is_outdated: bool
    started_at: datetime
    started_by: str
    updated_at: datetime
    differences: tuple[Difference, ...]

    def row(self, slug: str) -> Row:
        """One rule. Raises NotFound `rule.unknown`."""
        for row in self.rows:
            if row["slug"] == slug:
                return row
        raise NotFound("rule.unknown", field="slug", value=slug[:100])


def drafts() -> list[Draft]:
    """Every open draft, the last edited first."""
    active = active_rows()
    found = RuleDraft.objects.filter(state=RuleDraft.State.OPEN).select_related("started_by")
    return [_value(d, active) for d in found.order_by("-updated_at", "-id")]


def draft(draft_id: int) -> Draft:
    """One draft, whatever its state. Raises NotFound `draft.unknown`."""
    return _value(_found(draft_id), active_rows())


def start_draft(*, title: str, by: int | None, now: datetime, rows: list[Row] | None = None) -> Draft:
    """Begin a draft from the active rules, or from these rows (of `parse_row`).

    Raises Invalid `field.required`, `field.too_long`, `rule.slug_taken`.
    """
    title = title.strip()
    if not title:
        raise Invalid("field.required", field="title")
    if len(title) > 120:
        raise Invalid("field.too_long", field="title", limit=120)
    with transaction.atomic():
        _ALONE.value()
        active = active_rows()
        given = active if rows is None else rows
        _refuse_twins(given)
        made = RuleDraft.objects.create(
            title=title, rows=given, base=digest(active), started_at=now, started_by_id=by, updated_at=now
        )
    return _value(made, active)


def put_rule(
    draft_id: int, given: Mapping[str, Any], *, revision: int, now: datetime, replaces: str = ""
) -> Draft:
    """Add a rule, or put it in the place of the one called `replaces`.

    Raises as `parse_row`; NotFound `draft.unknown`, `rule.unknown`; Invalid `rule.slug_taken`;
    Conflict `draft.closed`, and `draft.edited` (with the current revision) when somebody was faster.
    """
    row = parse_row(given)
    with transaction.atomic():
        held = _held(draft_id, revision)
        rows = list(held.rows)
        if replaces:
            slugs = [r["slug"] for r in rows]
            if replaces not in slugs:
                raise NotFound("rule.unknown", field="slug", value=replaces[:100])
            rows[slugs.index(replaces)] = row
        else:
            rows.append(row)
        _refuse_twins(rows)
        return _edited(held, rows, now)


def drop_rule(draft_id: int, slug: str, *, revision: int, now: datetime) -> Draft:
    """Take a rule out of a draft. Raises as `put_rule`."""
    with transaction.atomic():
        held = _held(draft_id, revision)
        rows = [r for r in held.rows if r["slug"] != slug]
        if len(rows) == len(held.rows):
            raise NotFound("rule.unknown", field="slug", value=slug[:100])
        return _edited(held, rows, now)


def order_rules(draft_id: int, priorities: Mapping[str, int], *, revision: int, now: datetime) -> Draft:
    """Give rules (by slug) other priorities, all at once. Raises as `put_rule`."""
    with transaction.atomic():
        held = _held(draft_id, revision)
        rows = {r["slug"]: r for r in held.rows}
        for slug, priority in priorities.items():
            if slug not in rows:
                raise NotFound("rule.unknown", field="slug", value=slug[:100])
            rows[slug] = parse_row({**rows[slug], "priority": priority})
        return _edited(held, list(rows.values()), now)


def discard(draft_id: int, *, by: int | None, now: datetime) -> None:
    """Give a draft up; it stays on file. Raises NotFound `draft.unknown`, Conflict `draft.closed`."""
    with transaction.atomic():
        held = _held(draft_id, None)
        _close(held, RuleDraft.State.DISCARDED, by, now)


def publish(draft_id: int, *, revision: int, by: int | None, now: datetime) -> int:
    """Make a draft the active set, whole and at once; how many rules it has.

    Every server decides the next request by it. Raises NotFound `draft.unknown`; Conflict
    `draft.closed`, `draft.edited`, and `draft.outdated` when the active rules are no longer those
    that it was started from; Invalid as `load_rules`.
    """
    with transaction.atomic():
        held = _held(draft_id, revision)
        _ALONE.value()
        if digest(active_rows()) != held.base:
            raise Conflict("draft.outdated", field="draft", draft=held.pk)
        count = load_rules(held.rows)
        _close(held, RuleDraft.State.PUBLISHED, by, now)
    return count


def _found(draft_id: int) -> RuleDraft:
    found = RuleDraft.objects.select_related("started_by").filter(pk=draft_id).first()
    if found is None:
        raise NotFound("draft.unknown", field="draft", draft=draft_id)
    return found


def _held(draft_id: int, revision: int | None) -> RuleDraft:
    """The open draft, locked, as the caller last saw it."""
    held = RuleDraft.objects.select_for_update(of=("self",)).filter(pk=draft_id).first()
    if held is None:
        raise NotFound("draft.unknown", field="draft", draft=draft_id)
    if held.state != RuleDraft.State.OPEN:
        raise Conflict("draft.closed", field="draft", draft=draft_id, state=held.state)
    if revision is not None and held.revision != revision:
        raise Conflict("draft.edited", field="revision", draft=draft_id, revision=held.revision)
    return held


def _edited(held: RuleDraft, rows: list[Row], now: datetime) -> Draft:
    held.rows, held.revision, held.updated_at = rows, held.revision + 1, now
    held.save(update_fields=["rows", "revision", "updated_at"])
    return _value(held, active_rows())


def _close(held: RuleDraft, state: RuleDraft.State, by: int | None, now: datetime) -> None:
    held.state, held.closed_at, held.closed_by_id, held.updated_at = state, now, by, now
    held.save(update_fields=["state", "closed_at", "closed_by", "updated_at"])


def _refuse_twins(rows: list[Row]) -> None:
    seen: set[str] = set()
    for row in rows:
        if row["slug"] in seen:
            raise Invalid("rule.slug_taken", field="slug", value=row["slug"])
        seen.add(row["slug"])


def _value(held: RuleDraft, active: list[Row]) -> Draft:
    before = {r["slug"]: r for r in active}
    after = {r["slug"]: r for r in held.rows}
    differences = tuple(
        Difference(slug, before.get(slug), after.get(slug))
        for slug in sorted(before.keys() | after.keys())
        if before.get(slug) != after.get(slug)
    )
    return Draft(
        held.pk, held.title, held.state, held.revision, tuple(held.rows),
        held.state == RuleDraft.State.OPEN and digest(active) != held.base,
        held.started_at, held.started_by.get_full_name() if held.started_by else "", held.updated_at,
        differences,
    )  # fmt: skip
