"""Files are read to their end before anything is believed. No database."""

import gzip
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow
import pyogrio.raw
import pytest
import shapely
from pyarrow import parquet
from pyproj import CRS

from issues.intake.importing.faults import ImportFault
from issues.intake.importing.mapping import parse_mapping, read_mapping
from issues.intake.importing.reading import open_mapped, open_table

ROOT = Path(__file__).resolve().parents[2]
MAPPING = parse_mapping({"source": "s", "default_service": "x", "columns": {"opened_at": "when"}}, "m.toml")


def test_batches_begin_after_the_rows_skipped(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('when,what\n1,"a\nb"\n2,b\n3,c\n')
    table = open_table(path)
    assert table.columns == ("when", "what")
    assert list(table.batches(2, skip=1)) == [[["2", "b"], ["3", "c"]]]


def test_a_truncated_gzip_is_refused_whole(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"when\n" + b"\n".join(b"%d" % n for n in range(9999)))[:-200])
    with pytest.raises(ImportFault, match="cortado") as caught:
        open_table(path)
    assert caught.value.row > 0


def test_mixed_encodings_name_the_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("when\nação\n".encode() + "ação\n".encode("latin-1") + b"end\n")
    with pytest.raises(ImportFault, match=r"linha 3: .*utf-8.*encoding"):
        open_table(path)


def test_a_wrong_delimiter_is_suspected(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("when;what\n1;2\n")
    with pytest.raises(ImportFault, match="confira delimiter"):
        open_mapped(path, MAPPING)


def test_a_missing_column_is_named_with_those_there_are(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("then,what\n1,2\n")
    with pytest.raises(ImportFault, match=r"sem a coluna when.*then, what"):
        open_mapped(path, MAPPING)


@pytest.mark.parametrize("name", ["none.csv", "a.xyz"])
def test_what_cannot_be_opened_is_told(tmp_path, name):
    (tmp_path / "a.xyz").touch()
    with pytest.raises(ImportFault, match="→"):
        open_table(tmp_path / name)


@pytest.mark.parametrize(("name", "driver"), [("a.gpkg", "GPKG"), ("a.geojson", "GeoJSON")])
def test_geographic_files_bring_their_points(tmp_path, name, driver):
    path = tmp_path / name
    shapes = shapely.to_wkb(shapely.points([[-51.2, -30.0], [-51.1, -30.1]]))
    pyogrio.raw.write(
        path, shapes, [np.array(["a", "b"], dtype=object)], ["what"],
        driver=driver, geometry_type="Point", crs="EPSG:4326",
    )  # fmt: skip
    table = open_table(path)
    assert table.total == 2
    assert list(table.rows) == [("a", "-51.2", "-30.0"), ("b", "-51.1", "-30.1")]


def test_open311_requests_are_rows(tmp_path):
    path = tmp_path / "requests.json"
    path.write_text(json.dumps([{"service_request_id": 9, "lat": -30.0, "long": "-51.2", "media_url": "x"}]))
    table = open_table(path)
    row = dict(zip(table.columns, next(table.rows), strict=True))
    assert (row["service_request_id"], row["lat"], row["long"], row["status"]) == ("9", "-30.0", "-51.2", "")


def test_broken_json_is_told(tmp_path):
    path = tmp_path / "requests.json"
    path.write_text('{"a": 1}')
    with pytest.raises(ImportFault, match="Open311"):
        open_table(path)


def test_parquet_is_read_part_by_part(tmp_path):
    path = tmp_path / "a.parquet"
    when = [datetime(2020, 1, 1, 10, 30), None, datetime(2020, 1, 3)]
    table = pyarrow.table({"when": when, "n": [3, 4, None], "tags": [["a"], None, []]})
    parquet.write_table(table, path, row_group_size=1)
    table = open_table(path)
    assert (table.columns, table.total) == (("when", "n", "tags"), 3)
    first, second, third = table.rows
    assert datetime.fromisoformat(first[0]) == when[0]
    assert first[1:] == ("3", "['a']")
    assert second == ("", "4", "")
    assert third[1:] == ("", "[]")


def test_geoparquet_brings_its_points(tmp_path):
    path = tmp_path / "a.parquet"
    about = {"encoding": "WKB", "geometry_types": ["Point"], "crs": json.loads(CRS("EPSG:31982").to_json())}
    declared = {"version": "1.1.0", "primary_column": "geom", "columns": {"geom": about}}
    shapes = shapely.to_wkb(shapely.points([[478500, 6677000]]))
    table = pyarrow.table({"geom": list(shapes), "what": ["a"]})
    parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(declared)}), path)
    table = open_table(path)
    assert table.columns == ("what", "geometry.x", "geometry.y")
    assert list(table.rows) == [("a", "478500.0", "6677000.0")]
    assert CRS(table.crs) == CRS("EPSG:31982")


def test_a_parquet_cut_short_is_told(tmp_path):
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"n": list(range(9999))}), path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ImportFault, match="inteiro"):
        open_table(path)


@pytest.mark.parametrize("path", sorted((ROOT / "fixtures/imports").glob("*.toml")), ids=lambda p: p.stem)
def test_the_example_mappings_are_sound(path):
    assert read_mapping(path).columns.opened_at
