"""`/dados/`: what there is, what it means, what changed, and the files."""

import csv
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from geo_central.kernel.errors import NotFound
from maps.opendata.collections import COLLECTIONS, Collection
from maps.opendata.files import describing, shelf
from maps.opendata.files.datasets import FORMATS, find
from maps.opendata.files.shelf import Edition, File, Part

from .downloads import download

_DAY = 86_400
_CURRENT = 300


@dataclass(frozen=True, slots=True)
class Link:
    """A file as pages offer it."""

    name: str
    address: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A dataset in a list; without an edition before the first job."""

    of: Collection
    edition: Edition | None
    files: list[Link]


@gzip_page
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every dataset: what it is, how many rows, when made, its files."""
    shown = []
    for of in COLLECTIONS.values():
        edition = _current(of.slug)
        shown.append(Shown(of, edition, _links(of.slug, edition.whole) if edition else []))
    made = [s.edition.made_at for s in shown if s.edition]
    return render(
        request,
        "maps/datasets.html",
        {"datasets": shown, "made_at": max(made, default=None), "city_facts": settings.CITY},
    )


@gzip_page
@require_safe
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """One dataset. Raises NotFound `collection.unknown`."""
    of = find(slug)
    found = shelf.index(slug)
    editions = found.editions if found else ()
    edition = editions[0] if editions else None
    tiles = edition.whole.file("pmtiles") if edition else None
    context: dict[str, Any] = {
        "of": of,
        "city_facts": settings.CITY,
        "edition": edition,
        "checked_at": found.checked_at if found else None,
        "files": _links(slug, edition.whole) if edition else [],
        "months": [(p, _links(slug, p)) for p in edition.months] if edition else [],
        "older": [(e, _links(slug, e.whole, e.name)) for e in editions[1:]],
        "tiles": _address(slug, tiles.name) if tiles and edition else "",
        "bbox": ",".join(f"{side:.6f}" for side in (edition.whole.bbox if edition else None) or ()),
        "header": [c.partition(":")[0] for c in edition.columns] if edition else [],
        "snippets": describing.snippets(of, request.build_absolute_uri(reverse("maps:dataset", args=[slug]))),
    }
    return render(request, "maps/dataset.html", context)


@require_safe
def file(request: HttpRequest, slug: str, name: str, edition: str = "") -> HttpResponseBase:
    """A file of the edition in service, or of a kept older one. Raises NotFound `dataset.no_file`."""
    find(slug)
    found = shelf.index(slug)
    for one in found.editions if found else ():
        held = one.find(name) if edition in ("", one.name) else None
        if held is not None:
            part, wanted = held
            try:
                return download(
                    request,
                    shelf.path(slug, part, wanted),
                    media_type=FORMATS[wanted.format].media_type,
                    etag=wanted.sha256,
                    modified=one.made_at.timestamp(),
                    max_age=_DAY if edition else _CURRENT,
                )
            except FileNotFoundError:  # a newer edition has just taken its place
                break
        if not edition:
            break
    raise NotFound("dataset.no_file", field="file", file=name[:80])


@gzip_page
@require_safe
def dictionary(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """The columns and their meanings as JSON (Frictionless Table Schema) or CSV."""
    of = find(slug)
    body = describing.dictionary(of, _current(slug))
    if form == "json":
        response: HttpResponse = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    else:
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        names = ["name", "type", "title", "description"]
        csv.writer(response).writerows([names, *([f[n] for n in names] for f in body["fields"])])
    response["Access-Control-Allow-Origin"] = "*"
    return response


@gzip_page
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """DCAT as JSON-LD."""
    root = request.build_absolute_uri(reverse("maps:datasets"))
    body = describing.catalogue(root, [(slug, shelf.index(slug)) for slug in COLLECTIONS])
    response = JsonResponse(
        body, content_type="application/ld+json", json_dumps_params={"ensure_ascii": False}
    )
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _current(slug: str) -> Edition | None:
    found = shelf.index(slug)
    return found.editions[0] if found and found.editions else None


def _links(slug: str, part: Part, edition: str = "") -> list[Link]:
    return [_link(slug, f, edition) for f in part.files]


def _link(slug: str, held: File, edition: str) -> Link:
    name = (
        "Parquet"
        if held.format == "parquet" and not COLLECTIONS[slug].geometry
        else FORMATS[held.format].name
    )
    return Link(name, _address(slug, held.name, edition), held.bytes, held.sha256)


def _address(slug: str, name: str, edition: str = "") -> str:
    if edition:
        return reverse("maps:dataset-edition-file", args=[slug, edition, name])
    return reverse("maps:dataset-file", args=[slug, name])
