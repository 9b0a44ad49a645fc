"""Moving a rule one place up or down in the order in which rules are tried. Pure."""

from collections.abc import Sequence

from issues.routing.matching import RuleRow

STEP = 10


def lifted(rules: Sequence[RuleRow], slug: str) -> dict[str, int]:
    """The priorities that bring a rule before its predecessor; empty for the first one.

    One other priority where that is enough; else all are counted anew in tens.
    """
    ordered = sorted(rules, key=lambda r: r.order)
    at = [r.slug for r in ordered].index(slug)
    if at == 0:
        return {}
    rule, before = ordered[at], ordered[at - 1]
    floor = ordered[at - 2].order if at > 1 else None
    for priority in (before.priority, before.priority - 1):
        key = (priority, *rule.order[1:])
        if priority >= 0 and key < before.order and (floor is None or key > floor):
            return {slug: priority}
    ordered[at - 1], ordered[at] = rule, before
    anew = {r.slug: STEP * (n + 1) for n, r in enumerate(ordered)}
    return {r.slug: anew[r.slug] for r in ordered if r.priority != anew[r.slug]}


def lowered(rules: Sequence[RuleRow], slug: str) -> dict[str, int]:
    """The priorities that bring a rule behind its successor; empty for the last one."""
    ordered = sorted(rules, key=lambda r: r.order)
    at = [r.slug for r in ordered].index(slug)
    return lifted(rules, ordered[at + 1].slug) if at + 1 < len(ordered) else {}
