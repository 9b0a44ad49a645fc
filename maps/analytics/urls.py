"""The addresses of this room, relative to `api/v1/`."""

from django.urls import path

from . import api

app_name = "analytics"
urlpatterns = [
    path("hotspots", api.collection, name="hotspots"),
    path("hotspots/editions", api.editions, name="hotspot-editions"),
    path("hotspots/<str:run>/density.png", api.picture, name="density-png"),
    path("hotspots/<str:run>/density.tif", api.geotiff, name="density-tif"),
]
