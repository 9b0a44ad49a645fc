"""Feeds of what is new, by service, theme, area or piece of the map: Atom (RFC 4287), RSS 2.0, GeoRSS."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from geo_central.kernel import clock
from geo_central.kernel.errors import Malformed
from geo_central.kernel.geo import parse_box
from maps.filters import parse_filters
from maps.opendata.feed import Entry, entries

KEPT = "public, max-age=120"
NAMES = ("service", "theme", "area", "bbox")
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


FORMS: dict[str, type[SyndicationFeed]] = {"atom": Atom, "rss": Rss}


@gzip_page
@vary_on_headers("Accept-Language")
@require_safe
def feed(request: HttpRequest, form: str) -> HttpResponseBase:
    """The newest hundred. Raises Malformed `field.unknown` and what `parse_filters` and `parse_box` raise."""
    for name in request.GET:
        if name not in NAMES:
            raise Malformed("field.unknown", field=name[:80])
    filters = parse_filters(request.GET)
    box = parse_box(request.GET["bbox"]) if request.GET.get("bbox") else None
    found = entries(filters, box, now=clock.now())
    newest = found[0].at.astimezone(UTC) if found else datetime(1970, 1, 1, tzinfo=UTC)
    etag = f'W/"{hashlib.blake2b(f"{form} {get_language()} {found}".encode(), digest_size=12).hexdigest()}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        made = _made(request, form, found, newest)
        response = HttpResponse(made.writeString("utf-8"), content_type=made.content_type)
    response["ETag"] = etag
    response["Cache-Control"] = KEPT
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _made(request: HttpRequest, form: str, found: list[Entry], newest: datetime) -> SyndicationFeed:
    made = FORMS[form](
        title=_("Pedidos em %(city)s") % {"city": settings.CITY.name},
        link=request.build_absolute_uri(reverse("maps:heat")),
        description=_("Pedidos feitos e encerrados, dos últimos 90 dias."),
        language=get_language(),
        author_name=settings.CITY.service_name,
        feed_url=request.build_absolute_uri(),
        feed_guid=request.build_absolute_uri(),
        updated=newest,
    )
    host = request.get_host().partition(":")[0]
    for entry in found:
        made.add_item(
            title=_title(entry),
            link=request.build_absolute_uri(reverse("citizen:issue", args=[entry.protocol])),
            description=". ".join(t for t in (entry.address, entry.neighbourhood, entry.description) if t),
            unique_id=f"tag:{host},2026:{entry.protocol}/{entry.what}/{entry.at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
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
