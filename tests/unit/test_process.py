"""What is open after what: branches, joins, loops and ends."""

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from geo_central.kernel.errors import Conflict, Invalid
from issues.catalogue import process_files
from issues.catalogue.processes import Process, after, first


def outcome(*leads: str, name: str = "Feito") -> dict:
    return {"name": name, "next": list(leads)}


def step(code: str, share: float, joins: str = "any", **outcomes: list[str]) -> dict:
    return {
        "code": code, "name": code.title(), "kind": "execution", "team": "routed", "share": share,
        "joins": joins, "outcomes": {c: outcome(*leads) for c, leads in outcomes.items()},
    }  # fmt: skip


def process(*steps: dict, **more: object) -> Process:
    return process_files.parse({"code": "x", "name": "X", "steps": list(steps), **more}, "x.toml")


REPAIR = process(
    step("look", 0.2, ok=["pave", "clean"], no=["end:rejected"]),
    step("pave", 0.5, ok=["check"]),
    step("clean", 0.3, ok=["check"]),
    step("check", 0.3, "all", ok=["end:resolved"], sunk=["pave"]),
    reopens=["pave"],
)


def opened(of: Process, *done: str, reopened: bool = False) -> list[str]:
    pairs = [tuple(d.split(".")) for d in done]
    return [s.code for s in after(of, pairs, reopened=reopened).open]


def test_a_process_begins_with_its_first_step():
    assert [s.code for s in first(REPAIR)] == ["look"]


def test_an_outcome_may_open_several_steps_at_the_same_time():
    assert opened(REPAIR, "look.ok") == ["pave", "clean"]


def test_a_join_waits_for_every_branch_that_was_taken():
    progress = after(REPAIR, [("look", "ok"), ("clean", "ok")])
    assert [s.code for s in progress.open] == ["pave"]
    assert [s.code for s in progress.waiting] == ["check"]
    assert opened(REPAIR, "look.ok", "clean.ok", "pave.ok") == ["check"]


def test_work_that_was_not_good_enough_is_done_again_and_only_that():
    done = ["look.ok", "clean.ok", "pave.ok", "check.sunk"]
    assert opened(REPAIR, *done) == ["pave"]
    assert opened(REPAIR, *done, "pave.ok") == ["check"]


def test_a_join_does_not_wait_for_a_branch_that_was_not_taken():
    optional = process(
        step("look", 0.4, both=["a", "b"], one=["a"]),
        step("a", 0.4, ok=["end"]), step("b", 0.4, ok=["end"]),
        step("end", 0.2, "all", ok=["end:resolved"]),
    )  # fmt: skip
    assert opened(optional, "look.one", "a.ok") == ["end"]
    assert opened(optional, "look.both", "a.ok") == ["b"]


def test_of_two_joins_the_one_before_opens_first():
    nested = process(
        step("s", 0.2, ok=["a", "b"]),
        step("a", 0.2, inner=["inner"], outer=["outer"]), step("b", 0.2, inner=["inner"], outer=["outer"]),
        step("inner", 0.3, "all", ok=["outer"]), step("outer", 0.3, "all", ok=["end:resolved"]),
    )  # fmt: skip
    assert opened(nested, "s.ok", "a.outer", "b.inner") == ["inner"]
    assert opened(nested, "s.ok", "a.outer", "b.inner", "inner.ok") == ["outer"]


def test_a_rejection_ends_every_branch_at_once():
    split = process(step("s", 0.5, ok=["a", "b"]), step("a", 0.5, no=["end:rejected"]),
                    step("b", 0.5, ok=["end:resolved"]))  # fmt: skip
    progress = after(split, [("s", "ok"), ("a", "no")])
    assert (progress.open, progress.ended) == ((), "rejected")


