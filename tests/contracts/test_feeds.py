"""Feeds of what is new, as readers of Atom and RSS read them."""

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone

from issues.catalogue.models import Service
from issues.teams.models import Team
from tests.factories.reports import CENTRE, issue

pytestmark = pytest.mark.django_db
ATOM, RSS = "/alertas/feed.atom", "/alertas/feed.rss"
A = "{http://www.w3.org/2005/Atom}"
POINT = "{http://www.georss.org/georss}point"


@pytest.fixture
def team():
    return Team.objects.order_by("slug")[0]


def recent(team, hours: int = 1, **fields):
    return issue(team, opened_at=timezone.now() - timedelta(hours=hours), **fields)


def entries(client: Client, query: str = "", path: str = ATOM):
    answer = client.get(f"{path}?{query}")
    assert answer.status_code == 200, answer.content
    root = ET.fromstring(answer.content)
    return root.findall(f"{A}entry") if path == ATOM else root.findall("channel/item")


def protocols(found) -> list[str]:
    return [e.find(f"{A}id").text.split(":", 2)[2].split("/")[0] for e in found]


def test_a_feed_has_what_atom_asks_for(client, team):
    row = recent(team)
    answer = client.get(ATOM)
    assert answer["Content-Type"].startswith("application/atom+xml")
    root = ET.fromstring(answer.content)
    for name in ("id", "title", "updated", "author", "link"):
        assert root.find(A + name) is not None, name
    (entry,) = root.findall(f"{A}entry")
    assert entry.find(f"{A}title").text.startswith("Novo: ")
    assert entry.find(f"{A}link").get("href").endswith(f"/chamado/{row.protocol}/")
    assert entry.find(f"{A}updated").text
    assert entry.find(f"{A}id").text.startswith("tag:")
    assert [float(n) for n in entry.find(POINT).text.split()] == pytest.approx(
        [CENTRE.lat, CENTRE.lng], abs=1e-5
    )


def test_rss_says_the_same(client, team):
    row = recent(team)
    (item,) = entries(client, path=RSS)
    assert item.find("link").text.endswith(f"/chamado/{row.protocol}/")
    assert item.find("guid").get("isPermaLink") == "false"


def test_a_closing_is_an_entry_of_its_own_and_newer(client, team):
    now = timezone.now()
    row = recent(team, 5, state="confirmed", closed_at=now - timedelta(hours=1), updated_at=now)
    found = entries(client)
    assert [e.find(f"{A}title").text.split(":")[0] for e in found] == ["Encerrado", "Novo"]
    assert protocols(found) == [row.protocol, row.protocol]
    assert len({e.find(f"{A}id").text for e in found}) == 2


def test_service_theme_neighbourhood_and_box_narrow_it(client, team):
    here = recent(team, neighbourhood="azenha")
    far = recent(team, 2, point=type(CENTRE)(CENTRE.lng + 0.05, CENTRE.lat), neighbourhood="menino-deus")
    code, theme = here.service.code, here.service.theme.slug
    assert protocols(entries(client, f"service={code}")) == [here.protocol, far.protocol]
    assert protocols(entries(client, f"theme={theme}&area=bairros:menino-deus")) == [far.protocol]
    box = f"{CENTRE.lng - 0.01},{CENTRE.lat - 0.01},{CENTRE.lng + 0.01},{CENTRE.lat + 0.01}"
    assert protocols(entries(client, f"bbox={box}")) == [here.protocol]


def test_a_service_whose_place_is_not_public_is_found_by_neighbourhood_only(client, team):
    hidden = Service.objects.filter(precision="area").first()
    facts = {"service_id": hidden.pk, "public_geom": None, "address": "Rua A, 1", "description": "Segredo"}
    row = recent(team, **facts, neighbourhood="azenha", areas={"bairros": "azenha", "municipality": "poa"})
    assert protocols(entries(client, "area=bairros:azenha")) == [row.protocol]
    (entry,) = entries(client)
    text = ET.tostring(entry, encoding="unicode")
    assert entry.find(POINT) is None
    assert "Rua A" not in text
    assert "Segredo" not in text
    box = f"{CENTRE.lng - 0.01},{CENTRE.lat - 0.01},{CENTRE.lng + 0.01},{CENTRE.lat + 0.01}"
    assert entries(client, f"bbox={box}") == []


def test_who_has_the_newest_gets_304(client, team):
    recent(team)
    first = client.get(ATOM)
    assert client.get(ATOM, headers={"If-None-Match": first["ETag"]}).status_code == 304
    recent(team, 0)
    assert client.get(ATOM, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("nada=1", 400, "nada"),
        ("service=nenhum", 422, "service"),
        ("area=bairros:nenhum", 422, "area"),
        ("bbox=1,2,3", 400, "bbox"),
        ("bbox=2,2,1,1", 422, "bbox"),
    ],
)
def test_what_cannot_be_is_refused_by_name(client, query, status, field):
    answer = client.get(f"{ATOM}?{query}")
    assert (answer.status_code, answer.json()["field"]) == (status, field)
