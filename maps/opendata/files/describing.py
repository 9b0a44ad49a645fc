"""What machines and people read about the datasets: catalogue, dictionary, code that opens the files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from maps.opendata.collections import COLLECTIONS, Collection

from .datasets import FORMATS
from .shelf import Edition, File, Index, Part

_EU = "http://publications.europa.eu/resource/authority"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "gsp": "http://www.opengis.net/ont/geosparql#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_TYPES = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean", "date": "date"}


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code that opens a dataset."""

    tool: str
    code: str


def dictionary(of: Collection, edition: Edition | None) -> dict[str, Any]:
    """The columns as a Frictionless Table Schema (v1), with the schema's number."""
    fields = [
        {
            "name": c.name,
            "type": _TYPES.get(c.kind, c.kind),
            "title": str(c.title),
            "description": str(c.help_text),
        }
        for c in of.columns
    ]
    body: dict[str, Any] = {"name": of.slug, "title": str(of.title), "description": str(of.help_text)}
    body |= {"version": str(edition.schema)} if edition else {}
    body |= {"geometryType": of.geometry, "crs": "OGC:CRS84"} if of.geometry else {}
    return body | {"fields": fields} | ({"primaryKey": [of.id_column]} if of.id_column else {})


def catalogue(root: str, shelves: Sequence[tuple[str, Index | None]]) -> dict[str, Any]:
    """DCAT 3 as JSON-LD of what stands on the shelves. `root`: the page's address, ending in a slash."""
    city = settings.CITY
    sets = [_dataset(root, COLLECTIONS[slug], found) for slug, found in shelves if found and found.editions]
    return {
        "@context": _CONTEXT,
        "@id": root,
        "@type": "dcat:Catalog",
        "dct:title": {"@value": f"{_('Dados abertos')} · {city.name}", "@language": "pt-BR"},
        "dct:description": {"@value": f"{city.service_name}, {city.name}", "@language": "pt-BR"},
        "dct:language": {"@id": f"{_EU}/language/POR"},
        "dct:publisher": _publisher(),
        "dct:license": {"@id": city.licence_url},
        "foaf:homepage": {"@id": root},
        "dcat:dataset": sets,
    }


def _publisher() -> dict[str, Any]:
    name = f"{settings.CITY.service_name} · {settings.CITY.name}"
    return {"@type": "foaf:Organization", "foaf:name": name}


def _dataset(root: str, of: Collection, found: Index) -> dict[str, Any]:
    edition, city, address = found.editions[0], settings.CITY, f"{root}{of.slug}/"
    west, south, east, north = edition.whole.bbox or city.bounds
    ring = ", ".join(f"{x} {y}" for x, y in
                     ((west, south), (east, south), (east, north), (west, north), (west, south)))  # fmt: skip
    body: dict[str, Any] = {
        "@id": address,
        "@type": "dcat:Dataset",
        "dct:identifier": of.slug,
        "dct:title": {"@value": str(of.title), "@language": "pt-BR"},
        "dct:description": {"@value": str(of.help_text), "@language": "pt-BR"},
        "dct:publisher": _publisher(),
        "dct:license": {"@id": city.licence_url},
        "dct:accrualPeriodicity": {"@id": f"{_EU}/frequency/DAILY"},
        "dct:modified": {"@value": edition.made_at.isoformat(), "@type": "xsd:dateTime"},
        "dcat:version": edition.name,
        "dct:spatial": {
            "@type": "dct:Location",
            "dcat:bbox": {"@value": f"POLYGON(({ring}))", "@type": "gsp:wktLiteral"},
        },
        "dcat:landingPage": {"@id": address},
        "dcat:distribution": [
            _distribution(address, of, part, file) for part in edition.parts for file in part.files
        ],
    }
    if edition.months:
        first, last = edition.months[-1].month, edition.months[0].month
        body["dct:temporal"] = {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@value": first, "@type": "xsd:gYearMonth"},
            "dcat:endDate": {"@value": last, "@type": "xsd:gYearMonth"},
        }
    return body


def _distribution(address: str, of: Collection, part: Part, file: File) -> dict[str, Any]:
    form = FORMATS[file.format]
    title = " · ".join(filter(None, (str(of.title), part.month, form.name)))
    return {
        "@id": f"{address}{file.name}",
        "@type": "dcat:Distribution",
        "dct:title": {"@value": title, "@language": "pt-BR"},
        "dct:license": {"@id": settings.CITY.licence_url},
        "dct:format": {"@id": f"{_EU}/file-type/{form.authority}"},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{form.media_type}"},
        "dcat:downloadURL": {"@id": f"{address}{file.name}"},
        "dcat:accessURL": {"@id": address},
        "dcat:byteSize": {"@value": str(file.bytes), "@type": "xsd:nonNegativeInteger"},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@value": file.sha256, "@type": "xsd:hexBinary"},
        },
    }


def snippets(of: Collection, address: str) -> list[Snippet]:
    """Code that opens the dataset. `address`: of its page, ending in a slash."""
    parquet, gpkg, csv = (f"{address}{of.slug}.{form}" for form in ("parquet", "gpkg", "csv"))
    local = f"{of.slug}.parquet"
    if of.geometry:
        python = f'gdf = geopandas.read_parquet("{local}")\nprint(gdf.head())'
        r = f'library(sf)\ndados <- st_read("{gpkg}")\nplot(st_geometry(dados))'
    else:
        python = f'df = pandas.read_parquet("{local}")\nprint(df.head())'
        r = f'dados <- read.csv("{csv}", encoding = "UTF-8")\nsummary(dados)'
    library = "geopandas" if of.geometry else "pandas"
    fetch = f'from urllib.request import urlretrieve\n\nurlretrieve("{parquet}", "{local}")'
    python = f"import {library}\n{fetch}\n{python}"
    return [
        Snippet("geopandas" if of.geometry else "pandas", python),
        Snippet("R", r),
        Snippet("QGIS", f"/vsicurl/{gpkg}"),
        Snippet("curl", f'curl --fail --location --remote-name "{csv}"'),
    ]
