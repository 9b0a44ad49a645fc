"""Routing rules: writes."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from geo_central.kernel.errors import Invalid
from geo_central.kernel.sql import Query

from .models import Rule
from .rows import REFERENCES, moment

_ALONE = Query(__file__, "alone")


def load_rules(rows: Iterable[Mapping[str, Any]]) -> int:
    """Add or update rules by slug; those no longer given are switched off. How many were given.

    References are codes and slugs; an empty one is none; validity is ISO 8601 or empty. Raises Invalid
    `rule.unknown_reference` or `rule.incomplete`, whose field is the rule's slug, and Malformed
    `field.not_a_date`, likewise.
    """
    known = {
        name: dict(model._default_manager.order_by("pk").values_list(key, "pk"))
        for name, (model, key) in REFERENCES.items()
    }
    slugs = []
    with transaction.atomic():
        _ALONE.value()
        for row in rows:
            values: dict[str, Any] = {k: v for k, v in row.items() if k not in known and k != "slug"}
            for name, by_code in known.items():
                if row[name] and row[name] not in by_code:
                    raise Invalid("rule.unknown_reference", field=row["slug"], reference=row[name])
                values[f"{name}_id"] = by_code[row[name]] if row[name] else None
            values["distance_m"] = row["distance_m"] or None
            for column in ("valid_from", "valid_until"):
                values[column] = moment(row.get(column), field=row["slug"])
            try:
                with transaction.atomic():
                    Rule.objects.update_or_create(slug=row["slug"], defaults={**values, "is_active": True})
            except (IntegrityError, ValidationError) as error:
                raise Invalid("rule.incomplete", field=row["slug"], why=str(error)) from error
            slugs.append(row["slug"])
        Rule.objects.exclude(slug__in=slugs).update(is_active=False)
    return len(slugs)
