"""One point, one text: what every form asks while it is filled in."""

import random
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from geo_central.kernel import clock
from geo_central.kernel.geo import LngLat
from issues.catalogue.queries import search
from layers.operations import StagedAddress, publish, stage_addresses
from layers.queries import place_at, search_address
from tests.benchmarks.conftest import Report
from tests.benchmarks.load import percentile

TEXTS = (
    "buraco na rua", "luz queimada no poste", "esgoto correndo na calçada", "falta de agua",
    "arvore caida", "lixo nao recolhido", "cachorro abandonado", "sinaleira estragada",
    "segunda via iptu", "mato alto no terreno", "barulho do vizinho", "bueiro entupido",
)  # fmt: skip
ADDRESSES = (
    "av ipiranga 1200", "rua da republica 10", "borges de medeiros 1501", "protasio alves 2500",
    "rua dos andradas", "av. assis brasil, 3000", "lima e silva 400", "osvaldo aranha 900",
    "Av. Bento Gonçalves, 4500", "ipiranga 1200 partenon", "R. Gal. Câmara 100", "Dr. Flores, 50",
    "oswaldo aranha 1000", "ipirnaga 1200", "asis brasil 2000", "protasio alvez", "nilo pecanha 2000",
    "pç xv de novembro", "24 de outubro 1000", "farrapos 1500", "cristovao colombo 545", "venancio aires",
    "joao pessoa 721", "esquina da Lima e Silva com a República", "azenha x ipiranga",
    "cruzamento da Borges com a Salgado Filho", "silva jardim esq. 24 de outubro", "90010-150", "90160091",
    "av. wenceslau escobar 2000 tristeza", "rua a restinga", "nossa senhora da gloria", "rua santa teresa",
    "vol. da patria 500", "sertorio 6000 sarandi", "carlos gomes 700", "padre cacique, 1500",
    "edgar pires de castro", "silva", "são",
)  # fmt: skip
OFFICIAL = Path(__file__).resolve().parents[3] / "shared/data/territory/poa_enderecos_2020.csv.gz"
HOUSES = """
INSERT INTO layers_addresspoint (version_id, street_name, search_name, number, postcode, geom)
SELECT %(version)s, s.name, s.search_name, n, s.postcode, ST_LineInterpolatePoint(s.geom, random())
  FROM layers_street s CROSS JOIN LATERAL generate_series(s.odd_from, s.odd_to, 10) AS n
 WHERE s.odd_to - s.odd_from < 2000 LIMIT 150000
"""


def _times(calls: list[Callable[[], object]]) -> list[float]:
    times = []
    for call in calls:
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    return times


def _empty_query() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchall()


@pytest.mark.django_db
def test_place_at(report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(geom), ST_Y(geom) FROM issues_issue WHERE geom IS NOT NULL"
            " ORDER BY md5(id::text) LIMIT 1000"
        )
        points = [LngLat(x, y) for x, y in cursor.fetchall()]
    _times([lambda p=p: place_at(p) for p in points[:100]])
    times = _times([lambda p=p: place_at(p) for p in points])
    floor = _times([_empty_query] * 500)
    report("place_at", percentile(times, 0.95), "ms", target=1.5, floor=percentile(floor, 0.95))


@pytest.fixture
def houses(db: None) -> None:
    """150 thousand house numbers: the city's own where the file is here, else some of every street."""
    if OFFICIAL.is_file():
        call_command(
            "load_addresses", str(OFFICIAL), "--x-field", "lon", "--y-field", "lat",
            "--postcode-field", "cep", "--publish", stdout=StringIO(),
        )  # fmt: skip
        return
    now = clock.now()
    first = [StagedAddress("Rua Um", "um", 1, "", *settings.CITY.centre)]
    version = stage_addresses(slug="addresses", title="", source="benchmark", addresses=first, now=now)
    with connection.cursor() as cursor:
        cursor.execute(HOUSES, {"version": version.pk})
        cursor.execute("ANALYZE layers_addresspoint")
    publish(version.pk, now)


@pytest.mark.django_db
def test_services_search(report: Report) -> None:
    _measure("services.search", search, TEXTS, 10, report)


@pytest.mark.django_db
def test_address_search(houses: None, report: Report) -> None:
    _measure("address.search", search_address, ADDRESSES, 15, report)


def _measure(
    name: str, ask: Callable[[str], object], texts: tuple[str, ...], target: int, report: Report
) -> None:
    """Every text as often as the others, in a random order."""
    asked = [t for t in texts for _ in range(-(-400 // len(texts)))]
    random.Random(5).shuffle(asked)
    _times([lambda t=t: ask(t) for t in texts])
    times = _times([lambda t=t: ask(t) for t in asked])
    floor = _times([_empty_query] * 500)
    report(name, percentile(times, 0.95), "ms", target=target, floor=percentile(floor, 0.95))
