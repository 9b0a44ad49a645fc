"""Streets and house numbers from files, and how well the search finds them."""

import csv
import io
import json
import re
from pathlib import Path

import geopandas
import pandas
import pytest
import shapely
from django.core.management import CommandError, call_command

from layers.models import AddressPoint, LayerVersion, Street, StreetName
from layers.queries import search_address
from tests.geo.grid import Grid, point, streets_from

DATA = Path(__file__).resolve().parents[3] / "shared/data/territory/poa_enderecos_2020.csv.gz"
GRID = Grid("""
    A---------B---------C

        X---Y
""")
COLUMNS = ("numero", "logradouro", "cep", "lon", "lat")

pytestmark = pytest.mark.django_db


def run(command, *words, **options):
    out = io.StringIO()
    call_command(command, *words, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def houses(path, *rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


def at(letter):
    p = point(GRID, letter)
    return p.lng, p.lat


XY = {"x_field": "lon", "y_field": "lat", "postcode_field": "cep"}


def test_house_numbers_are_loaded_named_as_people_write_them(tmp_path):
    path = houses(
        tmp_path / "a.csv",
        (12, "AV DA TESTEMUNHA NOVA", "90010-150", *at("A")), ("14/2", "AV DA TESTEMUNHA NOVA", "", *at("B")),
    )  # fmt: skip
    said = run("load_addresses", path, publish=True, **XY)
    assert "2 linhas lidas, 0 recusadas" in said
    assert "publicada com 2" in said
    found = AddressPoint.objects.order_by("number").values_list("street_name", "number", "postcode")
    assert list(found) == [
        ("Avenida da Testemunha Nova", 12, "90010150"),
        ("Avenida da Testemunha Nova", 14, ""),
    ]
    assert StreetName.objects.filter(name="Avenida da Testemunha Nova").count() == 1
    match = search_address("testemunha nova 14")[0]
    assert (match.lng, match.lat, match.precision) == (*at("B"), "point")


def test_what_is_no_house_number_is_refused_by_row(tmp_path):
    path = houses(
        tmp_path / "a.csv",
        (12, "RUA BOA", "", *at("A")), ("S/N", "RUA BOA", "", *at("B")), (13, "", "", *at("B")),
        (15, "RUA BOA", "", "", ""),
    )  # fmt: skip
    said = run("load_addresses", path, **XY)
    assert "4 linhas lidas, 3 recusadas" in said
    for remark in ("2: RUA BOA S/N: sem número", "3: 13: sem nome de rua", "4: RUA BOA 15: não é um ponto"):
        assert remark in said
    assert LayerVersion.objects.get(layer__slug="addresses").state == "draft"


def test_a_rehearsal_stores_nothing(tmp_path):
    path = houses(tmp_path / "a.csv", (12, "RUA BOA", "", *at("A")))
    assert "nada foi gravado" in run("load_addresses", path, dry_run=True, publish=True, **XY)
    assert not AddressPoint.objects.exists()


@pytest.mark.parametrize("kind", ["geoparquet", "parquet", "gpkg"])
def test_every_format_says_the_same(tmp_path, kind):
    table = pandas.DataFrame({"numero": [12], "logradouro": ["RUA BOA"], "cep": ["90010150"]})
    lng, lat = at("A")
    frame = geopandas.GeoDataFrame(table, geometry=[shapely.Point(lng, lat)], crs=4326)
    path = tmp_path / ("a.gpkg" if kind == "gpkg" else "a.parquet")
    if kind == "gpkg":
        frame.to_file(path)
    elif kind == "geoparquet":
        frame.to_parquet(path)
    else:
        table.assign(lon=[lng], lat=[lat]).to_parquet(path)
    run("load_addresses", path, **(XY if kind == "parquet" else {"postcode_field": "cep"}))
    made = AddressPoint.objects.get()
    assert (made.street_name, made.number, made.geom.coords) == ("Rua Boa", 12, pytest.approx((lng, lat)))


def cut_parquet(folder):
    path = folder / "a.parquet"
    path.write_bytes(b"PAR1 and no more")
    return path


def plain_parquet(folder):
    path = folder / "a.parquet"
    pandas.DataFrame({"numero": [1], "logradouro": ["RUA BOA"]}).to_parquet(path)
    return path


@pytest.mark.parametrize(
    ("make", "options", "says"),
    [
        (lambda d: d / "absent.csv", XY, "não existe"),
        (
            lambda d: houses(d / "a.csv", (1, "RUA BOA", "", 0, 0)),
            {**XY, "street_field": "rua"},
            "numero, log",
        ),
        (lambda d: houses(d / "a.csv", (1, "", "", 0, 0)), XY, "nenhuma feição"),
        (cut_parquet, {}, "Não foi possível ler"),
        (plain_parquet, {}, "não tem geometria"),
        (plain_parquet, XY, "numero, logradouro"),
    ],
)
def test_a_bad_file_is_told_in_one_sentence(tmp_path, make, options, says):
    with pytest.raises(CommandError, match=says):
        run("load_addresses", make(tmp_path), **options)


def register(path, *pieces):
    features = [
        {
            "type": "Feature",
            "properties": {"CATEGORIA": "R", "NOME": name, "DE": odd[0], "ATE": odd[1]},
            "geometry": {"type": kind, "coordinates": coordinates},
        }
        for name, odd, kind, coordinates in pieces
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


FLAGS = {
    "preposition_field": "", "postcode_field": "", "odd_from_field": "DE", "odd_to_field": "ATE",
    "even_from_field": "DE", "even_to_field": "ATE",
}  # fmt: skip


def test_streets_of_any_register_are_loaded(tmp_path):
    path = register(
        tmp_path / "r.geojson",
        ("DR TESTEMUNHA", (1, 99), "LineString", [at("A"), at("B")]),
        ("DR TESTEMUNHA", (101, 199), "LineString", [at("B"), at("C")]),
        ("PONTO", (1, 9), "Point", at("X")),
    )
    said = run("load_streets", path, publish=True, **FLAGS)
    assert "3 linhas lidas, 1 recusadas" in said
    assert "3: PONTO: não é uma linha" in said
    assert set(Street.objects.filter(version__state="active").values_list("name", "odd_from", "even_to")) == {
        ("Rua Doutor Testemunha", 1, 98), ("Rua Doutor Testemunha", 101, 198),
    }  # fmt: skip
    assert search_address("testemunha 151")[0].precision == "interpolated"


def test_a_register_without_a_column_says_which(tmp_path):
    path = register(tmp_path / "r.geojson", ("BOA", (1, 9), "LineString", [at("A"), at("B")]))
    with pytest.raises(CommandError, match="SMF_I_I"):
        run("load_streets", path, preposition_field="", postcode_field="")


def test_an_evaluation_searches_what_it_holds_out_and_leaves_nothing(tmp_path):
    streets_from(GRID, {"Rua Testemunha": ("ABC", (1, 199), (2, 200))})
    (west, lat), (east, _lat) = at("A"), at("C")
    rows = [
        (n, "R TESTEMUNHA", "", west + (n - 1) / 198 * (east - west), lat - 0.0001) for n in range(1, 200, 2)
    ]
    path = houses(tmp_path / "a.csv", *rows)
    said = run("evaluate_addresses", path, hold_out=4, group_field="cep", **XY)
    streets, both = re.findall(r"todos: (\d+); erro p50 ([\d.]+) m, p90 ([\d.]+) m; só a rua 0.00", said)
    assert streets[0] == both[0]
    assert 10 < int(streets[0]) < 45
    assert float(streets[1]) < 15
    assert float(both[1]) < float(streets[1])
    assert not AddressPoint.objects.exists()
    assert not LayerVersion.objects.filter(layer__slug="evaluation").exists()


@pytest.mark.parametrize("options", [{"hold_out": 0}, {"sample": -1}])
def test_an_evaluation_of_nothing_is_refused(tmp_path, options):
    with pytest.raises(CommandError):
        run("evaluate_addresses", houses(tmp_path / "a.csv", (1, "RUA BOA", "", *at("A"))), **XY, **options)


@pytest.mark.needs_data
@pytest.mark.skipif(not DATA.is_file(), reason="the real data is not here")
def test_real_houses_are_found_within_thirty_metres_by_streets_alone(tmp_path):
    table = pandas.read_csv(DATA, dtype=str)
    path = tmp_path / "some.csv"
    table[table.logradouro.notna()].iloc[::100].to_csv(path, index=False)
    said = run("evaluate_addresses", path, hold_out=3, group_field="metodo", **XY)
    (median, _ninety, alone, missing), *_ = re.findall(
        r"todos: \d+; erro p50 ([\d.]+) m, p90 ([\d.]+) m; só a rua ([\d.]+) %; não achados ([\d.]+)", said
    )
    assert float(median) <= 30
    assert float(alone) < 5
    assert float(missing) < 1
