"""Files become layers: what is read, repaired, refused, and that a failed load changes nothing."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from geo_central.kernel.geo import LngLat
from layers.models import Feature, Layer, LayerVersion
from layers.queries import areas_of, place_at, published_versions, search_address

pytestmark = pytest.mark.django_db

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "territory"
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared data is not here")

WEST, NORTH = -51.21, -30.04


def square(at=0, size=0.01):
    x, y = WEST + at * size, NORTH
    return {
        "type": "Polygon",
        "coordinates": [[[x, y], [x + size, y], [x + size, y - size], [x, y - size], [x, y]]],
    }


def bow_tie(at=0):
    x, y = WEST + at * 0.01, NORTH
    ring = [[x, y], [x + 0.01, y - 0.01], [x + 0.01, y], [x, y - 0.01], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def geojson(path, *rows):
    """A file of (name, geometry) rows."""
    features = [{"type": "Feature", "properties": {"nome": n}, "geometry": g} for n, g in rows]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def load(path, *options, layer="zones", name_field="nome"):
    out = StringIO()
    call_command(
        "load_layer", str(path), "--layer", layer, "--name-field", name_field, *options,
        stdout=out, stderr=StringIO(),
    )  # fmt: skip
    return out.getvalue()


def derive(layer, parts, *options):
    call_command("derive_layer", layer, "--from", parts, *map(str, options), stdout=StringIO())


def test_parts_of_one_name_become_one_area(tmp_path):
    path = geojson(tmp_path / "a.geojson", ("Ilhas", square(0)), ("Ilhas", square(3)), ("Sul", square(1)))
    load(path, "--publish")
    assert [(a.code, a.name) for a in areas_of("zones")] == [("ilhas", "Ilhas"), ("sul", "Sul")]
    assert Feature.objects.get(version__layer__slug="zones", code="ilhas").geom.num_geom == 2


def test_what_can_be_repaired_is_and_is_reported(tmp_path):
    said = load(geojson(tmp_path / "a.geojson", ("Laço", bow_tie())), "--publish")
    assert "1: Laço: polígono inválido, consertado" in said
    assert Feature.objects.get(version__layer__slug="zones").geom.valid


def test_what_cannot_be_used_is_refused_by_name(tmp_path):
    line = {"type": "LineString", "coordinates": [[WEST, NORTH], [WEST + 0.1, NORTH]]}
    flat = {"type": "Polygon", "coordinates": [[[WEST, NORTH], [WEST + 0.1, NORTH], [WEST, NORTH]] * 2]}
    away = {"type": "Polygon", "coordinates": [[[500, 0], [501, 0], [501, 1], [500, 0]]]}
    path = geojson(
        tmp_path / "a.geojson",
        ("Boa", square()), ("", square(1)), (None, square(2)), ("Rio", line), ("Nada", None),
        ("Longe", away), ("Chata", flat), ("x" * 201, square(4)),
    )  # fmt: skip
    said = load(path, "--publish")
    assert "8 linhas lidas, 7 recusadas" in said
    for remark in (
        "2: —: sem nome", "3: —: sem nome", "4: Rio: linha ou ponto em uma camada de áreas",
        "5: Nada: sem geometria", "6: Longe: coordenadas fora da Terra", "7: Chata: não sobra área",
        "o nome tem mais de 200",
    ):  # fmt: skip
        assert remark in said
    assert [a.name for a in areas_of("zones")] == ["Boa"]


def test_when_all_is_refused_nothing_changes(tmp_path):
    before = published_versions()
    with pytest.raises(CommandError, match="nenhuma feição aproveitável"):
        load(geojson(tmp_path / "a.geojson", ("", square())), "--publish")
    assert published_versions() == before
    assert not Layer.objects.filter(slug="zones").exists()


def test_strict_loads_all_or_nothing(tmp_path):
    path = geojson(tmp_path / "a.geojson", ("Boa", square()), ("", square(1)))
    with pytest.raises(CommandError, match="--strict"):
        load(path, "--strict", "--publish")
    assert not LayerVersion.objects.filter(layer__slug="zones").exists()


def test_a_dry_run_tells_all_and_stores_nothing(tmp_path):
    said = load(geojson(tmp_path / "a.geojson", ("Boa", square())), "--dry-run", "--publish")
    assert "nada foi gravado (1 feições lidas)" in said
    assert not Layer.objects.filter(slug="zones").exists()


def test_without_publish_a_draft_waits(tmp_path):
    said = load(geojson(tmp_path / "a.geojson", ("Boa", square())))
    assert "rascunho" in said
    assert areas_of("zones") == []


def test_the_comparison_is_printed(tmp_path):
    load(geojson(tmp_path / "a.geojson", ("Boa", square()), ("Velha", square(1))), "--publish")
    said = load(geojson(tmp_path / "b.geojson", ("Boa", square(0, 0.02)), ("Nova", square(5))))
    assert "1 a mais, 1 a menos" in said
    assert "+ Nova (nova)" in said
    assert "- Velha (velha)" in said
    assert "~ Boa" in said


@pytest.mark.parametrize(
    ("make", "options", "says"),
    [
        (lambda d: d / "absent.shp", (), "não existe"),
        (lambda d: _write(d / "x.geojson", "{"), (), "Não foi possível ler"),
        (lambda d: _write(d / "x.zip", "not a zip"), (), "Não foi possível ler"),
        (lambda d: _write(d / "x.csv", "nome,a\nB,1\n"), (), "não tem geometria"),
        (
            lambda d: geojson(d / "x.geojson", ("B", square())),
            ("--code-field", "codigo"),
            "Campos do arquivo: nome",
        ),
        (lambda d: geojson(d / "x.geojson", ("B", square())), ("--where", "!!"), "--where"),
        (lambda d: geojson(d / "x.geojson", ("B", square())), ("--crs", "EPSG:0"), "sistema de coordenadas"),
        (lambda d: _wkt_table(d / "x.csv"), (), "--crs"),
    ],
)
def test_mistakes_are_explained_without_a_traceback(tmp_path, make, options, says):
    with pytest.raises(CommandError, match=says):
        load(make(tmp_path), *options)
    assert not Layer.objects.filter(slug="zones").exists()


def _write(path, text):
    path.write_text(text, "utf-8")
    return path


def _wkt_table(path):
    return _write(path, 'nome,WKT\nB,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\n')


def test_a_table_with_coordinates_becomes_assets_near_places(tmp_path):
    table = _write(
        tmp_path / "stops.csv",
        f"id,nome,x,y\n7,Parada,{WEST},{NORTH}\n8,Parada,{WEST},{NORTH - 0.0003}\n9,Sem lugar,,\n",
    )
    options = ("--kind", "asset", "--code-field", "id", "--x-field", "x", "--y-field", "y", "--near", "50")
    said = load(table, *options, "--publish", layer="stops")
    assert "3: Sem lugar: sem geometria" in said
    near = place_at(LngLat(WEST, NORTH)).assets
    assert [(a.layer, a.code, round(a.distance_m)) for a in near] == [("stops", "7", 0), ("stops", "8", 33)]


def test_a_table_in_metres_says_so(tmp_path):
    table = _write(tmp_path / "stops.csv", "nome,x,y\nPraça,478000,6677000\n")
    load(
        table, "--kind", "asset", "--x-field", "x", "--y-field", "y", "--crs", "EPSG:31982", "--publish",
        layer="stops",
    )  # fmt: skip
    stop = Feature.objects.get(version__layer__slug="stops")
    assert (stop.geom.x, stop.geom.y) == pytest.approx((-51.2282, -30.0378), abs=1e-3)


def test_assets_of_one_name_without_a_code_are_numbered(tmp_path):
    table = _write(tmp_path / "s.csv", f"nome,x,y\nParada,{WEST},{NORTH}\nParada,{WEST},{NORTH}\n")
    load(table, "--kind", "asset", "--x-field", "x", "--y-field", "y", "--publish", layer="stops")
    assert [a.code for a in areas_of("stops")] == ["parada", "parada-2"]


def test_house_numbers_with_points_are_found_exactly(tmp_path):
    table = _write(
        tmp_path / "n.csv",
        f"rua,numero,x,y\nAV IPIRANGA,1200,{WEST},{NORTH}\nAV IPIRANGA,s/n,{WEST},{NORTH}\n",
    )
    said = load(
        table, "--kind", "address", "--number-field", "numero", "--x-field", "x", "--y-field", "y",
        "--publish", layer="addresses", name_field="rua",
    )  # fmt: skip
    assert "sem número que se possa ler" in said
    best = search_address("Av. Ipiranga, 1200")[0]
    assert best.precision == "point"
    assert (best.lng, best.lat) == pytest.approx((WEST, NORTH), abs=1e-6)


def test_regions_follow_the_bairros_by_a_table(tmp_path):
    load(
        geojson(tmp_path / "a.geojson", ("Um", square(0)), ("Dois", square(1)), ("Três", square(2))),
        "--publish",
    )
    table = _write(tmp_path / "t.csv", "name,region,region_name\nUm,a,Norte\nDOIS,a,Norte\nTres,b,Sul\n")
    call_command(
        "derive_layer", "wholes", "--from", "zones", "--table", str(table), "--publish", stdout=StringIO()
    )
    assert [(a.code, a.name) for a in areas_of("wholes")] == [("a", "Norte"), ("b", "Sul")]
    assert Feature.objects.get(version__layer__slug="wholes", code="a").geom.geom_type == "Polygon"


def test_a_table_that_forgets_a_bairro_is_refused_by_name(tmp_path):
    load(geojson(tmp_path / "a.geojson", ("Um", square(0)), ("Dois", square(1))), "--publish")
    table = _write(tmp_path / "t.csv", "name,region,region_name\nUm,a,Norte\n")
    with pytest.raises(CommandError, match="Dois"):
        derive("wholes", "zones", "--table", table)


def test_everything_can_become_one_area(tmp_path):
    load(geojson(tmp_path / "a.geojson", ("Um", square(0)), ("Dois", square(1))), "--publish")
    call_command(
        "derive_layer",
        "wholes",
        "--from",
        "zones",
        "--into",
        "city",
        "Cidade",
        "--publish",
        stdout=StringIO(),
    )
    assert [(a.code, a.name) for a in areas_of("wholes")] == [("city", "Cidade")]


def test_the_demo_territory_is_not_loaded_twice():
    before = published_versions()
    out = StringIO()
    call_command("load_demo_territory", stdout=out)
    assert "já está carregado" in out.getvalue()
    assert published_versions() == before


@needs_data
@pytest.mark.needs_data
def test_the_official_bairros_load_and_the_regions_follow():
    official = DATA / "poa_bairros_lc12112_16_official.zip"
    said = load(official, "--title-case", "--publish", layer="bairros", name_field="NOME")
    assert "128 linhas lidas, 0 recusadas" in said
    assert len(areas_of("bairros")) == 94
    assert "Coronel Aparício Borges" in {a.name for a in areas_of("bairros")}
    table = FIXTURES / "bairro_regions_2016.csv"
    call_command(
        "derive_layer", "regions", "--from", "bairros", "--table", str(table), "--publish", stdout=StringIO()
    )
    place = place_at(LngLat(-51.2287, -30.0324))
    assert place.area("bairros").code == "centro-historico"
    assert place.area("regions").code == "regiao-16"


@needs_data
@pytest.mark.needs_data
def test_the_official_coordinates_agree_with_the_published_ones():
    load(DATA / "poa_bairros_lc12112_16_official.zip", "--publish", layer="official", name_field="NOME")
    load(DATA / "poa_bairros_simpl5m.geojson", "--publish", layer="simple", name_field=_first_field())
    areas = {
        slug: sum(Feature.objects.filter(version__layer__slug=slug).values_list("area_m2", flat=True))
        for slug in ("official", "simple")
    }
    assert areas["official"] == pytest.approx(areas["simple"], rel=1e-3)


def _first_field():
    document = json.loads((DATA / "poa_bairros_simpl5m.geojson").read_text("utf-8"))
    return next(k for k in document["features"][0]["properties"] if k.startswith("nome"))
