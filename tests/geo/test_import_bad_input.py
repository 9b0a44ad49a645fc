"""A file or a mapping that is wrong as a whole: one clear error, and nothing of it comes in."""

import csv
import gzip
import shutil
from io import StringIO
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from django.core.management import CommandError, call_command

from issues.lifecycle.models import Issue

pytestmark = pytest.mark.django_db
HEAD = ("id", "opened", "lng", "lat", "words")
MAPPING = """
source = "bad"
default_service = "tapa-buracos"
[columns]
external_id = ["id"]
opened_at = "opened"
lng = "lng"
lat = "lat"
description = ["words"]
"""


def lines(count: int = 300) -> list[tuple[object, ...]]:
    return [(f"B{n}", "2021-05-10 08:00", -51.23 + n * 1e-5, -30.03, "ação") for n in range(count)]


def text(rows=None, *, delimiter: str = ",") -> str:
    out = StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(HEAD)
    writer.writerows(rows or lines())
    return out.getvalue()


def refused(path: Path, mapping: str = MAPPING) -> str:
    """What the command says of a file that it does not take; checks that nothing of it came in."""
    (path.parent / "m.toml").write_text(mapping)
    with pytest.raises(CommandError) as caught:
        call_command(
            "import_requests", path, mapping=path.parent / "m.toml", report=path.parent / "refused.csv",
            batch=100, writers=0, stdout=StringIO(), stderr=StringIO(),
        )  # fmt: skip
    assert not Issue.objects.filter(source="bad").exists()
    assert not list(path.parent.glob("*.progress.json"))
    said = str(caught.value)
    assert "→" in said
    return said


def test_a_truncated_gzip(tmp_path):
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(text().encode())[:-40])
    assert "cut.csv.gz, linha" in (said := refused(path))
    assert "copie o arquivo outra vez" in said


def test_a_gzip_that_is_none(tmp_path):
    path = tmp_path / "plain.csv.gz"
    path.write_text(text())
    assert "plain.csv.gz, linha 1" in refused(path)


def test_a_wrong_delimiter(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text(delimiter=";"))
    assert "a.csv, linha 1: sem a coluna opened → confira delimiter" in refused(path)


def test_a_mapping_that_names_a_missing_column(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text())
    said = refused(path, MAPPING.replace('"opened"', '"aberto"'))
    assert "linha 1: sem a coluna aberto → o arquivo tem: id, opened, lng, lat, words" in said


def test_coordinates_of_another_system(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text())
    assert "linha 1: as coordenadas não são desta cidade" in (
        said := refused(path, 'crs = "EPSG:31982"' + MAPPING)
    )
    assert "confira crs (é EPSG:31982)" in said


def test_a_geopackage_that_says_the_wrong_system(tmp_path):
    path = tmp_path / "a.gpkg"
    shapes = shapely.to_wkb(shapely.points([[-51.23, -30.03]] * 50))
    fields = [np.array(v, dtype=object) for v in ([f"B{n}" for n in range(50)], ["2021-05-10"] * 50)]
    pyogrio.raw.write(
        path, shapes, fields, ["id", "opened"], driver="GPKG", geometry_type="Point", crs="EPSG:31982"
    )
    mapping = MAPPING.replace('lng = "lng"\nlat = "lat"\ndescription = ["words"]\n', "")
    assert "confira" in (said := refused(path, mapping))
    assert "EPSG:31982" in said


def test_mixed_encodings_name_the_line(tmp_path):
    path = tmp_path / "a.csv"
    whole = text().encode().split(b"\r\n")
    whole[200] = whole[200].decode().encode("cp1252")
    path.write_bytes(b"\r\n".join(whole))
    assert "a.csv, linha 201: não é texto utf-8" in (said := refused(path))
    assert "cp1252" in said


def test_a_quote_that_is_never_closed_is_found_before_the_first_batch(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text() + 'B999,2021-05-10 08:00,-51.23,-30.03,"never closed\n')
    assert "linha ilegível" in (said := refused(path))
    assert "confira aspas" in said


@pytest.mark.parametrize("name", ["a.xlsx", "a"])
def test_an_unknown_extension(tmp_path, name):
    path = tmp_path / name
    path.write_text(text())
    assert "formato desconhecido → use .csv" in refused(path)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.gpkg", "a.geojson", "a.parquet", "a.json"])
def test_an_empty_file(tmp_path, name):
    (tmp_path / name).touch()
    assert name in refused(tmp_path / name)


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.parquet", "a.json"])
def test_a_file_that_is_not_what_its_name_says(tmp_path, name):
    (tmp_path / name).write_text(text())
    assert name in refused(tmp_path / name)


def test_a_mapping_that_is_no_toml(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text())
    assert "m.toml: não é TOML" in refused(path, "source = ")


def test_a_report_that_cannot_be_written_stops_before_the_first_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text())
    (tmp_path / "refused.csv").mkdir()
    assert "refused.csv" in refused(path)
    shutil.rmtree(tmp_path / "refused.csv")
