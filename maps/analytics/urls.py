"""The addresses of this room, relative to `api/v1/`."""

from django.urls import path

from . import api, api_runs

app_name = "analytics"
urlpatterns = [
    path("hotspots", api.collection, name="hotspots"),
    path("hotspots/editions", api.editions, name="hotspot-editions"),
    path("hotspots/runs", api_runs.Runs.as_view(), name="hotspot-runs"),
    path("hotspots/runs/<str:run>", api_runs.Run.as_view(), name="hotspot-run"),
    path("hotspots/<str:run>/density.png", api.picture, name="density-png"),
    path("hotspots/<str:run>/density.tif", api.geotiff, name="density-tif"),
]
