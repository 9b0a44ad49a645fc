"""A request goes through the steps of its process, from one department to another and back."""

import uuid
from datetime import timedelta

import pytest

from geo_central.kernel.errors import Conflict, Invalid, NotFound
from issues.catalogue.models import Process, ProcessVersion, Service
from issues.intake.operations import report
from issues.lifecycle.models import ClockRun, Event, Issue, IssueStep, Resolution
from issues.lifecycle.queries import public_timeline, timeline
from tests.factories.acts import CITIZEN, HOUR, do, manager, proved, staff, team
from tests.factories.reports import NOON, draft

pytestmark = pytest.mark.django_db


def outcome(code, *then):
    return {"code": code, "name": code.title(), "next": list(then)}


@pytest.fixture
def issue():
    """A pothole, whose process of the demo city inspects, mends the pipe (DMAE), paves and checks."""
    issue = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    assert issue.process_version_id
    return issue


def steps(issue):
    return list(IssueStep.objects.filter(issue=issue).order_by("id").values_list("code", "state"))


def end(issue, step, outcome, at=NOON + HOUR, **more):
    issue.refresh_from_db()
    return do(issue, "complete", manager(), at, step=step, outcome=outcome, **more)


def clocks(issue):
    running = ClockRun.objects.filter(issue=issue, stopped_at=None).order_by("step__id")
    codes = [run.step.code if run.step else None for run in running.select_related("step")]
    return sorted(codes, key=lambda code: code is not None)


def test_a_request_begins_with_the_first_step_of_its_process(issue):
    step = IssueStep.objects.get(issue=issue)
    assert (step.code, step.team_id) == ("vistoria", issue.team_id)
    assert NOON < step.due_at < issue.due_at
    assert clocks(issue) == [None, "vistoria"]


def test_it_passes_to_another_department_and_back(issue):
    home = issue.team_id
    passed = end(issue, "vistoria", "rede-rompida")
    issue.refresh_from_db()
    assert (passed.state, issue.department.code) == ("assigned", "dmae")
    assert clocks(issue) == [None, "rede"]
    end(issue, "rede", "consertada")
    issue.refresh_from_db()
    assert issue.team_id == home
    assert steps(issue) == [("vistoria", "done"), ("rede", "done"), ("pavimentacao", "open")]


def test_it_is_resolved_when_its_process_ends_and_that_needs_proof(issue):
    end(issue, "vistoria", "so-pavimento")
    end(issue, "pavimentacao", "feito")
    with pytest.raises(Invalid, match="proof"):
        end(issue, "conferencia", "aprovado")
    done = end(issue, "conferencia", "aprovado", proof=proved())
    assert (done.state, done.is_open) == ("resolved", False)
    assert clocks(issue) == []
    assert Resolution.objects.filter(issue=issue).count() == 1
    assert Event.objects.get(pk=done.event_id).data["step"] == "conferencia"


def test_a_step_may_end_a_request_without_service(issue):
    done = end(issue, "vistoria", "nao-procede")
    assert done.state == "rejected"
    assert Event.objects.get(pk=done.event_id).data["reason_text"].startswith("Não há buraco")
    assert clocks(issue) == []


def test_work_comes_back_to_a_step(issue):
    end(issue, "vistoria", "so-pavimento")
    end(issue, "pavimentacao", "cedeu")
    assert steps(issue)[-1] == ("vistoria", "open")


def test_a_contested_request_begins_again_where_the_process_says(issue):
    do(issue, "resolve", manager(), proof=proved())
    assert steps(issue) == [("vistoria", "skipped")]
    do(issue, "reopen", CITIZEN, NOON + timedelta(days=1), reason="came_back")
    assert steps(issue) == [("vistoria", "skipped"), ("vistoria", "open")]
    assert clocks(issue) == [None, "vistoria"]
    end(issue, "vistoria", "so-pavimento", NOON + timedelta(days=2))
    assert steps(issue)[-1] == ("pavimentacao", "open")


