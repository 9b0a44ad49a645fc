"""The city's map changes while the city runs: nobody restarts anything."""

from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.core.management import call_command

from tests.factories.reports import body

OFFICIAL = Path(__file__).resolve().parents[3] / "shared/data/territory/poa_bairros_lc12112_16_official.zip"
# Lei 12.112/2016 made this bairro out of part of another.
HIPICA = {"lat": -30.1496, "lng": -51.1906}

pytestmark = [
    pytest.mark.needs_data,
    pytest.mark.skipif(not OFFICIAL.is_file(), reason="the official bairros are not here"),
]


def areas(city, **point):
    found = requests.get(f"{city.url}/api/v1/place", params=point).json()["areas"]
    return {a["layer"]: a["code"] for a in found}


def layer(city, slug):
    return requests.get(f"{city.url}/api/v1/layers/{slug}", params={"simplify": 100}).json()["features"]


def report(city, **changes):
    answer = requests.post(f"{city.url}/api/v1/issues", json=body(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_the_94_official_bairros_are_published_while_the_server_runs(live_city):
    before = areas(live_city, **HIPICA)
    old = {f["properties"]["code"] for f in layer(live_city, "bairros")}
    first = report(live_city, **HIPICA)

    call_command(
        "load_layer", str(OFFICIAL), "--layer", "bairros", "--name-field", "NOME", "--title-case",
        "--publish", verbosity=0,
    )  # fmt: skip
    after = areas(live_city, **HIPICA)
    published = layer(live_city, "bairros")
    assert len(published) == 94
    assert {f["properties"]["code"] for f in published} != old
    assert after["bairros"] != before["bairros"]
    assert after["bairros"] == "hipica"

    second = report(live_city, **HIPICA)
    page = requests.get(f"{live_city.url}/api/v1/issues/{second['protocol']}").json()
    assert page["neighbourhood"] == "Hípica"
    assert second["team"] == first["team"]  # the regions are still those of before

    table = settings.FIXTURES_DIR / "bairro_regions_2016.csv"
    call_command(
        "derive_layer", "regions", "--from", "bairros", "--table", str(table), "--publish", verbosity=0
    )
    third = report(live_city, **HIPICA)
    assert third["team"].startswith("SMSURB Conservação ")
    assert areas(live_city, **HIPICA)["regions"] in {
        f["properties"]["code"] for f in layer(live_city, "regions")
    }

    kept = requests.get(f"{live_city.url}/api/v1/issues/{first['protocol']}").json()
    assert kept["team_name"] == first["team"]