def test_the_end_of_one_branch_is_not_the_end_of_the_others():
    split = process(step("s", 0.5, ok=["a", "b"]), step("a", 0.5, ok=["end:resolved"]),
                    step("b", 0.5, ok=["end:resolved"]))  # fmt: skip
    assert after(split, [("s", "ok"), ("a", "ok")]).ended is None
    assert after(split, [("s", "ok"), ("a", "ok"), ("b", "ok")]).ended == "resolved"


def test_a_contested_closing_begins_where_the_process_says():
    assert opened(REPAIR, reopened=True) == ["pave"]
    assert opened(REPAIR, "pave.ok", reopened=True) == ["check"]


def test_a_step_that_is_not_open_is_not_done():
    with pytest.raises(Conflict, match=r"step\.not_open"):
        after(REPAIR, [("check", "ok")])
    with pytest.raises(Conflict, match=r"step\.not_open"):
        after(REPAIR, [("look", "no"), ("look", "no")])


def test_unknown_steps_and_outcomes_are_named():
    with pytest.raises(Invalid, match=r"step\.unknown "):
        after(REPAIR, [("nowhere", "ok")])
    with pytest.raises(Invalid, match=r"step\.unknown_outcome"):
        after(REPAIR, [("look", "maybe")])


def test_what_is_stored_comes_back_as_it_was():
    stored = process_files.definition(REPAIR)
    again = process_files.restored(stored, id=7, code="x", version=3)
    assert (again.id, again.version) == (7, 3)
    assert (again.steps, again.reopens, process_files.digest(again)) == (
        REPAIR.steps, REPAIR.reopens, process_files.digest(REPAIR),
    )  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn) -> Process | None:
    """A graph that leads forward, with some steps back, if the checks let it through, shares aside."""
    size = draw(st.integers(1, 6))
    codes = [f"s{n}" for n in range(size)]
    ends = ["end:resolved", "end:resolved", "end:rejected"]
    steps = []
    for n, code in enumerate(codes):
        later = codes[n + 1 : n + 4]
        forward = draw(st.lists(st.sampled_from(later), min_size=1, max_size=2, unique=True)) if later else []
        outcomes = [forward or ["end:resolved"]]
        if draw(st.booleans()):
            outcomes.append([draw(st.sampled_from([*ends, *codes[: n + 1]]))])
        joins = draw(st.sampled_from(["any", "all", "all"]))
        steps.append(step(code, 1.0, joins, **{f"o{k}": leads for k, leads in enumerate(outcomes)}))
    row = process_files.msgspec.convert({"code": "x", "name": "X", "steps": steps}, process_files.ProcessRow)
    built = process_files.built(row)
    faults = {code for code, _ in process_files._graph_faults(built)} - {"process.shares"}
    return None if faults else built


@hypothesis(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(graphs(), st.randoms(use_true_random=False))
def test_every_process_that_passes_the_checks_ends_and_opens_nothing_twice(graph, chance):
    """A crew to which everything happens now and then. Nothing opens twice; no join waits for nobody."""
    assume(graph)
    done: list[tuple[str, str]] = []
    while not (progress := after(graph, done)).ended:
        codes = [s.code for s in progress.open]
        assert codes
        assert len(codes) == len(set(codes))
        assert not {s.code for s in progress.waiting} & set(codes)
        working = chance.choice(progress.open)
        # After a while everything goes as it should: the first outcomes all lead forward.
        outcome = chance.choice(list(working.outcomes)) if len(done) < 30 else "o0"
        done.append((working.code, outcome))
        assert len(done) < 100
    assert not progress.open
    assert not progress.waiting


@hypothesis(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(graphs())
def test_no_step_of_a_process_that_passes_the_checks_is_dead(graph):
    """Some way of working opens each step."""
    assume(graph)
    found: set[str] = set()
    seen, ahead = set(), [process_files.begin(graph)]
    while ahead:
        marking = ahead.pop()
        if marking not in seen:
            seen.add(marking)
            found |= marking.open
            ahead += [
                process_files.advance(graph, marking, c, o)
                for c in marking.open for o in graph.step(c).outcomes
            ]  # fmt: skip
    assert found == {s.code for s in graph.steps}
