"""OGC API - Features as QGIS, GDAL and notebooks read it: documents, pages, filters, refusals."""

import json
from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.utils import timezone

from issues.catalogue.models import Service
from issues.lifecycle.models import Issue
from issues.teams.models import Team
from maps.opendata.ogc.crs import CRS84
from tests.factories.reports import CENTRE, issue

EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"
pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return Team.objects.order_by("slug")[0]


def read(client: Client, path: str = "", **params):
    answer = client.get(f"/ogc/{path}", params)
    return answer, json.loads(answer.content)


def items(client: Client, slug: str = "issues", **params):
    answer, body = read(client, f"collections/{slug}/items", **params)
    assert answer.status_code == 200, body
    return body


def protocols(body) -> list[str]:
    return [f["id"] for f in body["features"]]


def several(team, n: int = 5) -> list[Issue]:
    now = timezone.now()
    return [issue(team, opened_at=now - timedelta(days=i, hours=1)) for i in range(n)]


# ---- documents


def test_the_landing_page_leads_to_everything_and_every_link_answers(client):
    _, body = read(client)
    rels = {link["rel"] for link in body["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= rels
    for link in body["links"]:
        answer = client.get("/" + link["href"].split("/", 3)[3])
        assert answer.status_code == 200
        assert answer["Content-Type"].split(";")[0] == link["type"].split(";")[0]


def test_the_classes_of_parts_one_and_two_are_declared(client):
    _, body = read(client, "conformance")
    assert {"ogcapi-features-1/1.0/conf/core", "ogcapi-features-2/1.0/conf/crs"} <= {
        uri.removeprefix("http://www.opengis.net/spec/") for uri in body["conformsTo"]
    }


def test_every_collection_answers_with_its_documents_and_its_items(client, team):
    several(team, 2)
    _, body = read(client, "collections")
    ids = [c["id"] for c in body["collections"]]
    assert ids[0] == "issues"
    assert {"areas-bairros", "areas-regions", "services", "ratings", "hotspots"} <= set(ids)
    for one in body["collections"]:
        assert CRS84 in one["crs"]
        for link in one["links"]:
            assert client.get("/" + link["href"].split("/", 3)[3]).status_code == 200


def test_the_schema_names_the_columns_in_the_readers_language(client):
    _, body = read(client, "collections/issues/schema")
    assert body["properties"]["protocol"]["title"] == "Protocolo"
    assert body["properties"]["protocol"]["x-ogc-role"] == "id"
    assert body["properties"]["geometry"]["format"] == "geometry-point"


# ---- items


def test_pages_follow_their_links_and_give_each_request_once(client, team):
    rows = several(team, 7)
    seen, address = [], "/ogc/collections/issues/items?limit=3"
    while address:
        body = json.loads(client.get(address).content)
        assert body["numberReturned"] == len(body["features"]) <= 3
        seen += protocols(body)
        following = [link["href"] for link in body["links"] if link["rel"] == "next"]
        address = "/" + following[0].split("/", 3)[3] if following else ""
    assert seen == [r.protocol for r in rows]


def test_a_page_that_has_everything_says_how_many_match(client, team):
    several(team, 3)
    assert items(client)["numberMatched"] == 3
    assert "numberMatched" not in items(client, limit=2)


def test_hits_are_counted_without_features(client, team):
    several(team, 3)
    body = items(client, resultType="hits", limit=1)
    assert (body["numberMatched"], body["features"]) == (3, [])


def test_a_frame_has_what_is_in_it_in_any_system(client, team):
    inside = issue(team, CENTRE)
    issue(team, type(CENTRE)(CENTRE.lng + 0.02, CENTRE.lat))
    degrees = (CENTRE.lng - 0.001, CENTRE.lat - 0.001, CENTRE.lng + 0.001, CENTRE.lat + 0.001)
    frames = {CRS84: degrees, EPSG.format(4326): (degrees[1], degrees[0], degrees[3], degrees[2])}
    for srid in (31982, 3857):
        low, high = (Point(*degrees[i : i + 2], srid=4326).transform(srid, clone=True) for i in (0, 2))
        frames[EPSG.format(srid)] = (low.x, low.y, high.x, high.y)
    for uri, frame in frames.items():
        body = items(client, **{"bbox": ",".join(map(repr, frame)), "bbox-crs": uri})
        assert protocols(body) == [inside.protocol], uri


def test_coordinates_come_in_the_system_asked_for(client, team):
    row = issue(team, CENTRE)
    for uri, place in (
        (CRS84, (CENTRE.lng, CENTRE.lat)),
        (EPSG.format(4326), (CENTRE.lat, CENTRE.lng)),
        (EPSG.format(31982), row.geom.transform(31982, clone=True).coords),
        (EPSG.format(3857), row.geom.transform(3857, clone=True).coords),
    ):
        answer, body = read(client, "collections/issues/items", crs=uri)
        assert answer["Content-Crs"] == f"<{uri}>"
        assert body["features"][0]["geometry"]["coordinates"] == pytest.approx(place, abs=0.01, rel=1e-9)


def test_a_period_takes_days_moments_and_open_ends(client, team):
    rows = several(team, 5)
    day = timezone.localtime(rows[2].opened_at).date().isoformat()
    moment = rows[2].opened_at.isoformat()
    assert protocols(items(client, datetime=day)) == [rows[2].protocol]
    assert protocols(items(client, datetime=moment)) == [rows[2].protocol]
    assert protocols(items(client, datetime=f"{moment}/..")) == [r.protocol for r in rows[:3]]
    assert protocols(items(client, datetime=f"../{moment}")) == [r.protocol for r in rows[2:]]
    assert len(protocols(items(client, datetime="../.."))) == 5


def test_columns_can_be_asked_for_by_value(client, team):
    closed = issue(team, state="confirmed", neighbourhood="centro-historico")
    other = issue(team, state="assigned", neighbourhood="menino-deus")
    assert protocols(items(client, state="confirmed")) == [closed.protocol]
    assert protocols(items(client, is_open="true")) == [other.protocol]
    assert protocols(items(client, neighbourhood="menino-deus", is_open="false")) == []


def test_a_layer_of_areas_has_its_areas_only_and_each_by_its_code(client):
    body = items(client, "areas-regions")
    assert {f["properties"]["layer"] for f in body["features"]} == {"regions"}
    one = body["features"][0]
    _, found = read(client, f"collections/areas-regions/items/{one['id']}")
    assert (found["properties"], found["geometry"]) == (one["properties"], one["geometry"])


def test_services_have_no_place_and_are_named_by_their_code(client):
    body = items(client, "services", theme=Service.objects.get(code="tapa-buracos").theme.slug, limit=10_000)
    assert "tapa-buracos" in protocols(body)
    assert {f["geometry"] for f in body["features"]} == {None}


# ---- what is public


def test_place_address_and_words_obey_the_service(client, team):
    hidden = Service.objects.filter(precision="area", moderation="pre").first()
    row = issue(
        team,
        service_id=hidden.pk,
        public_geom=None,
        address="Rua A, 1",
        description="Meu vizinho",
        is_moderated=False,
    )
    _, body = read(client, f"collections/issues/items/{row.protocol}")
    assert body["geometry"] is None
    assert (body["properties"]["address"], body["properties"]["description"]) == ("", "")
    assert str(CENTRE.lat)[:7] not in json.dumps(body)


def test_any_site_may_read_and_answers_are_kept_for_a_minute(client):
    answer, _ = read(client, "collections")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cache-Control"] == "public, max-age=60"


# ---- pages for people


@pytest.mark.parametrize(
    "path",
    ["", "collections", "collections/issues", "collections/issues/items", "collections/services/items"],
)
def test_a_browser_gets_a_page_and_f_says_otherwise(client, team, path):
    several(team, 2)
    page = client.get(f"/ogc/{path}", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page["Content-Type"].startswith("text/html")
    assert client.get(f"/ogc/{path}?f=html")["Content-Type"].startswith("text/html")
    forced = client.get(f"/ogc/{path}?f=json", headers={"Accept": "text/html"})
    assert "json" in forced["Content-Type"]


# ---- what is refused


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("nada=1", "nada"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=²", "limit"),
        ("limit=1&limit=2", "limit"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=a,b,c,d", "bbox"),
        ("bbox=nan,0,1,1", "bbox"),
        ("bbox=2,0,1,1", "bbox"),
        ("bbox=1e300,0,1e301,1", "bbox"),
        (f"bbox=1e9,1e9,1e9,1e9&bbox-crs={EPSG.format(31982)}", "bbox"),
        ("crs=EPSG:4326", "crs"),
        ("bbox-crs=nada", "bbox-crs"),
        ("datetime=ontem", "datetime"),
        ("datetime=2026-02-30", "datetime"),
        ("datetime=0001-01-01/9999-12-31", "datetime"),
        ("datetime=2026-02-02/2026-01-01", "datetime"),
        ("datetime=2026-02-02T10:00:00", "datetime"),
        ("datetime=2026-01-01/2026-01-02/2026-01-03", "datetime"),
        ("cursor=nada", "cursor"),
        ("cursor=-.5", "cursor"),
        ("cursor=999999999999999999.1", "cursor"),
        ("resultType=all", "resultType"),
        ("is_open=talvez", "is_open"),
        ("service=%00", "service"),
        ("f=xml", "f"),
    ],
)
def test_what_cannot_be_read_is_a_400_that_names_it(client, query, field):
    answer = client.get(f"/ogc/collections/issues/items?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["field"] == field


@pytest.mark.parametrize(
    "path",
    [
        "collections/nada",
        "collections/nada/items",
        "collections/nada/schema",
        "collections/areas-nada",
        "collections/issues/items/nada",
        "collections/issues/items/%00",
        "collections/hotspots/items/nada",
        "collections/ratings/items/999999999",
        "collections/ratings/items/9999999999999999999999",
        "collections/areas-bairros/items/regiao-01",
    ],
)
def test_what_does_not_exist_is_a_404_in_json(client, path):
    answer, body = read(client, path)
    assert answer.status_code == 404
    assert body["code"] in {"collection.unknown", "feature.unknown"}


def test_a_limit_beyond_the_most_is_the_most(client):
    assert client.get("/ogc/collections/services/items?limit=999999").status_code == 200


def test_a_person_who_asks_wrongly_gets_a_page(client):
    answer = client.get("/ogc/collections/nada", headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (404, "text/html")
