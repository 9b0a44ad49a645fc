"""The day and the board as the server writes them: for whom, and in words where something fails."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate

from geo_central.kernel import clock
from issues.crew.models import Assignment, Crew, CrewMember
from issues.lifecycle.models import Event
from issues.teams.models import Membership, Team, User
from tests.factories.acts import person
from tests.factories.crews import crew, member
from tests.factories.reports import CENTRE, issue

pytestmark = pytest.mark.django_db

TEAM = "smsurb-conservacao-16"
BOARD, DAY = "/equipe/quadro/", "/equipe/dia/"


@pytest.fixture
def team(db):
    return Team.objects.get(slug=TEAM)


@pytest.fixture
def row(team):
    now = clock.now()
    return issue(
        team, opened_at=now, updated_at=now, due_at=now + timedelta(days=3), address="Rua da Praia, 10"
    )


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def post(client, path, **fields):
    return client.post(path, {"equipe": TEAM, **fields})


def plan(client, **fields):
    return post(client, DAY, **{"lat": CENTRE.lat, "lng": CENTRE.lng, "horas": "4", **fields})


def text(answer):
    return answer.content.decode()


# ---- the day


def test_a_crew_member_plans_the_day_from_where_they_stand(team, row):
    worker = member(team)
    client = signed_in(worker)
    answer = plan(client)
    mine = CrewMember.objects.get(user=worker).crew_id
    assert answer.status_code == 302
    assert answer.url == f"{DAY}?equipe={TEAM}&campo={mine}&horas=4"
    page = text(client.get(DAY))
    assert row.protocol in page
    assert "Rua da Praia, 10" in page
    assert "1 parada em ordem" in page
    assert "&quot;kind&quot;:&quot;stop&quot;" in page


def test_planning_again_offers_the_hours_of_the_last_plan(team, row):
    client = signed_in(member(team))
    assert '<option value="4" selected>' in text(client.get(plan(client).url))
    assert "selected>4" not in text(client.get(plan(client, horas="").url))


def test_a_day_that_was_not_planned_says_how(team, row):
    page = text(signed_in(member(team)).get(DAY))
    assert "O dia ainda não foi planejado" in page
    assert "Planejar meu dia" in page
    assert row.protocol not in page


def test_work_that_comes_asks_for_a_new_plan(team, row):
    client = signed_in(member(team))
    plan(client)
    assert "depois deste plano" not in text(client.get(DAY))
    later = clock.now() + timedelta(seconds=1)
    new = issue(team, opened_at=later, updated_at=later)
    Event.objects.create(issue=new, code="opened", at=later, recorded_at=later)
    assert "Chegou 1 chamado depois deste plano" in text(client.get(DAY))


def test_an_address_may_be_written_instead(team, row):
    client = signed_in(member(team))
    answer = plan(client, endereco="Rua Que Não Há Em Parte Alguma, 1")
    assert answer.status_code == 404
    assert "Não achamos este endereço" in text(answer)
    answer = plan(client, endereco="Avenida Ipiranga")
    assert answer.status_code in (200, 302)
    chosen = plan(client, endereco="", lugar=f"{CENTRE.lat} {CENTRE.lng}")
    assert chosen.status_code == 302


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"lat": "x"}, 400), ({"lat": "99"}, 422), ({"horas": "99"}, 422), ({"campo": "x"}, 400),
        ({"campo": "999999"}, 422), ({"lugar": "1"}, 400), ({"equipe": "nenhuma"}, 404),
        ({"equipe": "dmae-centro"}, 404), ({"endereco": "x" * 300}, 422), ({"endereco": "\0"}, 422),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_said_in_words(team, row, fields, status):
    answer = plan(signed_in(member(team)), **fields)
    assert answer.status_code == status
    assert 'role="alert"' in text(answer)
    assert not Assignment.objects.exists()


def test_the_day_of_another_crew_is_for_those_who_lead(team, row):
    lorry = crew(team, "Caminhão 1", member(team))
    theirs = f"{DAY}?equipe={TEAM}&campo={lorry.pk}"
    assert signed_in(member(team)).get(theirs).status_code == 403
    for leader in (member(team, leads=True), person("manager"), person("admin")):
        assert "Caminhão 1" in text(signed_in(leader).get(theirs))
    assert plan(signed_in(member(team)), campo=lorry.pk).status_code == 403


def test_a_manager_chooses_a_team_first(team):
    page = text(signed_in(person("manager")).get(DAY))
    assert f'<option value="{TEAM}">' in page


def test_who_works_in_no_team_has_no_day():
    assert signed_in(person("crew")).get(DAY).status_code == 200
    assert plan(signed_in(person("crew")), equipe="").status_code == 404


# ---- the board


PEOPLE = {
    "crew": (lambda t: member(t), 403),
    "leader": (lambda t: member(t, leads=True), 200),
    "leader of another": (lambda t: member(Team.objects.get(slug="dmae-centro"), leads=True), 403),
    "attendant": (lambda t: person("attendant"), 403),
    "planner": (lambda t: person("planner"), 403),
    "manager": (lambda t: person("manager"), 200),
    "admin": (lambda t: person("admin"), 200),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_who_sees_the_board_and_who_gives(team, row, who):
    make, status = PEOPLE[who]
    lorry = crew(team)
    client = signed_in(make(team))
    assert client.get(BOARD, {"equipe": TEAM}).status_code == status
    answer = post(client, BOARD, dar=row.protocol, **{f"para-{row.protocol}": f"c{lorry.pk}"})
    assert answer.status_code == (302 if status == 200 else 403)
    assert Assignment.objects.filter(issue=row).exists() == (status == 200)


def test_a_stranger_is_asked_to_sign_in():
    for path in (BOARD, DAY):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer.url.startswith("/entrar/")


def test_a_leader_gives_plans_forms_and_dissolves_without_a_script(team, row):
    worker, client = member(team), signed_in(member(team, leads=True))
    assert post(client, BOARD, acao="formar", nome="Caminhão 2").status_code == 302
    lorry = Crew.objects.get(name="Caminhão 2")
    assert post(client, BOARD, acao="pessoa", pessoa=worker.pk, campo=lorry.pk).status_code == 302
    post(client, BOARD, dar=row.protocol, **{f"para-{row.protocol}": f"c{lorry.pk}"})
    page = text(client.get(BOARD))
    assert f'<option value="c{lorry.pk}" selected>' in page
    assert post(client, BOARD, acao="planejar").status_code == 302
    assert "1 parada em ordem" in text(client.get(BOARD))
    post(client, BOARD, dar=row.protocol, **{f"para-{row.protocol}": ""})
    assert not Assignment.objects.exists()
    assert post(client, BOARD, acao="pessoa", pessoa=worker.pk, campo="").status_code == 302
    assert post(client, BOARD, acao="desfazer", campo=lorry.pk).status_code == 302
    assert not Crew.objects.get(pk=lorry.pk).is_active


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"acao": "nada"}, 404), ({"acao": ""}, 404), ({"acao": "formar", "nome": " "}, 422),
        ({"acao": "formar", "nome": "x" * 90}, 422), ({"acao": "desfazer", "campo": "7"}, 422),
        ({"acao": "pessoa", "pessoa": "x"}, 400), ({"acao": "pessoa", "pessoa": "999"}, 422),
        ({"acao": "planejar"}, 422), ({"dar": "2026-1"}, 400), ({"dar": "2026-9999999-9"}, 400),
        ({"dia": "ontem"}, 422), ({"dia": "2026-13-01"}, 422),
    ],
)  # fmt: skip
def test_what_the_board_cannot_do_is_said_in_words(team, fields, status):
    answer = post(signed_in(member(team, leads=True)), BOARD, **fields)
    assert answer.status_code == status, text(answer)
    assert 'role="alert"' in text(answer)


def test_for_another_day_the_board_schedules(team, row):
    lorry, client = crew(team), signed_in(person("manager"))
    on = (localdate(clock.now()) + timedelta(days=1)).isoformat()
    post(client, BOARD, dia=on, dar=row.protocol, **{f"para-{row.protocol}": f"c{lorry.pk}"})
    row.refresh_from_db()
    assert row.state == "scheduled"
    assert "fica agendado" in text(client.get(BOARD, {"equipe": TEAM, "dia": on}))


def test_the_board_is_read_in_a_few_statements(team, statements):
    client = signed_in(member(team, leads=True))
    for n in range(4):
        crew(team, f"Caminhão {n}")
        issue(team)
    client.get(BOARD)
    with statements() as few:
        client.get(BOARD)
    for n in range(4, 9):
        crew(team, f"Caminhão {n}")
        issue(team)
    with statements() as many:
        client.get(BOARD)
    assert len(many) == len(few)


def test_a_name_shows_nothing_but_a_name(team):
    client = signed_in(member(team, leads=True))
    post(client, BOARD, acao="formar", nome="<script>alert(1)</script>")
    assert "<script>alert(1)" not in text(client.get(BOARD))


def test_somebody_is_in_the_team_twice_over(team):
    """A leader who also goes out is shown once."""
    leader = member(team, leads=True)
    assert Membership.objects.filter(user=leader).count() == 1
    page = text(signed_in(leader).get(BOARD))
    assert page.count(f'data-target="u{leader.pk}"') == 1
    assert User.objects.filter(pk=leader.pk).exists()
