"""Managers see how work goes and what was told: processes drawn, dead letters sent again."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from geo_central.doctor import Sick, notices_go_out
from issues.catalogue.models import Process, ProcessVersion
from issues.conversations.models import Notice
from issues.conversations.queries import counts, stuck
from issues.intake.operations import report
from issues.interfaces.manager.diagram import draw
from issues.lifecycle.overview.processes import processes, versions
from issues.teams.models import User
from tests.factories.reports import NOON, draft

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def manager(client):
    user = User.objects.create_user(username="gestora-de-teste", password="x" * 12, role="manager")
    client.force_login(user)
    return user


def letter(reader, state="dead", **changes):
    given = {
        "key": uuid.uuid4(), "address": f"email:u{uuid.uuid4().hex[:8]}", "channel": "email", "user": reader,
        "created_at": NOW, "available_at": NOW, "sealed_at": NOW, "attempts": 8, "state": state,
        "settled_at": None if state == "waiting" else NOW, "failure": "550 no such mailbox", **changes,
    }  # fmt: skip
    return Notice.objects.create(**given)


@pytest.mark.parametrize("page", ["processes", "notices", "notices-preview"])
def test_every_page_opens_for_a_manager(client, manager, page):
    assert client.get(reverse(f"manager:{page}")).status_code == 200


def test_every_process_is_drawn_with_every_step_and_outcome(client, manager):
    for line in processes():
        html = client.get(reverse("manager:processes-one", args=[line.code])).content.decode()
        svg = re.search(r"<svg class=\"flow\".*?</svg>", html, re.S)[0]
        tree = ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))
        (current,) = [v for v in versions(line.code) if v.is_current]
        assert len(tree.findall(f"{SVG}g")) == len(current.process.steps)
        assert len(tree.findall(f".//{SVG}path[@class='flow-rule']")) == sum(
            len(s.outcomes) for s in current.process.steps
        )
        leads = sum(
            len({*o.next} - {"end:resolved", "end:rejected"})
            for s in current.process.steps
            for o in s.outcomes.values()
        )
        assert len(tree.findall(f"{SVG}path[@class='flow-line']")) == leads


def test_boxes_of_a_process_never_overlap():
    for line in processes():
        (current,) = [v for v in versions(line.code) if v.is_current]
        svg = str(draw(current.process, {s.code: "equipe" for s in current.process.steps}))
        found = re.findall(r'translate\((\d+) (\d+)\)"><rect class="[^"]+" width="(\d+)" height="(\d+)"', svg)
        boxes = [tuple(map(int, b)) for b in found]
        assert len(boxes) == len(current.process.steps)
        for n, (x, y, w, h) in enumerate(boxes):
            for other_x, other_y, other_w, other_h in boxes[:n]:
                apart = (
                    x + w <= other_x or other_x + other_w <= x or y + h <= other_y or other_y + other_h <= y
                )
                assert apart, (line.code, n)


def test_a_process_says_what_runs_on_which_version_and_what_changed(client, manager):
    report(draft=draft(), now=NOON)
    line = next(p for p in processes() if p.running)
    assert (line.running, line.on_current) == (1, 1)
    process = Process.objects.get(code=line.code)
    definition = {**process.current.definition}
    definition["steps"] = [
        {**s, "name": s["name"] + " de novo"} for s in definition["steps"][:1]
    ] + definition["steps"][1:]
    process.current = ProcessVersion.objects.create(
        process=process, number=2, digest="z" * 64, definition=definition, published_at=NOW
    )
    process.save()
    new, old = versions(line.code)
    assert (new.is_current, new.running, old.running) == (True, 0, 1)
    assert new.changed == (definition["steps"][0]["code"],)
    assert (new.added, new.removed) == ((), ())
    html = client.get(reverse("manager:processes-one", args=[line.code])).content.decode()
    assert "Mudaram:" in html


def test_an_unknown_process_is_not_found(client, manager):
    assert client.get(reverse("manager:processes-one", args=["nada"])).status_code == 404


def test_dead_letters_are_sent_again_or_given_up(client, manager):
    again, gone, kept = (letter(manager) for _ in range(3))
    html = client.get(reverse("manager:notices")).content.decode()
    assert "550 no such mailbox" in html
    decide = reverse("manager:notices-decide")
    client.post(decide, {"aviso": [again.pk], "decisao": "reenviar"})
    client.post(decide, {"aviso": [gone.pk, again.pk], "decisao": "desistir"})
    states = {n.pk: n.state for n in Notice.objects.all()}
    assert states == {again.pk: "waiting", gone.pk: "dropped", kept.pk: "dead"}
    again.refresh_from_db()
    assert again.attempts == 0


def test_deciding_nothing_says_so(client, manager):
    answer = client.post(reverse("manager:notices-decide"), {"decisao": "reenviar"}, follow=True)
    assert "Marque ao menos um" in answer.content.decode()


def test_dead_letters_come_page_by_page(client, manager):
    for n in range(51):
        letter(manager, failure=f"failure {n:02d}", settled_at=NOW - timedelta(minutes=n))
    first = client.get(reverse("manager:notices")).content.decode()
    cursor = re.search(r'href="\?cursor=([^"]+)"', first)[1]
    second = client.get(reverse("manager:notices"), {"cursor": cursor}).content.decode()
    assert "failure 49" in first
    assert "failure 50" not in first
    assert re.findall(r"failure (\d\d)", second) == ["50"]


def test_messages_are_counted_by_day_channel_and_state(manager):
    letter(manager)
    letter(manager, "sent")
    letter(manager, "waiting", attempts=2)
    found = {(c.channel, c.state): (c.n, c.failing) for c in counts(since=NOW - timedelta(days=1))}
    assert found == {("email", "dead"): (1, 0), ("email", "sent"): (1, 0), ("email", "waiting"): (1, 1)}


def test_a_message_that_fails_again_and_again_is_stuck_though_it_is_due_later(manager):
    letter(
        manager,
        "waiting",
        attempts=5,
        available_at=NOW + timedelta(hours=2),
        created_at=NOW - timedelta(hours=3),
    )
    assert stuck(NOW).messages == 1


def test_the_doctor_says_that_messages_wait(manager):
    notices_go_out()
    letter(manager, "waiting", available_at=NOW - timedelta(days=900), created_at=NOW - timedelta(days=900))
    with pytest.raises(Sick, match="1 messages wait"):
        notices_go_out()


@pytest.mark.parametrize("language", ["pt-br", "en", "es"])
@pytest.mark.parametrize("reader", ["cidadao", "equipe"])
def test_every_template_can_be_looked_at(client, manager, language, reader):
    page = reverse("manager:notices-preview")
    html = client.get(page, {"para": reader, "idioma": language}).content.decode()
    events = re.findall(r'<option value="([a-z_]+)"', html.split('id="event"')[1].split("</select>")[0])
    assert len(events) > 5
    for event in events:
        answer = client.get(page, {"para": reader, "idioma": language, "evento": event})
        assert answer.status_code == 200
        assert '<pre class="message">' in answer.content.decode()


def test_a_preview_of_an_unknown_request_says_so(client, manager):
    answer = client.get(reverse("manager:notices-preview"), {"protocolo": "2026-0000001-0"})
    assert answer.status_code == 404
    assert '<pre class="message">' not in answer.content.decode()
