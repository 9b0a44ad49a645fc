"""Whatever people do to requests, in whatever order: nothing is lost and no clock runs twice.

Two requests of one service are acted on at random by everybody who may and may not; timers run in
between. After each act the database is looked at whole.
"""

import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from geo_central.kernel.errors import DomainError
from issues.catalogue.queries import process_version
from issues.intake.operations import report
from issues.lifecycle.models import ClockRun, Event, Issue, IssueStep, Resolution
from issues.lifecycle.operations import CITIZEN, SYSTEM, Actor, Proof
from issues.lifecycle.states import OPEN, STATES, TABLE, Clock, moves
from issues.lifecycle.timers import confirm_unanswered, ring_alarms
from tests.factories.acts import do, person, proved, team
from tests.factories.reports import NOON, draft, service_with

pytestmark = pytest.mark.usefixtures("own_database")
LIVES, LENGTHS = 6, (20, 40)
DAYS = timedelta(days=1)
PASSES = [timedelta(0), timedelta(minutes=1), timedelta(hours=3), DAYS, 5 * DAYS, 40 * DAYS]
SERVICES = ["tapa-buracos", "hours", "calendar_days"]
WHO = ["crew", "leader", "attendant", "manager", "admin", "citizen", "system", "stranger", "planner"]
REASONS = {
    "reject": "not_found", "cannot_do": "weather", "extend": "weather", "cancel": "mistake",
    "reopen": "not_done",
}  # fmt: skip
NOTED = ("ask", "answer", "restore", "comment", "note", "parts", "reject")


@dataclass
class Seen:
    """The whole of a request as the database has it."""

    row: Issue
    events: dict[int, tuple]
    runs: list[ClockRun] = field(repr=False)
    steps: list[IssueStep] = field(repr=False)


def look(issue):
    events = Event.objects.filter(issue=issue).order_by("id")
    return Seen(
        Issue.objects.get(pk=issue.pk),
        {e.pk: (e.code, e.at, e.data, e.note, e.by, e.client_id) for e in events},
        list(ClockRun.objects.filter(issue=issue).order_by("id")),
        list(IssueStep.objects.filter(issue=issue).order_by("id")),
    )


# ---- what is true of a request at any moment


def check_whole(seen):
    """All that must hold, whatever has happened."""
    row = seen.row
    assert row.state in STATES
    assert (row.closed_at is None) == row.is_open == (row.state in OPEN)
    assert (row.resumes_as != "") == (row.state == "waiting")
    assert (row.duplicate_of_id is not None) == (row.state == "duplicate")
    assert row.followers == Issue.objects.filter(duplicate_of=row).count()
    assert all(s.away == (s.team_id != row.team_id) for s in seen.steps if s.state == "open")
    check_clocks(seen)
    check_events(seen)


def check_clocks(seen):
    """One clock runs for what is worked on, none for what waits or has ended, none twice."""
    runs = seen.row.state in OPEN and seen.row.state != "waiting"
    running = Counter(r.step_id for r in seen.runs if r.stopped_at is None)
    open_steps = {s.pk: s for s in seen.steps if s.state == "open"}
    assert running == Counter([None, *open_steps] if runs else [])
    assert len({s.code for s in open_steps.values()}) == len(open_steps)
    if seen.row.state not in OPEN:
        assert not open_steps
    last = {r.step_id: r for r in seen.runs}
    assert last[None].due_at == seen.row.due_at
    assert all(last[pk].due_at == step.due_at for pk, step in open_steps.items())
    for run in seen.runs:
        assert run.warn_at <= run.due_at
        assert run.stopped_at is None or run.stopped_at >= run.started_at
    for one, other in pairwise(r for r in seen.runs if r.step_id is None):
        assert one.stopped_at <= other.started_at


def check_events(seen):
    """In the order of their ids as in that of their moments; each state follows from the one before."""
    moments = [at for _, at, *_ in seen.events.values()]
    assert moments == sorted(moments)
    codes = Counter(code for code, *_ in seen.events.values())
    assert Resolution.objects.filter(issue=seen.row).count() == codes["resolved"]
    told = [data["state"] for _, _, data, *_ in seen.events.values() if "state" in data]
    for before, after in pairwise(told):
        assert before == after or (before, after) in moves()
    if told:
        assert told[-1] == seen.row.state
    ids = [client_id for *_, client_id in seen.events.values() if client_id]
    assert len(set(ids)) == len(ids)


# ---- what is true of a change


def check_kept(before, after, added):
    """Nothing that was told is lost or told otherwise; exactly so many events are new."""
    assert after.events.items() >= before.events.items()
    assert len(after.events) == len(before.events) + added
    assert min(after.events.keys() - before.events.keys(), default=0) >= 0
    if before.events and len(after.events) > len(before.events):
        assert min(after.events.keys() - before.events.keys()) > max(before.events)


def check_time(before, after, action):
    """A pause never brings the end forward; only more time, or a new start, moves it at all."""
    kind = TABLE[action].clock
    was, now = before.row.due_at, after.row.due_at
    if kind is Clock.EXTEND:
        assert now > was
        assert after.row.extended_at is not None
    elif kind is Clock.RUN:
        assert now >= was
        assert now == was or before.row.state == "waiting"
    elif kind is not Clock.RESTART:
        assert now == was
    kept = {r.pk: r for r in after.runs}
    assert all(kept[r.pk].started_at == r.started_at for r in before.runs)
    assert all(kept[r.pk].stopped_at == r.stopped_at for r in before.runs if r.stopped_at)


