"""The real addresses and the floor that intake is measured against."""

import json

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from tests.benchmarks import peers


@csrf_exempt
def one_insert(request: HttpRequest) -> JsonResponse:
    """The least a report could cost: read JSON, insert a row with a point, commit, answer."""
    body = json.loads(request.body)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_floor (body, geom)"
            " VALUES (%s, ST_SetSRID(ST_MakePoint(%s, %s), 4326)) RETURNING id",
            [body["description"], body["lng"], body["lat"]],
        )
        (number,) = cursor.fetchone()
    return JsonResponse({"id": number}, status=201)


urlpatterns = [
    path("bench/floor", one_insert),
    path("bench/raw/<int:z>/<int:x>/<int:y>.mvt", peers.raw_sql),
    path("bench/vectortiles/<int:z>/<int:x>/<int:y>", peers.VectorTiles.as_view()),
    path("", include("geo_central.urls")),
]
