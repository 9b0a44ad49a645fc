"""The table of transitions: whole, closed, and never two clocks."""

import importlib
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_central.kernel.errors import Invalid
from issues.lifecycle.models import Issue
from issues.lifecycle.needs import Actor
from issues.lifecycle.states import (
    CLOSED,
    OPEN,
    STATES,
    TABLE,
    Clock,
    Need,
    Role,
    after,
    allowed,
    find,
    is_open,
    moves,
)

actions = st.sampled_from(sorted(TABLE))


def test_the_states_are_those_of_the_model_each_open_or_closed():
    assert set(STATES) == set(Issue.State.values)
    assert not set(OPEN) & set(CLOSED)


def test_every_act_starts_from_and_leads_to_declared_states():
    for t in TABLE.values():
        assert t.sources
        assert t.sources <= set(STATES)
        assert t.by
        for state in t.sources:
            assert after(t, state, "") in STATES


def test_every_state_is_reached_and_every_open_one_is_left():
    reached = {b for _, b in moves()} | {"received"}
    assert reached == set(STATES)
    assert {a for a, _ in moves()} >= set(OPEN)


def test_postgresql_allows_the_same_moves():
    migration = importlib.import_module("issues.migrations.0005_lifecycle")
    assert {tuple(move.split(">")) for move in migration.MOVES.split()} == moves()


def test_what_closes_ends_the_clock_and_what_opens_again_restarts_it():
    for t in TABLE.values():
        for state in t.sources:
            before, now = is_open(state), is_open(after(t, state, ""))
            if before and not now:
                assert t.clock is Clock.END, t.action
            if now and not before:
                assert t.clock is Clock.RESTART, t.action


def test_only_what_waits_for_the_citizen_stops_the_clock():
    assert [t.action for t in TABLE.values() if t.clock is Clock.STOP] == ["ask"]
    assert all("waiting" not in t.sources for t in TABLE.values() if t.clock is Clock.EXTEND)


def test_whatever_leaves_the_wait_runs_or_ends_the_clock():
    for t in TABLE.values():
        if "waiting" in t.sources and after(t, "waiting", "assigned") != "waiting":
            assert t.clock in (Clock.RUN, Clock.END), t.action


def test_closing_as_done_needs_proof_and_closing_otherwise_a_reason_or_an_original():
    assert Need.PROOF in find("resolve").needs
    assert Need.REASON in find("reject").needs
    assert Need.ORIGINAL in find("duplicate").needs


def test_a_citizen_may_answer_judge_cancel_and_comment_and_nothing_else():
    mine = {t.action for t in TABLE.values() if Role.CITIZEN in t.by}
    assert mine == {"answer", "confirm", "reopen", "cancel", "comment"}
    assert allowed("resolved", Role.CITIZEN) == ("confirm", "reopen", "comment")


def test_an_unknown_act_is_named():
    with pytest.raises(Invalid, match="unknown"):
        find("fly")


@pytest.mark.parametrize(
    ("actor", "teams", "roles"),
    [
        (Actor("staff", 1, "crew", frozenset({7})), {7}, {Role.CREW}),
        (Actor("staff", 1, "crew", frozenset({7}), frozenset({7})), {7}, {Role.CREW, Role.LEADER}),
        (Actor("staff", 1, "crew", frozenset({7}), frozenset({7})), {8}, set()),
        (Actor("staff", 1, "planner", frozenset({7})), {7}, set()),
        (Actor("staff", 1, "manager"), {7}, {Role.MANAGER}),
        (Actor("staff", 1, "attendant", frozenset({7})), {7}, {Role.ATTENDANT, Role.CREW}),
        (Actor("citizen"), {7}, {Role.CITIZEN}),
        (Actor("system"), {7}, {Role.SYSTEM}),
    ],
)
def test_as_whom_somebody_acts(actor, teams, roles):
    assert actor.roles_on(frozenset(teams)) == roles


@dataclass
class Life:
    """A request as the table alone sees it."""

    state: str = "received"
    resumes_as: str = ""
    running: int = 1
    events: list[str] = field(default_factory=lambda: ["opened"])

    def try_to(self, action: str) -> None:
        t = TABLE[action]
        if self.state not in t.sources:
            return
        to = after(t, self.state, self.resumes_as)
        if to == "waiting":
            self.resumes_as = self.resumes_as if self.state == "waiting" else self.state
        else:
            self.resumes_as = ""
        self.state = to
        self.events.append(t.event)
        if t.clock in (Clock.STOP, Clock.END):
            self.running = 0
        elif t.clock is Clock.RESTART or (t.clock is Clock.RUN and not self.running):
            self.running += 1


@given(st.lists(actions, max_size=60))
def test_no_sequence_reaches_an_undeclared_state_or_runs_two_clocks(sequence):
    life, moved = Life(), 0
    for action in sequence:
        before, count = life.state, len(life.events)
        life.try_to(action)
        moved += len(life.events) > count
        assert life.state in STATES
        assert life.state == before or (before, life.state) in moves()
        assert life.running == (is_open(life.state) and life.state != "waiting")
        assert bool(life.resumes_as) == (life.state == "waiting")
    assert len(life.events) == 1 + moved
