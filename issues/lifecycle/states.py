"""The life of a request as ONE table: from where, who, what it needs, what the clock does. Pure.

Whatever changes the state of a request goes through `find`. PostgreSQL holds the same pairs of
states (`issue_state_moves`), so that no other statement reaches a state that is not declared here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from geo_central.kernel.errors import Invalid

OPEN = ("received", "triaged", "assigned", "scheduled", "in_progress", "waiting", "reopened")
CLOSED = ("resolved", "confirmed", "rejected", "duplicate", "cancelled")
STATES = (*OPEN, *CLOSED)
WORKABLE = tuple(s for s in OPEN if s != "waiting")

BEFORE_WAITING = "before_waiting"
"""The target of whatever ends a wait: the state in which the wait began."""


class Role(StrEnum):
    """As whom somebody acts on one request."""

    CITIZEN = "citizen"
    CREW = "crew"
    LEADER = "leader"
    ATTENDANT = "attendant"
    MANAGER = "manager"
    ADMIN = "admin"
    PARTNER = "partner"
    SYSTEM = "system"


class Clock(StrEnum):
    """What an act does to the time of a request and of its open steps."""

    KEEP = "keep"
    STOP = "stop"
    RUN = "run"
    END = "end"
    RESTART = "restart"
    EXTEND = "extend"


class Need(StrEnum):
    """What an act cannot do without."""

    REASON = "reason"
    NOTE = "note"
    PROOF = "proof"
    TEAM = "team"
    ORIGINAL = "original"
    DATE = "date"
    UNTIL = "until"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Transition:
    """One act. `target` None leaves the state as it is; `tells` are kinds of outbox rows."""

    action: str
    sources: frozenset[str]
    target: str | None
    by: frozenset[Role]
    event: str
    needs: frozenset[Need] = frozenset()
    clock: Clock = Clock.KEEP
    tells: tuple[str, ...] = ()
    is_public: bool = True

    @property
    def takes_reason(self) -> bool:
        """Whether a reason of the list of this act may be given."""
        return self.action in REASON_LISTS


_TEAM = frozenset({Role.CREW, Role.LEADER, Role.MANAGER, Role.ADMIN})
_DESK = frozenset({Role.LEADER, Role.ATTENDANT, Role.MANAGER, Role.ADMIN})
_STAFF = _TEAM | _DESK
_PARTNER = frozenset({Role.PARTNER})
_CITIZEN = frozenset({Role.CITIZEN})
_SYSTEM = frozenset({Role.SYSTEM})
_ANYONE = frozenset(Role)

CITIZEN_NOTICE, TEAM_NOTICE = "citizen_notice", "team_notice"
_TELL_CITIZEN = (CITIZEN_NOTICE,)
_TELL_TEAM = (TEAM_NOTICE,)
_TELL_BOTH = (CITIZEN_NOTICE, TEAM_NOTICE)

REASON_LISTS = ("reject", "cannot_do", "extend", "cancel", "reopen")
"""Acts whose reasons are data (fixtures/reasons.csv)."""

REASON_KINDS = (*REASON_LISTS, "unproved", "rating")
"""Every list of reasons: also why a closing has no proof, and why somebody judged as they did."""


def _act(
    action: str,
    sources: Iterable[str],
    target: str | None,
    by: frozenset[Role],
    event: str,
    *needs: Need,
    clock: Clock = Clock.KEEP,
    tells: tuple[str, ...] = (),
    is_public: bool = True,
) -> Transition:
    return Transition(
        action, frozenset(sources), target, by, event, frozenset(needs), clock, tells, is_public
    )


_BEGUN = ("triaged", "assigned", "scheduled", "in_progress", "reopened")

TABLE: dict[str, Transition] = {
    t.action: t
    for t in (
        _act("triage", ("received", "reopened", "assigned"), "triaged", _STAFF, "triaged"),
        _act("assign", OPEN, "assigned", _STAFF | _SYSTEM, "reassigned", Need.TEAM, clock=Clock.RUN,
             tells=_TELL_TEAM),
        _act("schedule", WORKABLE, "scheduled", _STAFF | _PARTNER, "scheduled", Need.DATE,
             tells=_TELL_CITIZEN),
        _act("start", ("received", "triaged", "assigned", "scheduled", "reopened"), "in_progress",
             _TEAM | _PARTNER, "started"),
        _act("go", WORKABLE, None, _TEAM | _PARTNER, "on_the_way", tells=_TELL_CITIZEN),
        _act("ask", WORKABLE, "waiting", _STAFF, "waiting", Need.NOTE, clock=Clock.STOP,
             tells=_TELL_CITIZEN),
        _act("answer", ("waiting",), BEFORE_WAITING, _CITIZEN | _DESK, "answered", Need.NOTE,
             clock=Clock.RUN, tells=_TELL_TEAM),
        _act("resume", ("waiting",), BEFORE_WAITING, _STAFF | _SYSTEM, "resumed", clock=Clock.RUN),
        _act("extend", WORKABLE, None, _DESK, "extended", Need.REASON, Need.UNTIL, clock=Clock.EXTEND,
             tells=_TELL_CITIZEN),
        _act("complete", WORKABLE, "assigned", _TEAM | _SYSTEM, "step_done", Need.STEP,
             tells=_TELL_BOTH),
        _act("resolve", WORKABLE, "resolved", _TEAM | _PARTNER, "resolved", Need.PROOF, clock=Clock.END,
             tells=_TELL_CITIZEN),
        _act("cannot_do", WORKABLE, "triaged", _TEAM | _PARTNER, "not_done", Need.REASON,
             tells=_TELL_TEAM),
        _act("confirm", ("resolved",), "confirmed", _CITIZEN | _SYSTEM | {Role.ATTENDANT, Role.MANAGER},
             "confirmed"),
        _act("reopen", ("resolved", "confirmed", "rejected"), "reopened",
             _CITIZEN | _SYSTEM | _DESK | _PARTNER, "reopened", clock=Clock.RESTART, tells=_TELL_TEAM),
        _act("restore", ("duplicate", "cancelled"), "reopened", _DESK, "reopened", Need.NOTE,
             clock=Clock.RESTART, tells=_TELL_BOTH),
        _act("reject", OPEN, "rejected", _DESK, "rejected", Need.REASON, Need.NOTE, clock=Clock.END,
             tells=_TELL_CITIZEN),
        _act("duplicate", OPEN, "duplicate", _STAFF, "duplicate", Need.ORIGINAL, clock=Clock.END,
             tells=_TELL_CITIZEN),
        _act("cancel", OPEN, "cancelled", _CITIZEN | {Role.ATTENDANT, Role.MANAGER, Role.ADMIN},
             "cancelled", clock=Clock.END, tells=_TELL_TEAM),
        _act("comment", STATES, None, _ANYONE, "noted", Need.NOTE),
        _act("note", STATES, None, _STAFF, "internal_note", Need.NOTE, is_public=False),
        _act("forward", OPEN, None, _SYSTEM, "forwarded"),
        _act("parts", STATES, None, _TEAM, "parts_used", Need.NOTE, is_public=False),
    )
}  # fmt: skip


def find(action: str) -> Transition:
    """The act of that name. Raises Invalid `act.unknown`."""
    try:
        return TABLE[action]
    except KeyError:
        raise Invalid("act.unknown", field="action", value=action[:40]) from None


def allowed(state: str, role: Role) -> tuple[str, ...]:
    """What somebody in that role may do to a request in that state, in the order of the table."""
    return tuple(t.action for t in TABLE.values() if state in t.sources and role in t.by)


def after(transition: Transition, state: str, resumes_as: str) -> str:
    """The state that the act leads to from `state`; `resumes_as` is that before the wait, or empty."""
    if transition.target is None:
        return state
    if transition.target == BEFORE_WAITING:
        return resumes_as or "assigned"
    return transition.target


def is_open(state: str) -> bool:
    """Whether the public counts a request in this state as open."""
    return state in OPEN


def moves() -> frozenset[tuple[str, str]]:
    """Every change of state that some act makes: what PostgreSQL allows too."""
    found = set()
    for t in TABLE.values():
        if t.target is None:
            continue
        targets = WORKABLE if t.target == BEFORE_WAITING else (t.target,)
        found |= {(s, target) for s in t.sources for target in targets if s != target}
    return frozenset(found)
