"""Feeds of what is new, by service, theme, area or piece of the map: Atom (RFC 4287), RSS 2.0, GeoRSS."""

import hashlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from geo_central.kernel import clock
from geo_central.kernel.errors import Malformed
from geo_central.kernel.geo import parse_box, parse_ring
from maps.filters import parse_filters
from maps.opendata.feed import Entry, entries

KEPT = "public, max-age=120"
NAMES = ("service", "theme", "area", "bbox", "polygon")
GEORSS = "http://www.georss.org/georss"


class Atom(Atom1Feed):
    """With a point, where it is public."""

    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:georss": GEORSS}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        _add_point(handler, item)


class Rss(Rss201rev2Feed):
    """With a point, where it is public."""

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:georss": GEORSS}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        _add_point(handler, item)


FORMS: dict[str, type[Atom] | type[Rss]] = {"atom": Atom, "rss": Rss}


@gzip_page
@vary_on_headers("Accept-Language")
@require_safe
def feed(request: HttpRequest, form: str) -> HttpResponseBase:
    """The newest hundred. Raises Malformed `field.unknown` and what `parse_filters`, `parse_box` and
    `parse_ring` raise.
    """
    for name in request.GET:
        if name not in NAMES:
            raise Malformed("field.unknown", field=name[:80])
    filters = parse_filters(request.GET)
    box = parse_box(request.GET["bbox"]) if request.GET.get("bbox") else None
    drawn = request.GET.get("polygon", "")[:8000]
    found = entries(filters, box, ring=parse_ring(drawn) if drawn else "", now=clock.now())
    newest = found[0].at.astimezone(UTC) if found else datetime(1970, 1, 1, tzinfo=UTC)
    version = f"{form} {get_language()} {request.build_absolute_uri()} {found}"
    etag = f'W/"{hashlib.blake2b(version.encode(), digest_size=12).hexdigest()}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        asked = filters.query() + (f"&bbox={request.GET['bbox']}" if box else "")
        asked += f"&polygon={drawn}" if drawn else ""
        made = _made(request, form, asked, found, newest)
        response = HttpResponse(made.writeString("utf-8"), content_type=made.content_type)
    response["ETag"] = etag
    response["Cache-Control"] = KEPT
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _made(request: HttpRequest, form: str, asked: str, found: list[Entry], newest: datetime) -> Atom | Rss:
    # Ids outlive addresses (RFC 4287, 4.2.6): they name the city, not the host that was asked.
    tag = f"tag:{settings.CITY.jurisdiction or urlsplit(settings.ORIGIN).hostname},2026"
    made = FORMS[form](
        title=_("Pedidos em %(city)s") % {"city": settings.CITY.name},
        link=request.build_absolute_uri(reverse("maps:heat")),
        description=_("Pedidos feitos e encerrados, dos últimos 90 dias."),
        language=get_language(),
        author_name=settings.CITY.service_name,
        feed_url=request.build_absolute_uri(),
        feed_guid=f"{tag}:feed/{form}?{asked}",
        updated=newest,
    )
    for entry in found:
        made.add_item(
            title=_title(entry),
            link=request.build_absolute_uri(reverse("citizen:issue", args=[entry.protocol])),
            description=". ".join(t for t in (entry.address, entry.neighbourhood, entry.description) if t),
            unique_id=f"{tag}:{entry.protocol}/{entry.what}/{entry.at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            unique_id_is_permalink=False,
            pubdate=entry.at.astimezone(UTC),
            updateddate=entry.at.astimezone(UTC),
            categories=[entry.service],
            point=(entry.lat, entry.lng) if entry.lat is not None else None,
        )
    return made


def _title(entry: Entry) -> str:
    facts = {"service": entry.service_name}
    said = _("Novo: %(service)s") if entry.what == "opened" else _("Encerrado: %(service)s")
    return f"{said % facts} · {entry.neighbourhood}" if entry.neighbourhood else said % facts


def _add_point(handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
    if item["point"]:
        lat, lng = item["point"]
        handler.addQuickElement("georss:point", f"{lat:.6f} {lng:.6f}")
