"""The programs that GIS analysts use read the city live: GDAL by its tools and by pyogrio."""

import re
import shutil
import subprocess

import geopandas
import pytest

from issues.lifecycle.models import Issue
from layers.queries import areas_of


@pytest.fixture(scope="module")
def address(live_city) -> str:
    return f"OAPIF:{live_city.url}/ogc/"


def test_geopandas_reads_every_request_page_by_page(address):
    frame = geopandas.read_file(address, layer="issues", engine="pyogrio")
    assert len(frame) == Issue.objects.count()
    assert set(frame["protocol"]) == set(Issue.objects.values_list("protocol", flat=True))
    assert frame.crs.to_string() == "OGC:CRS84"


def test_geopandas_reads_a_frame_and_the_areas(address):
    west, south, east, north = frame = (-51.24, -30.06, -51.20, -30.02)
    found = geopandas.read_file(address, layer="issues", bbox=frame, engine="pyogrio")
    inside = Issue.objects.extra(
        where=["public_geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326)"], params=[west, south, east, north]
    )
    assert set(found["protocol"]) == set(inside.values_list("protocol", flat=True))
    areas = geopandas.read_file(address, layer="areas-regions", engine="pyogrio")
    assert set(areas["code"]) == {a.code for a in areas_of("regions")}


@pytest.mark.skipif(not shutil.which("ogrinfo"), reason="GDAL's tools are not here")
def test_ogrinfo_lists_the_collections_and_counts_without_reading_them(address):
    listed = subprocess.run(["ogrinfo", address], capture_output=True, text=True, check=True).stdout
    assert {"issues", "areas-bairros", "services"} <= set(re.findall(r"\d+: ([\w-]+)", listed))
    facts = subprocess.run(["ogrinfo", "-so", address, "issues"], capture_output=True, text=True, check=True)
    assert f"Feature Count: {Issue.objects.count()}" in facts.stdout
