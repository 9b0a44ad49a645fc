"""Where, over HTTP: answers, refusals and caching."""

import pytest

pytestmark = pytest.mark.django_db

HERE = {"lat": "-30.0346", "lng": "-51.2177"}


def test_a_place_has_areas_and_an_address(client):
    answer = client.get("/api/v1/place", HERE)
    assert answer.status_code == 200
    body = answer.json()
    assert {"bairros", "regions", "municipality"} <= {a["layer"] for a in body["areas"]}
    assert body["address"].startswith(body["street"])
    assert (body["lat"], body["lng"]) == (-30.0346, -51.2177)


@pytest.mark.parametrize(
    ("given", "status", "code", "field"),
    [
        ({}, 400, "place.missing", "lat"),
        ({"lat": "-30"}, 400, "place.missing", "lng"),
        ({"lat": "x", "lng": "1"}, 400, "place.not_a_number", "lat"),
        ({"lat": "NaN", "lng": "1"}, 400, "place.not_a_number", "lat"),
        ({"lat": "inf", "lng": "1"}, 400, "place.not_a_number", "lat"),
        ({"lat": "91", "lng": "1"}, 422, "place.out_of_range", "lat"),
        ({"lat": "0", "lng": "-181"}, 422, "place.out_of_range", "lng"),
        ({"lat": "0", "lng": "0"}, 422, "place.outside_city", "lat"),
        ({"lat": "-51.2177", "lng": "-30.0346"}, 422, "place.swapped", "lat"),
        ({"lat": "1" * 5000, "lng": "0"}, 400, "place.not_a_number", "lat"),
    ],
)
def test_a_bad_point_is_refused_by_field(client, given, status, code, field):
    answer = client.get("/api/v1/place", given)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)


def test_unknown_parameters_are_ignored(client):
    assert client.get("/api/v1/place", {**HERE, "utm_source": "x"}).status_code == 200


def test_addresses_are_ranked(client):
    results = client.get("/api/v1/addresses", {"q": "ipiranga 1200", "limit": "2"}).json()["results"]
    assert results[0]["label"] == "Avenida Ipiranga, 1200"
    assert len(results) == 2
    assert set(results[0]) == {"label", "lat", "lng", "street", "number", "postcode", "precision", "score"}


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("", 400, "q"),
        ("q=", 400, "q"),
        ("q=%00", 400, "q"),
        ("q=a%00b", 400, "q"),
        ("q=" + "a" * 201, 422, "q"),
        ("q=a&limit=x", 400, "limit"),
        ("q=a&limit=%C2%B2", 400, "limit"),
        ("q=a&limit=0", 422, "limit"),
        ("q=a&limit=21", 422, "limit"),
        ("q=a&lat=1", 400, "lng"),
        ("q=a&lat=x&lng=1", 400, "lat"),
    ],
)
def test_a_bad_search_is_refused_by_field(client, query, status, field):
    answer = client.get(f"/api/v1/addresses?{query}")
    assert (answer.status_code, answer.json().get("field")) == (status, field)


@pytest.mark.parametrize(
    "query", ["q=%ED%A0%80", "q=%FF%FE", "q=%25%27%5C", "q=%F0%9F%98%80", "q=ab&lat=90&lng=180"]
)
def test_strange_text_is_searched_like_any_other(client, query):
    assert client.get(f"/api/v1/addresses?{query}").status_code == 200


def test_published_layers_are_listed(client):
    results = client.get("/api/v1/layers").json()["results"]
    regions = next(r for r in results if r["slug"] == "regions")
    assert (regions["kind"], regions["features"]) == ("area", 17)


def test_a_layer_is_geojson_that_a_reader_may_keep(client):
    answer = client.get("/api/v1/layers/regions", {"simplify": "50"})
    assert answer["Content-Type"] == "application/geo+json"
    assert len(answer.json()["features"]) == 17
    again = client.get(
        "/api/v1/layers/regions", {"simplify": "50"}, headers={"If-None-Match": answer["ETag"]}
    )
    assert again.status_code == 304
    other = client.get("/api/v1/layers/regions", headers={"If-None-Match": answer["ETag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("accept", ["application/geo+json", "application/json", "*/*"])
def test_a_layer_that_is_not_published_is_not_found(client, accept):
    answer = client.get("/api/v1/layers/unheard-of", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(("simplify", "status"), [("x", 400), ("nan", 422), ("-1", 422), ("1e9", 422)])
def test_a_bad_simplification_is_refused(client, simplify, status):
    answer = client.get("/api/v1/layers/regions", {"simplify": simplify})
    assert (answer.status_code, answer.json()["field"]) == (status, "simplify")
