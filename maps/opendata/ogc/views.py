"""`/ogc/`: JSON for programs, pages for people; what is refused is a problem document that names why."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, Malformed, NotFound

from . import documents
from .asking import Asked, make_cursor, parse_asked, parse_crs_only
from .documents import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Document, link
from .openapi import document
from .published import Published, begins, find, published
from .reading import hits, item, items

KEPT = "public, max-age=60"
P = ParamSpec("P")


def _shown(
    view: Callable[Concatenate[HttpRequest, bool, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Tell the view whether a page is asked for, word what is refused, let any site read the answer."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        form = request.GET.get("f", "")
        page = form == "html" or (not form and _prefers_page(request))
        if not page:
            request.write_problem = _problem  # type: ignore[attr-defined]
        if form not in ("", "json", "html"):
            raise Malformed("field.not_a_choice", field="f", value=form[:40])
        response = view(request, page, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Cache-Control"] = KEPT
        patch_vary_headers(response, ["Accept", "Accept-Language"])
        return response

    return gzip_page(require_safe(answer))


def _prefers_page(request: HttpRequest) -> bool:
    return request.get_preferred_type([JSON, GEOJSON, HTML]) == HTML


def _problem(error: DomainError, said: str) -> HttpResponse:
    """RFC 9457. The standard knows one status for whatever cannot be read."""
    status = 404 if isinstance(error, NotFound) else 400
    body = {"type": f"/docs/errors#{error.code}", "title": said, "status": status, "code": error.code}
    body |= {"field": error.field} if error.field else {}
    response = JsonResponse(body, status=status, content_type="application/problem+json")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@_shown
def landing(request: HttpRequest, page: bool) -> HttpResponseBase:
    """Where everything is; as a page, how QGIS and others connect."""
    _only_format(request)
    root = _root(request)
    if page:
        return render(request, "maps/ogc_landing.html", {"root": root, "collections": published()})
    return JsonResponse(documents.landing(root))


@_shown
def conformance(request: HttpRequest, page: bool) -> HttpResponseBase:
    """Which classes of the standard are kept."""
    _only_format(request)
    return JsonResponse(documents.conformance())


@_shown
def api(request: HttpRequest, page: bool) -> HttpResponseBase:
    """The OpenAPI document."""
    _only_format(request)
    return JsonResponse(document(_root(request), published()), content_type=OPENAPI)


@_shown
def collections(request: HttpRequest, page: bool) -> HttpResponseBase:
    """Every collection."""
    _only_format(request)
    if page:
        return render(request, "maps/ogc_landing.html", {"root": _root(request), "collections": published()})
    return JsonResponse(documents.collections(_root(request), published(), begins()))


@_shown
def collection(request: HttpRequest, page: bool, slug: str) -> HttpResponseBase:
    """One collection: what it holds and by what it can be asked."""
    _only_format(request)
    one = find(slug)
    if page:
        context = {"one": one, "root": _root(request), "filters": {c.name for c in one.filters}}
        return render(request, "maps/ogc_collection.html", context)
    return JsonResponse(documents.collection(_root(request), one, begins()))


@_shown
def schema(request: HttpRequest, page: bool, slug: str) -> HttpResponseBase:
    """The columns of a collection as JSON Schema."""
    _only_format(request)
    return JsonResponse(documents.schema(_root(request), find(slug)), content_type=SCHEMA)


@_shown
def features(request: HttpRequest, page: bool, slug: str) -> HttpResponseBase:
    """A page of features, or how many there are."""
    one = find(slug)
    asked = parse_asked(request.GET, one)
    stamp = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    if asked.only_count:
        body: Document = {"type": "FeatureCollection", "features": [], "links": [], "timeStamp": stamp}
        return JsonResponse(
            {**body, "numberMatched": hits(one, asked), "numberReturned": 0}, content_type=GEOJSON
        )
    found = items(one, asked)
    following = ""
    if found.next_after is not None:
        query = request.GET.copy()
        query["cursor"] = make_cursor(found.next_after)
        following = query.urlencode()
    if page:
        return _features_page(request, one, found.features, following)
    links = _links(request, one, following)
    head: Document = {"type": "FeatureCollection", "timeStamp": stamp, "numberReturned": len(found.features)}
    if asked.after is None and not following:
        head["numberMatched"] = len(found.features)
    head["links"] = links
    response = HttpResponse(
        f'{_json(head)[:-1]},"features":[{",".join(found.features)}]}}', content_type=GEOJSON
    )
    return _with_headers(response, asked, links)


@_shown
def feature(request: HttpRequest, page: bool, slug: str, name: str) -> HttpResponseBase:
    """One feature."""
    one, crs = find(slug), parse_crs_only(request.GET)
    text = item(one, name, crs)
    if page:
        return _features_page(request, one, [text], "")
    here = f"{_root(request)}collections/{one.slug}"
    links = [link(f"{here}/items/{name}", "self", GEOJSON), link(here, "collection", JSON)]
    response = HttpResponse(f'{text[:-1]},"links":{_json(links)}}}', content_type=GEOJSON)
    response["Content-Crs"] = f"<{crs.uri}>"
    return response


def _features_page(request: HttpRequest, one: Published, features: Any, following: str) -> HttpResponseBase:
    read = [json.loads(f) for f in features]
    rows = [{"id": f["id"], "values": [_cell(f["properties"][c.name]) for c in one.of.columns]} for f in read]
    context = {"one": one, "rows": rows, "following": following, "columns": one.of.columns}
    return render(request, "maps/ogc_items.html", context)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return _("sim") if value else _("não")
    return "" if value is None else str(value)


def _links(request: HttpRequest, one: Published, following: str) -> list[Document]:
    here = f"{_root(request)}collections/{one.slug}"
    asked = request.GET.copy()
    asked["f"] = "html"
    query = request.GET.urlencode()
    links = [
        link(f"{here}/items{'?' if query else ''}{query}", "self", GEOJSON),
        link(f"{here}/items?{asked.urlencode()}", "alternate", HTML),
        link(here, "collection", JSON),
    ]
    return [*links, link(f"{here}/items?{following}", "next", GEOJSON)] if following else links


def _with_headers(response: HttpResponse, asked: Asked, links: list[Document]) -> HttpResponse:
    response["Content-Crs"] = f"<{asked.crs.uri}>"
    response["Link"] = ", ".join(f'<{x["href"]}>; rel="{x["rel"]}"; type="{x["type"]}"' for x in links)
    return response


def _only_format(request: HttpRequest) -> None:
    for name in request.GET:
        if name != "f":
            raise Malformed("field.unknown", field=name[:80])


def _root(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("ogc:landing"))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