def test_all_clocks_stop_while_the_citizen_is_asked(issue):
    before = IssueStep.objects.get(issue=issue).due_at
    do(issue, "ask", manager(), note="Onde?")
    assert clocks(issue) == []
    do(issue, "answer", CITIZEN, NOON + timedelta(days=1, hours=1), note="Ali.")
    assert clocks(issue) == [None, "vistoria"]
    assert IssueStep.objects.get(issue=issue).due_at == before + timedelta(days=1)


def test_only_the_team_whose_turn_it_is_ends_a_step(issue):
    do_it = {"step": "rede", "outcome": "consertada"}
    smsurb = staff(of=issue.team)
    end(issue, "vistoria", "rede-rompida")
    with pytest.raises(NotFound):
        do(issue, "complete", smsurb, **do_it)
    issue.refresh_from_db()
    do(issue, "complete", staff(of=issue.team), **do_it)


@pytest.mark.parametrize(
    ("step", "outcome", "error"),
    [("pavimentacao", "feito", Conflict), ("nowhere", "feito", Invalid), ("vistoria", "magic", Invalid)],
)
def test_what_is_no_open_step_or_no_outcome_is_refused(issue, step, outcome, error):
    with pytest.raises(error, match="step"):
        end(issue, step, outcome)


def test_a_person_gives_an_open_step_to_another_team(issue):
    do(issue, "assign", manager(), team="smsurb-triagem")
    assert IssueStep.objects.get(issue=issue).team == team("smsurb-triagem")


def test_the_same_end_twice_is_one(issue):
    me = uuid.uuid4()
    first = end(issue, "vistoria", "so-pavimento", client_id=me)
    again = end(issue, "vistoria", "so-pavimento", client_id=me)
    assert (again.event_id, again.created) == (first.event_id, False)


def test_a_citizen_sees_one_request_with_its_steps(issue):
    end(issue, "vistoria", "rede-rompida", note="Vala aberta")
    mine, public = timeline(issue.token), public_timeline(issue.protocol)
    assert [(s.code, s.state) for s in mine.steps] == [("vistoria", "done"), ("rede", "open")]
    assert mine.steps[1].department_name == "DMAE"
    assert mine.events[-1].code == "step_done"
    assert (mine.events[-1].note, public.events[-1].note) == ("Vala aberta", "")
    assert (mine.is_reporter, public.is_reporter) == (True, False)


@pytest.fixture
def side_by_side():
    """A process whose two repairs are made at the same time, and checked when both are done."""
    process = Process.objects.create(code="lado-a-lado", name="Lado a lado")
    steps = [
        {"code": "a", "name": "A", "kind": "execution", "team": "routed", "share": 0.5,
         "joins": "any", "hint": "", "outcomes": [outcome("ok", "fim")]},
        {"code": "b", "name": "B", "kind": "execution", "team": "department:dmae", "share": 0.5,
         "joins": "any", "hint": "", "outcomes": [outcome("ok", "fim")]},
        {"code": "fim", "name": "Fim", "kind": "verification", "team": "triage", "share": 0.2,
         "joins": "all", "hint": "", "outcomes": [outcome("ok", "end:resolved")]},
    ]  # fmt: skip
    definition = {"name": "Lado a lado", "summary": "", "starts": ["a", "b"], "reopens": [], "steps": steps}
    process.current = ProcessVersion.objects.create(
        process=process, number=1, digest="x" * 64, definition=definition, published_at=NOON
    )
    process.save()
    Service.objects.filter(code="tapa-buracos").update(process=process)


def test_steps_side_by_side_are_both_waited_for(side_by_side):
    issue = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    assert clocks(issue) == [None, "a", "b"]
    home = issue.team_id
    assert end(issue, "b", "ok").state == "assigned"
    issue.refresh_from_db()
    assert issue.team_id == home
    end(issue, "a", "ok")
    issue.refresh_from_db()
    assert (issue.team.slug, clocks(issue)) == ("smsurb-triagem", [None, "fim"])
    assert end(issue, "fim", "ok", proof=proved()).state == "resolved"