# ---- what people may try


class World:
    """Two requests of one service, the people around them, and the time."""

    def __init__(self, random, service):
        self.random = random
        unit = service_with(target_unit=service).code if service in ("hours", "calendar_days") else service
        given = {"contact": {"name": "Ana", "phone": "51999990000"}}
        self.issues = [
            Issue.objects.get(protocol=report(draft=draft(service=unit, **given), now=NOON).protocol)
            for _ in range(2)
        ]
        self.seen = [look(i) for i in self.issues]
        self.now = NOON
        self.person = person("manager").pk
        self.sent = []

    def pick(self, *choices):
        return self.random.choice(choices)

    def turn(self):
        """Time passes; somebody tries something, or the timers run."""
        self.now += self.pick(*PASSES)
        if self.pick(*range(8)):
            self.somebody_acts(self.pick(0, 1))
        else:
            self.time_passes()

    def time_passes(self):
        for _ in range(2):  # safe to run twice
            ring_alarms(now=self.now)
            confirm_unanswered(now=self.now, after=timedelta(days=settings.CITY.confirm_days))
        for n, before in enumerate(list(self.seen)):
            after = self.look_again(n)
            new = [e for pk, e in after.events.items() if pk not in before.events]
            check_kept(before, after, len(new))
            assert {e[0] for e in new} <= {"due_soon", "overdue", "confirmed"}
            assert after.row.due_at == before.row.due_at

    def somebody_acts(self, n):
        before, other = self.seen[n], self.seen[1 - n]
        action = self.likely(before.row.state)
        by, facts = self.actor(self.able(action), before), self.facts(action, before, other)
        try:
            done = do(before.row, action, by, self.now, **facts)
        except DomainError:
            after = self.look_again(n)
            check_kept(before, after, 0)
            assert (after.row.state, after.row.updated_at) == (before.row.state, before.row.updated_at)
            return
        if action in ("duplicate", "restore"):
            self.look_again(1 - n)
        after = self.look_again(n)
        check_kept(before, after, 1)
        check_time(before, after, action)
        assert done.created
        assert done.event_id in after.events
        assert (done.state, done.due_at) == (after.row.state, after.row.due_at)
        self.sent.append((before.row, action, by, facts))

    def look_again(self, n):
        """The request as it is now, which is whole."""
        self.seen[n] = look(self.issues[n])
        check_whole(self.seen[n])
        return self.seen[n]

    def likely(self, state):
        """An act, mostly one that the table allows in that state."""
        fitting = [t.action for t in TABLE.values() if state in t.sources]
        moving = [a for a in fitting if TABLE[a].target]
        return self.pick(*(self.pick(moving, moving, moving, moving, fitting, list(TABLE)) or fitting))

    def able(self, action):
        """Somebody, mostly one who may."""
        fitting = [who for who in WHO if who in TABLE[action].by]
        return self.pick(*fitting) if self.pick(*range(6)) else self.pick(*WHO)

    def actor(self, who, seen):
        if who in ("citizen", "system"):
            return CITIZEN if who == "citizen" else SYSTEM
        if who in ("attendant", "manager", "admin", "planner"):
            return Actor("staff", self.person, who)
        teams = {seen.row.team_id, *(s.team_id for s in seen.steps if s.state == "open")}
        mine = frozenset({team("egp-triagem").pk} if who == "stranger" else teams)
        return Actor("staff", self.person, "crew", mine, mine if who == "leader" else frozenset())

    def facts(self, action, seen, other):
        """What the act needs, mostly; sometimes sent before, seen otherwise, or lacking."""
        found = {
            "client_id": uuid.uuid4(),
            "seen": self.pick(*[None, seen.row.state] * 4, "resolved"),
        }
        if self.pick(*range(10)) == 0:
            return found
        if action in REASONS:
            found["reason"] = REASONS[action]
        if action in NOTED:
            found["note"] = "Algumas palavras."
        more = {
            "assign": lambda: {"team": self.pick("smsurb-triagem", "dmae-centro", "smsurb-conservacao-16")},
            "schedule": lambda: {"on": (self.now + self.pick(*PASSES)).date()},
            "extend": lambda: {"until": max(seen.row.due_at, self.now) + self.pick(*PASSES)},
            "duplicate": lambda: {"original": other.row.protocol},
            "complete": lambda: self.ended_step(seen),
            "resolve": lambda: {"proof": self.pick(proved, lambda: Proof(without="no_camera"))()},
        }
        return found | more.get(action, dict)()

    def ended_step(self, seen):
        open_steps = sorted({s.code for s in seen.steps if s.state == "open"})
        if not open_steps:
            return {"step": "none", "outcome": "none"}
        code = self.pick(*open_steps)
        process = process_version(seen.row.process_version_id)
        return {"step": code, "outcome": self.pick(*process.step(code).outcomes), "proof": proved()}

    def everything_again(self):
        """All that was done, sent once more: it stays done once."""
        for row, action, by, facts in self.sent:
            with suppress(DomainError):  # by now it is with another team
                assert not do(row, action, by, self.now, **facts).created
        assert [look(i).events for i in self.issues] == [s.events for s in self.seen]


@pytest.mark.parametrize("service", SERVICES)
def test_no_sequence_of_acts_loses_an_event_or_runs_two_clocks(service):
    @examples(max_examples=LIVES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.randoms(use_true_random=True), st.integers(*LENGTHS))
    def any_life(random, length):
        world = World(random, service)
        for _ in range(length):
            world.turn()
        world.everything_again()

    any_life()
