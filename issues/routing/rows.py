"""Rules as people write them: codes and slugs instead of ids. One row is one line of `rules.csv`."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max, Model

from geo_central.kernel.clock import city_zone
from geo_central.kernel.errors import Invalid, Malformed
from issues.catalogue.models import Service, Theme
from issues.teams.models import Department, Team

from .matching import RuleRow
from .models import Rule

Row = dict[str, Any]

REFERENCES: dict[str, tuple[type[Model], str]] = {
    "service": (Service, "code"),
    "theme": (Theme, "slug"),
    "department": (Department, "code"),
    "team": (Team, "slug"),
    "team_department": (Department, "code"),
}
COLUMNS = (
    "slug", "note", "priority", "service", "theme", "department", "where", "where_layer", "where_codes",
    "distance_m", "team", "team_of_layer", "team_department", "valid_from", "valid_until",
)  # fmt: skip
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_WHOLE = re.compile(r"\d{1,9}")
_LIMITS = {"slug": 100, "note": 300, "where_layer": 50, "team_of_layer": 50}


def active_rows() -> list[Row]:
    """Every active rule as a row, in the order of priority and age."""
    rules = Rule.objects.filter(is_active=True).order_by("priority", "id")
    names = {name: f"{name}__{key}" for name, (_model, key) in REFERENCES.items()}
    plain = [c for c in COLUMNS if c not in names]
    return [
        {c: _plain(rule[names.get(c, c)]) for c in COLUMNS} for rule in rules.values(*plain, *names.values())
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(city_zone()).isoformat()
    return "" if value is None else value


def digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """The same for the same set of rules, in whatever order they are listed."""
    plain = sorted(([row[c] for c in COLUMNS] for row in rows), key=lambda values: str(values[0]))
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()


def moment(text: str | datetime | None, *, field: str = "valid_from") -> datetime | None:
    """A moment from ISO 8601; a day is its midnight, and without an offset the city's clock is meant.

    None for nothing. Raises Malformed `field.not_a_date`.
    """
    if not text:
        return None
    try:
        found = text if isinstance(text, datetime) else datetime.fromisoformat(text.strip())
    except ValueError:
        raise Malformed("field.not_a_date", field=field) from None
    return found if found.tzinfo else found.replace(tzinfo=city_zone())


def parse_row(given: Mapping[str, Any]) -> Row:
    """A complete row from what somebody wrote: texts, numbers, lists; `where_codes` may be parted by `;`.

    Columns left out are empty, `where` is `anywhere` and `priority` 100. Raises Malformed or Invalid
    whose field is the column: `field.required`, `field.too_long`, `field.not_a_choice`,
    `field.not_a_number`, `field.out_of_range`, `field.not_a_date`, `rule.bad_slug`,
    `rule.unknown_code`, `rule.about_one_thing`, `rule.place_incomplete`, `rule.one_team`, `rule.backwards`.
    """
    row: Row = {c: _text(given, c) for c in COLUMNS if c not in {"where_codes", "priority", "distance_m"}}
    row["where"] = row["where"] or Rule.Where.ANYWHERE.value
    row["priority"] = _number(given.get("priority", 100), "priority", 0, 32_767, empty=100)
    row["distance_m"] = _number(given.get("distance_m", ""), "distance_m", 1, 100_000, empty="")
    codes = given.get("where_codes") or []
    codes = codes.split(";") if isinstance(codes, str) else codes
    row["where_codes"] = sorted({str(c).strip() for c in codes} - {""})
    if any(len(code) > 80 for code in row["where_codes"]):
        raise Invalid("field.too_long", field="where_codes", limit=80)
    if not row["slug"]:
        raise Malformed("field.required", field="slug")
    if not _SLUG.fullmatch(row["slug"]):
        raise Invalid("rule.bad_slug", field="slug")
    for name, (model, key) in REFERENCES.items():
        if row[name] and not model._default_manager.filter(**{key: row[name]}).exists():
            raise Invalid("rule.unknown_code", field=name, value=row[name])
    _check_whole(row)
    return {c: row[c] for c in COLUMNS}


def _check_whole(row: Row) -> None:
    """The same demands as the constraints of the table, told column by column."""
    if sum(bool(row[name]) for name in ("service", "theme", "department")) != 1:
        raise Invalid("rule.about_one_thing", field="service")
    if row["where"] not in Rule.Where.values:
        raise Invalid("field.not_a_choice", field="where", value=row["where"])
    near, anywhere = row["where"] == Rule.Where.NEAR_ASSET, row["where"] == Rule.Where.ANYWHERE
    if bool(row["where_layer"]) == anywhere or (anywhere and row["where_codes"]):
        raise Invalid("rule.place_incomplete", field="where_layer")
    if (row["distance_m"] != "") != near:
        raise Invalid("rule.place_incomplete", field="distance_m")
    if bool(row["team"]) == bool(row["team_of_layer"]):
        raise Invalid("rule.one_team", field="team")
    if row["team_department"] and not row["team_of_layer"]:
        raise Invalid("rule.one_team", field="team_department")
    begins, ends = (moment(row[c], field=c) for c in ("valid_from", "valid_until"))
    if begins and ends and begins >= ends:
        raise Invalid("rule.backwards", field="valid_until")
    row["valid_from"], row["valid_until"] = _plain(begins), _plain(ends)


def _text(given: Mapping[str, Any], column: str) -> str:
    value = given.get(column)
    text = "" if value is None else value.isoformat() if isinstance(value, datetime) else str(value).strip()
    limit = _LIMITS.get(column, 100)
    if len(text) > limit:
        raise Invalid("field.too_long", field=column, limit=limit)
    if "\x00" in text:
        raise Malformed("field.bad_text", field=column)
    return text


def _number(value: Any, column: str, low: int, high: int, *, empty: Any) -> Any:
    if value is None or value == "":
        return empty
    if not _WHOLE.fullmatch(str(value).strip()):
        raise Malformed("field.not_a_number", field=column)
    number = int(str(value).strip())
    if not low <= number <= high:
        raise Invalid("field.out_of_range", field=column, low=low, high=high)
    return number


def rule_rows(rows: Sequence[Mapping[str, Any]]) -> list[RuleRow]:
    """Rows as the matcher reads them.

    A rule that was ever there has its own id; a new one the id that it would get, above every other,
    because age breaks ties. Raises Invalid `rule.unknown_code` whose field is the rule's slug.
    """
    ids = dict(Rule.objects.order_by("pk").values_list("slug", "pk"))
    newest = Rule.objects.aggregate(newest=Max("pk"))["newest"] or 0
    known = {
        name: dict(model._default_manager.order_by("pk").values_list(key, "pk"))
        for name, (model, key) in REFERENCES.items()
    }
    made = []
    for row in rows:
        if row["slug"] not in ids:
            newest += 1
            ids[row["slug"]] = newest
        of: dict[str, int | None] = {}
        for name, by_code in known.items():
            if row[name] and row[name] not in by_code:
                raise Invalid("rule.unknown_code", field=row["slug"], value=row[name])
            of[f"{name}_id"] = by_code[row[name]] if row[name] else None
        made.append(
            RuleRow(
                id=ids[row["slug"]],
                slug=row["slug"],
                priority=row["priority"],
                where=row["where"],
                where_layer=row["where_layer"],
                where_codes=frozenset(row["where_codes"]),
                distance_m=row["distance_m"] or None,
                team_of_layer=row["team_of_layer"],
                valid_from=moment(row["valid_from"]),
                valid_until=moment(row["valid_until"]),
                **of,
            )
        )
    return made


def read_csv(text: str) -> list[Row]:
    """The rows of a `rules.csv`. Raises as `parse_row`, and Malformed `rule.bad_table`."""
    reader = csv.DictReader(io.StringIO(text))
    missing = {"slug", "priority", "where", "team"} - set(reader.fieldnames or ())
    if missing:
        raise Malformed("rule.bad_table", field=min(missing))
    return [parse_row(line) for line in reader]


def write_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as a `rules.csv`, which `load_city` reads."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "where_codes": ";".join(row["where_codes"])} for row in rows)
    return out.getvalue()
