"""Neighbourhoods in classes, as the public map draws them."""

import pytest

from issues.teams.models import Team
from tests.factories.reports import issue

pytestmark = pytest.mark.django_db
AREAS = "/mapa/areas/"


def file(state: str = "assigned", **counts: int) -> None:
    team = Team.objects.order_by("slug")[0]
    for code, n in counts.items():
        for _ in range(n):
            issue(team, state=state, neighbourhood=code.replace("_", "-"))


def test_every_neighbourhood_that_has_requests_has_its_number_and_its_class(client):
    file(centro_historico=9, menino_deus=4, azenha=1)
    body = client.get(AREAS).json()
    assert dict(zip(body["codes"], body["numbers"], strict=True)) == {
        "centro-historico": 9,
        "menino-deus": 4,
        "azenha": 1,
    }
    of = dict(zip(body["codes"], body["classes"], strict=True))
    assert (
        of["azenha"] < of["menino-deus"] < of["centro-historico"] == max(k["class"] for k in body["legend"])
    )
    assert client.get(body["layer"]).status_code == 200


def test_the_filters_of_the_map_hold(client):
    file(state="confirmed", azenha=2)
    file(azenha=1)
    assert client.get(f"{AREAS}?state=open").json()["numbers"] == [1]


def test_without_requests_there_are_no_classes(client):
    body = client.get(AREAS).json()
    assert (body["codes"], body["legend"]) == ([], [])


def test_a_filter_that_cannot_be_is_refused_by_name(client):
    answer = client.get(f"{AREAS}?theme=nenhum")
    assert (answer.status_code, answer.json()["field"]) == (422, "theme")
