"""The same heat tiles as other people make them: every point of the tile, for the browser to count."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from vectortiles import VectorLayer
from vectortiles.views import MVTView

from issues.lifecycle.models import Issue
from maps.filters import HeatFilters, parse_filters

RAW = """
SELECT ST_AsMVT(p, 'issues', 4096, 'geom') FROM (
    SELECT i.id, s.code, ST_AsMVTGeom(
               ST_Transform(i.public_geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s)) AS geom
      FROM issues_issue i JOIN issues_service s ON s.id = i.service_id
     WHERE i.public_geom && ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4326)
       AND s.precision <> 'area' AND i.opened_at >= %(since)s AND i.opened_at < %(before)s
       AND s.code = ANY (%(services)s)) AS p
"""


def raw_sql(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """Raw points by ST_AsMVT, the usual way."""
    with connection.cursor() as cursor:
        cursor.execute(RAW, {**parse_filters(request.GET).params(), "z": z, "x": x, "y": y})
        (tile,) = cursor.fetchone()
    return HttpResponse(bytes(tile), content_type="application/vnd.mapbox-vector-tile")


class IssueLayer(VectorLayer):
    """The issues of some filters, as django-vectortiles draws a model."""

    model = Issue
    id = "issues"
    tile_fields = ("id", "service_id")
    geom_field = "public_geom"

    def __init__(self, filters: HeatFilters) -> None:
        super().__init__()
        self.filters = filters

    def get_queryset(self):  # type: ignore[no-untyped-def]
        since, before = self.filters.opened
        return Issue.objects.filter(
            opened_at__gte=since, opened_at__lt=before, service__code__in=self.filters.services
        ).exclude(service__precision="area")


class VectorTiles(MVTView):
    """A tile by django-vectortiles."""

    def get_layers(self):  # type: ignore[no-untyped-def]
        return [IssueLayer(parse_filters(self.request.GET))]