def crew_of(issue):
    issue.refresh_from_db()
    return staff(of=issue.team)


def test_a_crew_does_not_close_what_has_steps_left_and_is_told_which(issue):
    with pytest.raises(Conflict) as refused:
        do(issue, "resolve", crew_of(issue), proof=proved())
    assert (refused.value.code, refused.value.data["steps"]) == ("step.left", ["vistoria"])
    issue.refresh_from_db()
    assert issue.is_open
    assert steps(issue) == [("vistoria", "open")]


def test_a_crew_at_the_last_step_ends_it_by_resolving(issue):
    end(issue, "vistoria", "so-pavimento")
    end(issue, "pavimentacao", "feito")
    me = uuid.uuid4()
    crew = crew_of(issue)
    done = do(issue, "resolve", crew, proof=proved(), client_id=me)
    assert done.state == "resolved"
    assert steps(issue)[-1] == ("conferencia", "done")
    assert IssueStep.objects.filter(issue=issue).latest("id").outcome == "aprovado"
    data = Event.objects.get(pk=done.event_id).data
    assert (data["step"], data["outcome"], "skipped" in data) == ("conferencia", "aprovado", False)
    assert clocks(issue) == []
    assert do(issue, "resolve", crew, proof=proved(), client_id=me).event_id == done.event_id


def test_a_leader_may_leave_steps_out_and_it_is_written_down(issue):
    issue.refresh_from_db()
    done = do(issue, "resolve", staff(of=issue.team, leads=True), proof=proved())
    assert Event.objects.get(pk=done.event_id).data["skipped"] == ["vistoria"]


def test_one_of_two_crews_at_work_does_not_close_for_both(side_by_side):
    issue = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    with pytest.raises(Conflict, match=r"step\.left"):
        do(issue, "resolve", crew_of(issue), proof=proved())


@pytest.fixture
def again_and_again():
    """A process whose only step may lead to itself."""
    process = Process.objects.create(code="em-volta", name="Em volta")
    step = {
        "code": "a", "name": "A", "kind": "execution", "team": "routed", "share": 0.5, "joins": "any",
        "hint": "", "outcomes": [outcome("mais", "a"), outcome("ok", "end:resolved")],
    }  # fmt: skip
    definition = {"name": "Em volta", "summary": "", "starts": ["a"], "reopens": [], "steps": [step]}
    process.current = ProcessVersion.objects.create(
        process=process, number=1, digest="y" * 64, definition=definition, published_at=NOON
    )
    process.save()
    Service.objects.filter(code="tapa-buracos").update(process=process)


def test_a_step_may_lead_straight_to_itself(again_and_again):
    issue = Issue.objects.get(protocol=report(draft=draft(), now=NOON).protocol)
    end(issue, "a", "mais")
    end(issue, "a", "mais", NOON + 2 * HOUR)
    assert steps(issue) == [("a", "done"), ("a", "done"), ("a", "open")]
    assert clocks(issue) == [None, "a"]


def test_an_extension_gives_the_steps_that_are_open_more_time_too(issue):
    before = IssueStep.objects.get(issue=issue)
    was = ClockRun.objects.get(step=before)
    issue.refresh_from_db()
    do(issue, "extend", manager(), reason="weather", until=issue.due_at + timedelta(days=3))
    after, now = IssueStep.objects.get(issue=issue), ClockRun.objects.get(step=before)
    assert after.due_at == now.due_at > was.due_at == before.due_at
    assert now.warn_at > was.warn_at
    assert after.due_at <= Issue.objects.get(pk=issue.pk).due_at
    assert clocks(issue) == [None, "vistoria"]
